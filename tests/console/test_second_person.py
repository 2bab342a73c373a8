"""A setting that two decide: whoever proposed it waits or takes it back, the other confirms or refuses and says why."""

from __future__ import annotations

import re

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.console.seen import Seen, codes_in

SETTINGS = "/console/XH/settings"
COMPANY, MANAGER = Role.COMPANY, Role.MANAGER


def proposed(api: ApiClient) -> None:
    said = {"value": "50%", "valid_from": "2025-01-01", "reason": "公司决定"}
    answer = api.ask("POST", f"{SETTINGS}/complaints.told_target", MANAGER, data=said, follow_redirects=False)
    assert answer.status_code == 303, Seen(answer.text).text


def page(api: ApiClient, role: Role) -> Seen:
    return Seen(api.get(SETTINGS, role).text)


def test_who_proposed_it_waits_or_takes_it_back(api: ApiClient) -> None:
    proposed(api)
    seen = page(api, MANAGER)
    assert "等另一位确认" in seen.text
    assert not any(action.endswith("/confirm") for action in seen.actions), "nobody confirms his own"
    assert codes_in(seen) == []
    [refuse] = [action for action in seen.actions if action.endswith("/refuse")]
    sent = api.ask("POST", refuse, MANAGER, data={"number": "1", "reason": "写错了"}, follow_redirects=False)
    assert sent.status_code == 303
    assert "待第二人确认" not in page(api, MANAGER).text


def test_the_other_refuses_with_a_reason_or_confirms(api: ApiClient) -> None:
    proposed(api)
    seen = page(api, COMPANY)
    [refuse] = [action for action in seen.actions if action.endswith("/refuse")]
    [confirm] = [action for action in seen.actions if action.endswith("/confirm")]
    without = api.ask("POST", refuse, COMPANY, data={"number": "1"}, follow_redirects=False)
    assert without.status_code in (403, 409)
    assert "待第二人确认" in page(api, COMPANY).text
    sent = api.ask("POST", confirm, COMPANY, data={"number": "1"}, follow_redirects=False)
    assert sent.status_code == 303
    shown = api.get(f"{SETTINGS}/complaints.told_target", COMPANY).text
    assert re.search(r"100%\s*→\s*<b>50%</b>", shown)


def test_a_refusal_leads_back_to_the_page_it_came_from(api: ApiClient) -> None:
    proposed(api)
    from_ = {"referer": f"http://testserver{SETTINGS}"}
    sent = api.ask("POST", f"{SETTINGS}/complaints.told_target/refuse", COMPANY, data={"number": "1"}, headers=from_)
    assert SETTINGS in Seen(sent.text).links
    for elsewhere in ("http://elsewhere.example/console/XH/settings", "http://testserver/docs", "http://[", ""):
        lost = api.ask("GET", "/console/XH/no-such", COMPANY, headers={"referer": elsewhere})
        assert lost.status_code == 404
        assert Seen(lost.text).links == {"/console"}, elsewhere
