"""Numbers that the book keeps in hundredths are typed and read as everybody says them: square metres, readings, marks, yuan."""

from __future__ import annotations

from typing import Any

import pytest

from api.console.forms import inputs_of
from api.console.text import cited
from api.console.values import in_hundredths, label_of
from domain.cases import CASES
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.conftest import STANDARD
from tests.console.seen import Seen
from tests.console.test_forms import XH, send


@pytest.fixture
def standard(api: ApiClient) -> str:
    answer = api.post("/offices/XH/fee-standards", STANDARD, Role.MANAGER)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def attached(api: ApiClient, standard: str, quantity: str) -> Any:
    household = api.household("1-101")
    said = {"home": "1-101", "household": household, "quantity": quantity, "first": "2025-01-01"}
    return send(api, f"/do/attach-home/{standard}", said, Role.MANAGER)


def test_a_floor_area_is_typed_in_square_metres_and_read_so(api: ApiClient, standard: str) -> None:
    answer = attached(api, standard, "89.6")
    assert answer.status_code == 303, Seen(answer.text).text
    [row] = api.get("/offices/XH/registers/fee-attachments").json()["rows"]
    assert row["quantity"] == 8960
    assert "数量 89.60" in Seen(api.get(f"{XH}/case/{standard}", Role.MANAGER).text).text
    listed = Seen(api.get(f"{XH}/registers/fee-attachments?view=all", Role.MANAGER).text).text
    assert "89.60" in listed
    assert "8,960" not in listed


def test_what_is_no_number_is_told_at_its_field(api: ApiClient, standard: str) -> None:
    answer = attached(api, standard, "八十九")
    assert answer.status_code in (409, 422)
    assert "请填写数字，最多两位小数" in answer.text
    assert Seen(answer.text).fields["quantity"] == "八十九"


def test_no_form_asks_for_hundredths() -> None:
    commands = {row.command for lifecycle in CASES for row in lifecycle.steps}
    asked = [each for command in commands for each in inputs_of(command, "zh")]
    within = [inner for each in asked for inner in each.within]
    assert not [each.name for each in (*asked, *within) if "百分之一" in each.label]
    assert {each.kind for each in asked if each.name in ("reading", "end_reading")} == {"decimal"}


def test_a_count_stays_a_count() -> None:
    assert in_hundredths("reading", "MeterRow")
    assert label_of("reading", "MeterRow") == "读数"
    assert in_hundredths("quantity", "AttachmentRow")
    assert not in_hundredths("quantity", "ServiceOrderRow")
    assert not in_hundredths("number")


def test_an_amount_of_a_setting_is_typed_in_yuan(api: ApiClient) -> None:
    path = f"{XH}/settings/renovation.deposit_fen"
    page = Seen(api.get(path, Role.MANAGER).text)
    assert page.fields["value"] == "2,000.00"
    assert "分" not in page.text.partition("装修押金")[2][:20]
    said = {"value": "3000", "valid_from": "2030-01-01", "reason": "公司决定"}
    assert api.ask("POST", path, Role.MANAGER, data=said, follow_redirects=False).status_code == 303
    assert "¥3,000.00" in Seen(api.get(f"{XH}/settings", Role.MANAGER).text).text


def test_a_law_is_no_clause_of_the_handbook() -> None:
    assert (cited("zh", "4.9"), cited("en", "4.9")) == ("手册 4.9", "Handbook 4.9")
    assert (cited("zh", "民法典188"), cited("en", "民法典188")) == ("民法典188", "Civil Code 188")
