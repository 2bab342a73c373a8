"""All notices that are due, over HTTP (§8.A): who only looks writes nothing, and who is left out is named with the reason."""

from __future__ import annotations

from typing import Any

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import get, post

CLERK, AUDITOR = Role.ADMINISTRATOR, Role.AUDITOR
PATH = "/offices/SIM/due-notices"


def test_one_request_issues_what_it_showed_before(api: ApiClient) -> None:
    api.simulated("SIM", "2025-01-31 16:00")
    for home in ("1-101", "1-102"):
        lives = str(post(api, "households", {"home": home, "name": "王"}, status=201)["id"])
        bill = {"household": lives, "period": "2025-01", "amount_fen": 30_000, "item": "物业服务费"}
        post(api, "bills", bill, status=201)
    api.until("SIM", "2025-02-20 09:00")
    seen: dict[str, Any] = get(api, PATH, CLERK, limit="1")
    [letter] = seen["notices"]
    assert (letter["total_fen"], letter["claims"][0]["late_fee_fen"], letter["stage"]) == (30_075, 75, 1)
    [other] = get(api, PATH, CLERK, limit="1", cursor=seen["next"])["notices"]
    assert other["household"] != letter["household"]
    assert api.post(PATH, {"means": "mailbox"}, AUDITOR, office="SIM").status_code == 403
    assert api.post(PATH, {"means": "by-owl"}, CLERK, office="SIM").status_code == 422
    made = api.post(PATH, {"means": "mailbox"}, CLERK, office="SIM").json()
    assert made == {"notices": [letter, other], "left_out": [], "next": None}
    assert get(api, PATH, CLERK)["notices"] == []
    api.until("SIM", "2025-03-05 09:00")
    left = get(api, PATH, CLERK)["left_out"]
    assert [each["code"] for each in left] == ["reason-missing"] * 2
    assert all(each["why_zh"] and each["clause"] == "8.B(5)" for each in left)
