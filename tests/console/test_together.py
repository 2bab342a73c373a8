"""Several rows of a register at once: each gets its own fact; what is refused is named, and the rest is done."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.console.bulk_actions import acts_of
from api.console.forms import inputs_of
from domain.cases import BY_PATH, CASES
from domain.kernel.people import Role
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.seen import Seen
from tests.console.test_pages import BASE

Estate = tuple[ConsoleClient, dict[str, str]]


def raised(console: ConsoleClient, *faults: str) -> list[str]:
    made = []
    for fault in faults:
        body = {"channel": "telephone", "fault_kind": fault, "common_area": "大堂"}
        made.append(str(console.post(f"/offices/{OFFICE}/repair-orders", body, office=OFFICE).json()["id"]))
    return made


def sent(console: ConsoleClient, path: str, said: list[tuple[str, str]], role: Role = Role.MANAGER) -> Any:
    body: dict[str, list[str]] = {}
    for name, value in said:
        body.setdefault(name, []).append(value)
    return console.ask("POST", f"{BASE}/registers/{path}/together", role, OFFICE, data=body, follow_redirects=False)


def asked(console: ConsoleClient, path: str, word: str, ids: list[str], **more: str) -> list[tuple[str, str]]:
    """What the page that asks once more would send."""
    answer = sent(console, path, [("do", word), *(("case", each) for each in ids)])
    assert answer.status_code == 200, answer.text
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text.partition("<main")[2])
    return [*fields, *more.items()]


def state(console: ConsoleClient, path: str, case_id: str) -> str:
    return str(console.get(f"/offices/{OFFICE}/{path}/{case_id}", Role.MANAGER, office=OFFICE).json()["state"])


def test_a_register_offers_what_its_rows_and_the_role_take(estate: Estate) -> None:
    console, _ = estate
    raised(console, "门禁失灵")
    page = console.page(f"{BASE}/registers/repair-orders", Role.MANAGER).text
    offered = re.findall(r'<option value="([a-z-]+)">', page.partition('id="together"')[2].partition("</select>")[0])
    assert "dispatch-repair-order" in offered
    assert 'name="case"' in page
    assert "打印</button>" not in page
    assert "维修单</button>" in page, "the handbook's form of those that are ticked"
    auditor = console.page(f"{BASE}/registers/repair-orders", Role.AUDITOR).text
    assert "一并办理" not in auditor, "who only reads prints, and does nothing"


def test_one_plumber_gets_several_orders_and_each_has_its_own_fact(estate: Estate) -> None:
    console, _ = estate
    ids = raised(console, "水龙头", "马桶", "地漏")
    form = asked(console, "repair-orders", "dispatch-repair-order", ids, to="外:许浩然", due_by="2025-04-02T18:00")
    done = sent(console, "repair-orders", form)
    assert "3 件已记入，0 件没有办成" in Seen(done.text).text
    assert {state(console, "repair-orders", each) for each in ids} == {"dispatched"}
    again = sent(console, "repair-orders", form)
    assert "3 件已记入" in Seen(again.text).text, "sent twice it is written once"
    versions = {console.get(f"/offices/{OFFICE}/repair-orders/{each}", office=OFFICE).json()["version"] for each in ids}
    assert versions == {2}


def test_what_is_refused_is_named_and_the_rest_is_done(estate: Estate) -> None:
    console, _ = estate
    one, two = raised(console, "顶灯", "射灯")
    form = asked(
        console, "repair-orders", "dispatch-repair-order", [one, two], to="外:许浩然", due_by="2025-04-02T18:00"
    )
    path, body = f"/offices/{OFFICE}/repair-orders/{two}/cancel-repair-order", {"reason": "重复报修"}
    assert console.post(path, body, Role.MANAGER, office=OFFICE).status_code == 200
    done = Seen(sent(console, "repair-orders", form).text)
    assert "1 件已记入，1 件没有办成" in done.text
    assert state(console, "repair-orders", one) == "dispatched"
    assert state(console, "repair-orders", two) == "cancelled"


def test_what_a_form_lacks_is_told_once_and_nothing_is_written(estate: Estate) -> None:
    console, _ = estate
    ids = raised(console, "窗把手", "门锁")
    answer = sent(console, "repair-orders", asked(console, "repair-orders", "dispatch-repair-order", ids))
    assert answer.status_code == 422
    page = Seen(answer.text)
    assert page.title.startswith("错误：")
    assert "必填" in page.text
    assert {state(console, "repair-orders", each) for each in ids} == {"raised"}
    assert len(re.findall(r'type="hidden" name="case"', answer.text)) == 2, "what was ticked stays ticked"


def test_rows_that_are_ticked_are_printed_each_on_its_sheet(estate: Estate) -> None:
    console, _ = estate
    ids = raised(console, "吊顶", "踢脚线")
    page = console.page(
        f"{BASE}/print/repair-order/all?case={ids[0]}&case={ids[1]}&do=close-repair-order", Role.MANAGER
    )
    assert page.status_code == 200
    assert page.text.count('class="wy-a4"') == 2
    for fault in ("吊顶", "踢脚线"):
        assert fault in page.text


@pytest.mark.parametrize("lifecycle", CASES, ids=lambda each: each.path)
def test_nothing_that_is_said_or_signed_of_each_is_said_of_many(lifecycle: Any) -> None:
    for command in acts_of(lifecycle):
        for each in inputs_of(command, "zh"):
            assert not (each.required and each.kind not in ("person", "day")), command
            assert "signature" not in each.name, command
            assert each.kind not in ("money", "choice", "records"), command


def test_what_nobody_brings_back_is_done_at_each(estate: Estate) -> None:
    console, homes = estate
    household = next(iter(homes.values()))
    assert command_names("households").isdisjoint({"EraseHousehold", "ConfirmFile", "MoveHouseholdOut"})
    answer = sent(console, "households", [("do", "erase-household"), ("case", household)])
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("rectifications", "VerifyRectification"),
        ("work-orders", "AcceptWorkOrder"),
        ("corrective-actions", "ApproveMeasures"),
        ("register-exports", "ApproveRegisterExport"),
        ("repair-orders", "InformClientOfRepair"),
    ],
)
def test_what_somebody_looked_at_told_or_judged_is_said_of_each(path: str, command: str) -> None:
    assert command in {step.command.__name__ for step in BY_PATH[path].steps}
    assert command not in command_names(path)


def command_names(path: str) -> set[str]:
    return {command.__name__ for command in acts_of(BY_PATH[path])}
