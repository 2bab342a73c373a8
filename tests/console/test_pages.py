"""Every page of the console, for everybody who may look: whole, in words, in both languages, and strict."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from api.console.next_step import fulfilling
from api.console.rendering import TEMPLATES
from api.console.static_files import FOLDER
from domain.cases import BY_PATH, CASES
from domain.kernel.people import Role
from tests.api.conftest import EVERYBODY
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.seen import Seen, codes_in, latin_in, narrow_in
from tests.sampling import some_or_all
from tests.solving import solved_body

BASE = f"/console/{OFFICE}"
OWN = (
    "today",
    "today?of=me",
    "notices",
    "notices?of=all&read=all",
    "reception",
    "reception?q=0201",
    "keys",
    "homes",
    "visits",
    "arrears",
    "arrears/letters",
    "board/repair-orders",
    "months/2025-02",
    "months/2025-02?show=different",
    "months/2026-01",
    "counter",
    "counter?q=0201",
    "bank",
    "cash",
    "cash?day=2025-02-08",
    "find?q=01",
    "standards",
    "standards?which=all",
    "standards/complaint-handling-rate",
    "standards/complaint-handling-rate/cases?bucket=met",
    "compliance",
    "reports/ageing",
    "reports/collection?by=administrator",
    "reports/journal",
    "facts",
    "facts?readings=true&late=true",
    "handbook",
    "handbook/4.9",
    "settings",
    "settings/complaints.told_target",
    "people",
    "practice",
)
PAPER = (
    "complaint",
    "repair-order",
    "follow-up",
    "key-loan",
    "vacant-home",
    "quarterly-review",
    "patrol",
    "notice-board",
)


def addresses(console: ConsoleClient) -> Iterator[str]:
    """All pages of an office: those with a place of their own, every register, a case of every kind, every form."""
    yield from (f"{BASE}/{path}" for path in OWN)
    for register in console.context.registers.all:
        yield f"{BASE}/registers/{register.name}"
        yield f"{BASE}/registers/{register.name}?view=all"
    for case_id in console.ids().values():
        yield f"{BASE}/case/{case_id}"
    yield from (
        f"{BASE}/{page}/{console.ids()[kind]}" for page, kind in (("statement", "household"), ("receipt", "payment"))
    )
    yield from (f"{BASE}/print/{form}/blank" for form in PAPER)
    yield from (f"{BASE}/print/{form}/all?since=2025-01-01&until=2025-01-05" for form in PAPER[:2])


def strict(page: Seen, path: str) -> None:
    """Nothing inline, nothing from elsewhere, nothing twice, no control without a name."""
    assert page.forbidden == [], path
    assert len(page.ids) == len(set(page.ids)), (path, sorted({i for i in page.ids if page.ids.count(i) > 1}))
    unnamed = [each for each in page.controls if not each[1] and each[0] not in page.labels_for]
    assert not unnamed, (path, unnamed)


@some_or_all
def test_a_clerk_reads_every_page_in_chinese_words(played: ConsoleClient, every: int) -> None:
    wrong = {}
    for path in list(addresses(played))[::every]:
        page = played.seen(path)
        strict(page, path)
        found = codes_in(page) + narrow_in(page) + (latin_in(page) if "/facts" not in path else [])
        if found:
            wrong[path] = found
    assert not wrong


@some_or_all
def test_the_company_reads_every_page_in_english(played: ConsoleClient, every: int) -> None:
    wrong = {}
    for path in list(addresses(played))[every // 2 :: every]:
        answer = played.page(path, Role.COMPANY, "en")
        assert answer.status_code == 200, path
        page = Seen(answer.text)
        strict(page, path)
        if codes_in(page):
            wrong[path] = codes_in(page)
    assert not wrong


@pytest.mark.long
def test_everybody_reads_every_page_in_both_languages(played: ConsoleClient) -> None:
    """Each role opens each page; from page to page and role to role the language changes, so that each is read in both."""
    pages = list(addresses(played))
    for of_role, role in enumerate(EVERYBODY):
        for number, path in enumerate(pages):
            answer = played.page(path, role, ("zh", "en")[(of_role + number) % 2])
            assert answer.status_code == (403 if role is Role.SYSTEM_ADMINISTRATOR else 200), (path, role)
            strict(Seen(answer.text), path)


@some_or_all
def test_every_action_that_is_offered_opens_its_form(played: ConsoleClient, every: int) -> None:
    """Of a case of every kind: each action of this role has a form whose fields have Chinese names."""
    opened = 0
    for role in (Role.ADMINISTRATOR, Role.MANAGER):
        for case_id in played.ids().values():
            page = played.seen(f"{BASE}/case/{case_id}", role)
            links = sorted(each for each in page.links if "do=" in each and "do=none" not in each)
            for link in links[opened % every :: every]:
                form = played.seen(link.partition("#")[0], role)
                strict(form, link)
                assert codes_in(form) == [], link
                assert any("/do/" in action for action in form.actions), link
                opened += 1
    assert opened > 90 / every


def test_every_kind_that_a_person_opens_has_its_form(played: ConsoleClient) -> None:
    opened = 0
    for lifecycle in CASES:
        page = (
            played.seen(f"{BASE}/registers/{lifecycle.path}", Role.MANAGER)
            if lifecycle.path in _registers(played)
            else None
        )
        for link in sorted(page.links if page is not None else ()):
            if f"{BASE}/open/" in link:
                form = played.seen(link, Role.MANAGER)
                strict(form, link)
                assert codes_in(form) == [], link
                opened += 1
    assert opened > 15


def _registers(console: ConsoleClient) -> set[str]:
    return {register.name for register in console.context.registers.all}


def test_the_past_is_shown_as_it_stood_and_nothing_can_be_done_there(played: ConsoleClient) -> None:
    case_id = played.ids()["complaint"]
    facts = played.get(f"/offices/{OFFICE}/complaints/{case_id}/facts", office=OFFICE).json()["facts"]
    page = played.seen(f"{BASE}/case/{case_id}?as_of={facts[0]['number']}")
    assert "看过去" in page.text
    assert not any("/do/" in action for action in page.actions)
    assert "已登记" in page.text
    assert "看过去" not in played.seen(f"{BASE}/case/{case_id}?as_of={facts[-1]['number']}").text


def test_the_state_of_a_list_stands_in_its_address(played: ConsoleClient) -> None:
    every = played.seen(f"{BASE}/registers/bills?view=all")
    following = next(link for link in every.links if "cursor=" in link)
    assert played.seen(following).text != every.text
    one = played.seen(f"{BASE}/registers/repair-orders?view=all&channel=telephone&opened_at_from=2025-01-10&sort=home")
    assert "来电" in one.text
    assert any("channel" not in link and "opened_at_from=2025-01-10" in link for link in one.links), (
        "a chip takes one away"
    )
    odd = played.seen(f"{BASE}/registers/repair-orders?opened_at_from=yesterday")
    assert "没有用上" in odd.text


def test_a_figure_opens_to_as_many_cases_as_it_says(played: ConsoleClient) -> None:
    for slug in ("complaint-handling-rate", "patrol-rate", "vacancy-inspection-rate"):
        page = played.page(f"{BASE}/standards/{slug}").text
        links = re.findall(r'href="([^"]+bucket=(met|missed)[^"]*)">[^<]+</a></td><td class="n k">([\d,]+)', page)
        assert len({name for _, name, _ in links}) == 2
        for link, _, number in links[:2]:
            under = played.page(link.replace("&amp;", "&")).text
            assert under.count('class="main"') == int(number.replace(",", "")), (slug, link)


def test_templates_and_scripts_hold_nothing_that_the_policy_refuses() -> None:
    written = [
        *TEMPLATES.glob("*.html"),
        *FOLDER.glob("scripts/*.js"),
        *FOLDER.glob("charts/*.js"),
        *FOLDER.glob("worker/*.js"),
        *FOLDER.glob("styles/*.css"),
    ]
    assert len(written) > 40
    for file in written:
        text = file.read_text("utf-8")
        assert len(text.splitlines()) < 400, file.name
        for word in ("hx-on", "style=", "javascript:", "innerHTML", "eval(", "new Function", "|safe", "http://"):
            assert word not in text, f"{file.name}: {word}"


def test_what_only_ends_a_matter_is_nobodys_next_step(played: ConsoleClient) -> None:
    lifecycle = BY_PATH["follow-ups"]
    gives = next(row.gives.__name__ for row in lifecycle.deadlines if "回访" in row.zh)
    ends = [command for command in lifecycle.commands if command.__name__ == "ExitFollowUp"]
    assert ends
    for state in lifecycle.states:
        assert fulfilling(lifecycle, gives, state, ends) is None, state
    complaint = {
        "channel": "in-person",
        "category": "电梯",
        "matter": "电梯异响",
        "content": "三天了",
        "home": "1-1-0201",
    }
    opened = played.post(f"/offices/{OFFICE}/complaints", complaint, office=OFFICE).json()["id"]
    solved = solved_body(played.context.time_in(OFFICE), by="外:许浩然")
    path = f"/offices/{OFFICE}/complaints/{opened}/solve-complaint-on-the-spot"
    assert played.post(path, solved, Role.DEPARTMENT_HEAD, office=OFFICE).status_code == 200
    board = played.seen(f"{BASE}/visits", Role.MANAGER)
    assert "已计划" in board.text, "a follow-up of what was solved waits"
    assert ends[0].ZH not in board.text


def test_a_task_of_the_months_end_leads_to_the_months_own_page(played: ConsoleClient) -> None:
    today = played.seen(f"{BASE}/today")
    link = next(link for link in today.links if "/months/of/" in link)
    answer = played.page(link)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BASE}/months/2025-02")
