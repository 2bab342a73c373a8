"""Every page there is, looked at in a browser: in both languages, light and dark, wide and on a telephone, by every role.

What a browser complains of, a policy that was violated, text that cannot be read and what axe-core calls serious are
faults; that each of them would be found on each kind of page is tried with planted ones. Pictures are left in the
test's folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Mount, Route

from api.console.errors import HOME, RESIDENTS
from domain.kernel.people import HANDBOOK_ROLES, Role
from tests.api.test_feed import served
from tests.console.browsing import IN_BROWSER, NARROW, WIDE, Sight, looking
from tests.console.browsing import browser as browser  # noqa: PLC0414 -- the fixture
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.furnished import Furnished, furnish
from tests.console.test_pages import BASE, PAPER, addresses
from tests.sampling import some_or_all

pytestmark = IN_BROWSER
LOOKS = (
    ("zh", WIDE, False),
    ("en", WIDE, False),
    ("zh", NARROW, False),
    ("en", NARROW, False),
    ("en", NARROW, True),
    ("zh", NARROW, True),
    ("en", WIDE, True),
    ("zh", WIDE, True),
)
"""Language, size and whether it is dark; a page is looked at twice, the second time with the other of each."""
ROLES = (*HANDBOOK_ROLES, Role.AUDITOR)
NO_PAGES = {
    "/static/console/{stamp}/{file:path}": "a file",
    "/{office}/registers/{register}/file": "a file",
    "/{office}/compliance/file": "a file",
    "/{office}/reports/{report}/file": "a file",
    "/{office}/reports": "leads to the first of them",
    "/{office}/import/{token}/{file}": "a file",
    "/{office}/paper/{document}/{case_id:path}": "a file",
    "/{office}/pdf/{what}/{case_id:path}": "a file",
    "/{office}/months/{period}/notices/{part}": "a file",
    "/{office}/arrears/letters/{day}": "a file",
    "/{office}/today/stream": "a stream",
    "/{office}/today/counts": "a part of a page",
    "/{office}/months/{period}/steps": "a part of a page",
    "/{office}/reception/similar": "a part of a page",
    "/{office}/pick/{kind}": "what a field offers",
    "/{office}/do/{command}/{case_id:path}": "leads to the case",
    "/language/{language}": "leads back",
}


@pytest.fixture(scope="module")
def furnished(played: ConsoleClient, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    return furnish(played, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def base(played: ConsoleClient) -> Iterator[str]:
    yield from served.__wrapped__(played)


def walked(console: ConsoleClient, furnished: Furnished) -> list[tuple[str, Role | None]]:
    """Every page with the role that may open it; None for those that want no log-in."""
    ids = console.ids()
    forms = [f"{BASE}/case/{ids['complaint']}?do=none"]
    for path, role in (("complaints", Role.ADMINISTRATOR), ("vacant-homes", Role.MANAGER), ("surveys", Role.MANAGER)):
        page = console.seen(f"{BASE}/registers/{path}", role)
        forms += sorted(link for link in page.links if f"{BASE}/open/" in link)
    of_manager = [
        *addresses(console),
        *furnished.office,
        *furnished.manager,
        *forms,
        BASE,
        f"{BASE}/walk",
        f"{BASE}/walk/{ids['patrol']}",
        f"{BASE}/inspect/{ids['vacant_home']}",
        f"{BASE}/paper-check",
        f"{BASE}/import",
        f"{BASE}/months",
        f"{BASE}/months/of/{ids['bill_run']}",
        f"{BASE}/months/2025-02/notices",
        f"{BASE}/print/letter/{ids['complaint']}",
        f"{BASE}/case/nothing-here",
        *(f"{BASE}/print/{form}/{ids[kind]}" for form, kind in OF_CASES if kind in ids),
        f"{HOME}/me",
        f"{HOME}/without-network",
        f"{HOME}/nothing",
        f"{HOME}/no/such/page",
        HOME,
        f"{HOME}/",
    ]
    of_system = [f"{HOME}/accounts", *_accounts(console)]
    return [
        *((path, Role.MANAGER) for path in dict.fromkeys(of_manager)),
        *((path, Role.SYSTEM_ADMINISTRATOR) for path in of_system),
        *((path, None) for path in (*furnished.residents, f"{HOME}/login")),
    ]


OF_CASES = (
    *((form, form.replace("-", "_")) for form in PAPER),
    ("sheet", "renovation"),
    ("sheet", "move_in"),
    ("sheet", "debt_case"),
)


def _accounts(console: ConsoleClient) -> list[str]:
    page = console.page(f"{HOME}/accounts", Role.SYSTEM_ADMINISTRATOR).text
    return sorted(re.findall(r'href="(/console/accounts/[^"?]+)"', page))[:1]


def kinds(console: ConsoleClient) -> dict[str, re.Pattern[str]]:
    """The pattern of every page's address that the program has."""
    found: dict[str, re.Pattern[str]] = {}
    for each in console.app.routes:
        inner = each.routes if isinstance(each, Mount) and each.path == HOME else []
        for route in inner or ([each] if isinstance(each, Route) else []):
            whole = f"{HOME if inner else ''}{route.path}"
            if "GET" in (route.methods or ()) and route.path not in NO_PAGES and whole.startswith((HOME, RESIDENTS)):
                found[whole] = re.compile(route.path_regex.pattern.replace("^", f"^{HOME}" if inner else "^", 1))
    return found


