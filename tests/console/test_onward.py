"""After one task the next: behind what was done, in the order of Today, for whoever wants it so."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.seen import Seen
from tests.console.test_pages import BASE


def promised(console: ConsoleClient, home: str, hours: int) -> str:
    """A complaint that has to be handled within so many hours, and whose cause is known."""
    body = {"channel": "telephone", "category": "给排水", "matter": f"漏水{hours}", "content": "又漏了", "home": home}
    case_id = str(console.post(f"/offices/{OFFICE}/complaints", body, office=OFFICE).json()["id"])
    at = console.context.time_in(OFFICE)
    promise = {"measure": "派水工", "promised_by": (at + timedelta(hours=hours)).isoformat(), "told_at": at.isoformat()}
    found = {"findings": "接头老化", "root_cause": "接头老化"}
    for command, said in (("assess-complaint", promise), ("investigate-complaint", found)):
        answer = console.post(f"/offices/{OFFICE}/complaints/{case_id}/{command}", said, office=OFFICE)
        assert answer.status_code == 200, answer.text
    return case_id


def handled(console: ConsoleClient, case_id: str, **more: str) -> Any:
    """The form of the result, as it is shown for this task, sent."""
    page = console.seen(f"{BASE}/case/{case_id}?do=resolve-complaint")
    said = {name: page.fields[name] for name in ("queue", "version", "idempotency_key")}
    said |= {"result": "已换管", "done_by": "外:王师傅"} | more
    answer = console.send(f"{BASE}/do/resolve-complaint/{case_id}", said)
    assert answer.status_code == 303, re.findall(r"wy-fault.*?</div>|wy-wrong.*?</p>", answer.text, re.DOTALL)
    return answer


def test_one_goes_on_behind_what_was_done_to_the_form_of_the_next(estate: tuple[ConsoleClient, dict[str, str]]) -> None:
    console, homes = estate
    first, second, third = (promised(console, home, hours) for home, hours in zip(homes, (1, 2, 3), strict=False))

    answer = handled(console, second, onward="1")
    there = answer.headers["location"]
    assert there.startswith(f"{BASE}/case/{third}?do=resolve-complaint&done="), "behind it, not what is most urgent"
    assert there.endswith(f"&after={second}#do-resolve-complaint")
    assert "wuye_onward=1" in answer.headers["set-cookie"]

    headers = {"Cookie": "wuye_onward=1"}
    shown = console.ask("GET", there.partition("#")[0], office=OFFICE, headers=headers)
    assert f'href="{BASE}/case/{second}">看刚办的那一件' in shown.text
    assert re.search(r'name="onward" value="1" checked', shown.text), "what was chosen stays chosen"

    end = handled(console, third, onward="1").headers["location"]
    assert end.startswith(f"{BASE}/case/{first}?do=resolve-complaint&done="), "at the end one begins anew"


def test_who_does_not_want_it_stays_and_is_shown_the_way(estate: tuple[ConsoleClient, dict[str, str]]) -> None:
    console, homes = estate
    one, other = (promised(console, home, hours) for home, hours in zip(homes, (4, 5), strict=False))
    said = {"result": "已换管", "done_by": "外:王师傅"}
    page = console.seen(f"{BASE}/case/{one}?do=resolve-complaint")
    said |= {name: page.fields[name] for name in ("queue", "version", "idempotency_key")}
    headers = {"Cookie": "wuye_onward=1"}
    path = f"{BASE}/do/resolve-complaint/{one}"
    answer = console.ask("POST", path, office=OFFICE, data=said, headers=headers, follow_redirects=False)
    assert answer.headers["location"].startswith(f"{BASE}/case/{one}?done=")
    assert 'wuye_onward=""' in answer.headers["set-cookie"], "an empty box is remembered too"

    stays = console.seen(answer.headers["location"])
    assert "下一件：" in stays.text
    assert any("?do=" in link for link in stays.links if f"{BASE}/case/" in link and one not in link)
    assert other


def test_who_has_done_everything_is_told_so_on_today(estate: tuple[ConsoleClient, dict[str, str]]) -> None:
    console, _ = estate
    said = Seen(console.page(f"{BASE}/today?of=me&done=12&after=complaint-x").text)
    assert "已记入第 12 页；由我办的没有下一件了" in said.text
