"""A patrol on the telephone: set out, seen points, what was found with its photo, and the end; each a fact of the day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen, codes_in, latin_in
from tests.console.test_case_papers import PICTURE
from tests.console.test_forms import XH, send

DUTY = Role.DUTY_OFFICER


@pytest.fixture(autouse=True)
def _home(api: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.context.settings, "home", tmp_path)


def today(api: ApiClient) -> str:
    """The address of the day's patrol, under the office's own."""
    to = api.get(f"{XH}/walk", DUTY, follow_redirects=False).headers["location"]
    assert "/walk/" in to
    return str(to).removeprefix(XH)


def walked(api: ApiClient, path: str, said: dict[str, str], **more: Any) -> Any:
    return send(api, path, said, DUTY, **more)


def test_a_patrol_is_walked_to_its_end_with_what_was_found(api: ApiClient) -> None:
    route = {
        "name": "夜巡",
        "points.0.code": "P1",
        "points.0.place": "东门",
        "points.1.code": "P2",
        "points.1.place": "泵房",
    }
    laid = send(api, "/open/patrol-routes/lay-out-patrol-route", route, Role.MANAGER)
    assert laid.status_code == 303, Seen(laid.text).text
    way = laid.headers["location"].partition("/case/")[2].partition("?")[0]
    path = today(api)
    page = Seen(api.get(f"{XH}{path}", DUTY).text)
    assert "夜巡" in page.text
    assert page.forbidden == []
    assert walked(api, path, {"do": "begin", "patrol_route": way}).status_code == 303
    page = Seen(api.get(f"{XH}{path}", DUTY).text)
    for words in ("东门", "泵房", "到了", "发现问题", "结束巡视"):
        assert words in page.text
    assert not codes_in(page) + latin_in(page)
    assert walked(api, path, {"do": "point", "point": "P1"}).status_code == 303
    assert "已到" in api.get(f"{XH}{path}", DUTY).text
    found = {"do": "finding", "subject": "safety", "place": "3 栋", "matter": "灭火器过期", "handling": "rectification"}
    without = walked(api, path, found)
    assert without.status_code == 409
    assert Seen(without.text).fields["place"] == "3 栋"
    files = {"photo": ("a.png", PICTURE, "image/png")}
    assert walked(api, path, found, files=files).status_code == 303
    case_id = path.partition("/walk/")[2]
    case = Seen(api.get(f"{XH}/case/{case_id}", DUTY).text)
    assert "照片 发现1" in case.text, case.text
    assert not codes_in(case)
    assert walked(api, path, {"do": "point", "point": "P2"}).status_code == 303
    ends = {"do": "end"} | {
        f"subjects.{number}.{name}": value
        for number, subject in enumerate(("cleaning-and-greening", "violations", "safety", "staff"))
        for name, value in (("subject", subject), ("good", "false" if subject == "safety" else "true"))
    }
    assert walked(api, path, ends).status_code == 303
    data = api.get(f"/offices/XH/patrols/{case_id}").json()
    assert data["state"] == "completed"
    assert "已经结束" in api.get(f"{XH}{path}", DUTY).text
    assert "/walk/" not in api.get(f"{XH}/walk", DUTY, follow_redirects=False).headers["location"]


def test_what_is_left_out_makes_it_incomplete_and_one_goes_on(api: ApiClient) -> None:
    path = today(api)
    assert walked(api, path, {"do": "begin"}).status_code == 303
    only = {"do": "end", "subjects.0.subject": "safety", "subjects.0.good": "true"}
    assert walked(api, path, only).status_code == 303
    assert "继续巡视" in api.get(f"{XH}{path}", DUTY).text
    assert walked(api, path, {"do": "resume"}).status_code == 303
    contradicts = walked(api, path, {"do": "end", "subjects.0.subject": "safety", "subjects.0.good": "false"})
    assert contradicts.status_code == 409
    assert "须先记录发现" in contradicts.text
    assert walked(api, path, {"do": "dance"}).status_code == 404


def test_what_waited_on_the_telephone_bears_the_time_at_which_it_was_written(api: ApiClient) -> None:
    api.simulated("SIM", "2025-03-03 09:00")
    base = "/console/SIM"

    def sent(path: str, **said: str) -> Any:
        return api.ask("POST", f"{base}{path}", DUTY, "SIM", data=said, follow_redirects=False)

    points = [{"code": "P1", "place": "东门", "by": "09:25:00"}, {"code": "P2", "place": "泵房", "by": "09:25:00"}]
    way = api.post("/offices/SIM/patrol-routes", {"name": "日巡", "points": points}, Role.MANAGER, office="SIM")
    assert way.status_code == 201, way.text
    walk = api.ask("GET", f"{base}/walk", DUTY, "SIM", follow_redirects=False).headers["location"].removeprefix(base)
    assert sent(walk, do="begin", patrol_route=way.json()["id"]).status_code == 303
    api.until("SIM", "2025-03-03 09:30")
    assert sent(walk, do="point", point="P1", waited="600").status_code == 303
    assert sent(walk, do="point", point="P2", waited="nonsense").status_code == 303
    case_id = walk.partition("/walk/")[2]
    seen = api.ask("GET", f"/offices/SIM/patrols/{case_id}", DUTY, "SIM").json()["data"]
    assert seen["seen"]["P1"].startswith("2025-03-03T01:20"), "ten minutes ago, and so in time"
    assert seen["late"] == ["P2"]
    found = {"do": "finding", "subject": "safety", "place": "3 栋", "matter": "灯不亮", "handling": "noted"}
    assert sent(walk, **found, waited="9000000").status_code == 303, "never before it set out"