def first_of_each(console: ConsoleClient, furnished: Furnished) -> dict[str, tuple[str, Role | None]]:
    """A page of each kind: the first address that goes by its route, since the routes are asked in their order."""
    made: dict[str, tuple[str, Role | None]] = {}
    for path, role in walked(console, furnished):
        plain = path.partition("?")[0]
        kind = next((name for name, pattern in kinds(console).items() if pattern.match(plain)), None)
        if kind is not None:
            made.setdefault(kind, (path, role))
    return made


def headers_of(console: ConsoleClient, role: Role | None) -> dict[str, str]:
    return console.headers(role, OFFICE) if role is not None else {}


def opened(sight: Sight, path: str) -> None:
    answer = sight.go(path)
    right = (
        (404,)
        if path.endswith(("nothing", "nothing-here", "nobody.made", "such/page"))
        else (200, 404 if "/r/" in path else 200)
    )
    assert answer.status in right, (path, answer.status)


def test_a_page_of_every_kind_is_among_those_that_are_looked_at(played: ConsoleClient, furnished: Furnished) -> None:
    assert set(kinds(played)) == set(first_of_each(played, furnished))


@some_or_all
def test_every_page_can_be_read_by_everybody(
    browser: Any, base: str, played: ConsoleClient, furnished: Furnished, tmp_path: Path, every: int
) -> None:
    wrong = {}
    pages = list(enumerate(walked(played, furnished)))[::every]
    for look, (lang, size, dark) in enumerate(LOOKS):
        for role in (Role.MANAGER, Role.SYSTEM_ADMINISTRATOR, None):
            with looking(browser, base, headers_of(played, role), lang, size, dark=dark) as sight:
                for number, (path, whose) in pages:
                    if whose is not role or number % 4 != look % 4:
                        continue
                    opened(sight, path)
                    name = f"{number:03}-{lang}-{'dark' if dark else 'light'}-{size['width']}.png"
                    sight.page.screenshot(path=str(tmp_path / name), full_page=True)
                    found = sight.faults() + (sight.axe() if look < 4 or every > 1 else [])
                    if found:
                        wrong[path, lang, size["width"], dark] = found
    assert not wrong


@some_or_all
def test_every_role_finds_its_pages_without_an_error(
    browser: Any, base: str, played: ConsoleClient, furnished: Furnished, every: int
) -> None:
    wrong = {}
    pages = [path for path, role in walked(played, furnished) if role is Role.MANAGER and path not in furnished.manager]
    for of_role, role in enumerate(ROLES):
        lang, size, dark = LOOKS[of_role % len(LOOKS)]
        with looking(browser, base, headers_of(played, role), lang, size, dark=dark) as sight:
            for path in pages[of_role :: max(every, len(ROLES))]:
                sight.go(path)
                if found := sight.faults():
                    wrong[path, role] = found
    assert not wrong


def test_a_form_that_was_sent_empty_can_be_read_and_says_what_is_missing(
    browser: Any, base: str, played: ConsoleClient, furnished: Furnished, tmp_path: Path
) -> None:
    wrong = {}
    forms = [path for path, _ in walked(played, furnished) if f"{BASE}/open/" in path]
    assert len(forms) > 2
    for number, path in enumerate(forms):
        lang, size, dark = LOOKS[number % len(LOOKS)]
        with looking(browser, base, headers_of(played, Role.MANAGER), lang, size, dark=dark) as sight:
            sight.go(path)
            sight.follow("main form.wy-form button.btn-primary")
            assert sight.page.locator(".wy-fault a").count() >= 1, path
            sight.page.screenshot(path=str(tmp_path / f"form-{number}.png"), full_page=True)
            if found := sight.faults() + sight.axe():
                wrong[path] = found
    assert not wrong


def test_a_paper_with_the_residents_code_fits_its_sheet(
    browser: Any, base: str, played: ConsoleClient, furnished: Furnished, tmp_path: Path
) -> None:
    asked = [path.rpartition("/")[2] for path in furnished.office if "/invite/" in path]
    with looking(browser, base, headers_of(played, Role.MANAGER)) as sight:
        for number, case_id in enumerate(asked):
            sight.go(f"{BASE}/print/complaint/{case_id}")
            pdf = sight.page.pdf(path=str(tmp_path / f"{number}.pdf"), format="A4", prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1, case_id
        assert sight.page.locator(".wy-a4 footer .theirs").count() == 1, "the last one waits for the resident's word"


PLANTED = {
    "error: planted": "() => setTimeout(() => { throw new Error('planted') })",
    "violates the following Content Security Policy": "() => { const made = document.createElement('script');"
    " made.textContent = '1'; document.body.append(made) }",
    "cut off": "() => { const made = document.createElement('p'); made.textContent = '这一行字放不下，被切掉了一半';"
    " made.style.cssText = 'width: 40px; overflow: hidden; white-space: nowrap'; document.body.append(made) }",
    "one sign a line": "() => { const made = document.createElement('p'); made.textContent = '一行只有一个字';"
    " made.style.cssText = 'width: 14px'; document.body.append(made) }",
    "over one another": "() => { const made = document.createElement('div'); made.innerHTML = '<p>上面的字</p>"
    "<p>下面的字</p>'; made.lastChild.style.marginTop = '-20px'; document.body.append(made) }",
    "wider than the window": "() => { const made = document.createElement('p'); made.textContent = '宽';"
    " made.style.width = '3000px'; document.body.append(made) }",
    "button-name": "() => document.body.append(document.createElement('button'))",
    "color-contrast": "() => { const made = document.createElement('p'); made.textContent = '看不清的字';"
    " made.style.cssText = 'color: #eee; background: #fff'; document.body.append(made) }",
}


def test_a_planted_fault_is_found_on_a_page_of_each_kind(
    browser: Any, base: str, played: ConsoleClient, furnished: Furnished
) -> None:
    missed = []
    for path, role in first_of_each(played, furnished).values():
        with looking(browser, base, headers_of(played, role), size=NARROW) as sight:
            opened(sight, path)
            for script in PLANTED.values():
                sight.page.evaluate(script)
            sight.page.wait_for_timeout(1)
            found = "\n".join(sight.faults() + sight.axe())
            missed += [(path, word) for word in PLANTED if word not in found]
    assert not missed
