"""The played office with what only people bring: a bank's file, a list to import, a survey, links of residents, a photo.

With it there is a page of every kind, in more than one state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from domain.kernel.people import Role
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.test_bank import ACCOUNT, HEAD
from tests.console.test_case_papers import PICTURE
from tests.console.test_imports import BAD, GOOD
from tests.console.test_imports import HEAD as LIST_HEAD
from tests.console.test_survey_links import QUESTIONS
from tests.solving import solved_body

__all__ = ["Furnished", "furnish"]

BASE = f"/console/{OFFICE}"


@dataclass
class Furnished:
    """What was brought, by the addresses of its pages."""

    office: list[str] = field(default_factory=list)
    """Pages of the office, for whoever may look."""
    manager: list[str] = field(default_factory=list)
    """Pages of the manager who brought the list: nobody else sees it."""
    residents: list[str] = field(default_factory=list)
    """Pages that want no log-in."""


def furnish(console: ConsoleClient, home: Any) -> Furnished:
    """Bring all of it; ``home`` is a folder for what is uploaded."""
    console.context.settings.home = home
    made = Furnished()
    lives = [
        row
        for row in console.get(f"/offices/{OFFICE}/households?limit=200&state=resident", office=OFFICE).json()["rows"]
        if row["home"]
    ]
    _debt(console, lives[1]["case_id"])
    made.office.append(_bank(console, lives[0]["home"]))
    made.office.append(_survey(console, [row["case_id"] for row in lives[:6]], made))
    _links(console, made)
    made.manager.append(_list(console))
    made.office += _papers(console)
    return made


def _sent(answer: Any, status: int = 303) -> str:
    assert answer.status_code == status, (answer.status_code, re.sub("<[^>]+>", " ", answer.text)[-900:])
    return str(answer.headers.get("location", ""))


def _debt(console: ConsoleClient, household: str) -> None:
    """Somebody does not pay: his case is open, and its first notice is due."""
    bill = {
        "household": household,
        "period": "2024-12",
        "amount_fen": 12_345,
        "item": "停车费",
        "due_on": "2025-03-01",
    }
    answer = console.post(f"/offices/{OFFICE}/bills", bill, office=OFFICE)
    assert answer.status_code == 201, answer.text
    console.until(OFFICE, "2025-03-03 09:00")


def _bank(console: ConsoleClient, home: str) -> str:
    """A statement with a line that names a home, one of nobody, one of a bank's own charges, and a row that is none."""
    rows = (
        f"20250226,,200.00,王小明,6222020200001111,物业费 {home},T001",
        "20250226,,210.00,周先生,6222020200002222,转账,T002",
        "20250227,88.00,,自来水公司,33009,水费,T003",
        "去年,,1.00,某,,,T005",
    )
    file = f"账号：{ACCOUNT}\n{HEAD}\n{chr(10).join(rows)}\n".encode("gb18030")
    sent = {"file": ("流水.csv", file, "text/csv")}
    said = {"bank_account": ""}
    answer = console.ask(
        "POST", f"{BASE}/bank", Role.ADMINISTRATOR, OFFICE, files=sent, data=said, follow_redirects=False
    )
    return _sent(answer).partition("?")[0]


def _survey(console: ConsoleClient, households: list[str], made: Furnished) -> str:
    """One that runs: its sheets, and the pages of three households; one of them has answered."""
    [row] = console.get(f"/offices/{OFFICE}/surveys?limit=1", office=OFFICE).json()["rows"]
    path = f"/offices/{OFFICE}/surveys/{row['case_id']}"
    for word, body in (
        ("draft-survey", {"title": "2025年上半年征求意见表", "questions": QUESTIONS}),
        ("issue-survey", {"households": households, "closes_on": "2025-03-20"}),
    ):
        answer = console.post(f"{path}/{word}", body, Role.MANAGER, office=OFFICE)
        assert answer.status_code == 200, answer.text
    sheets = console.page(f"{BASE}/survey-sheets/{row['case_id']}").text
    links = re.findall(r'href="(/r/survey/[^"]+)"', sheets)
    assert console.client.post(links[0], data={"q0": "2", "q1": "要", "q2": "多派一人"}).status_code == 200
    made.residents += links[:2]
    return f"{BASE}/survey-sheets/{row['case_id']}"


def _links(console: ConsoleClient, made: Furnished) -> None:
    """Slips with links: of a matter that is done, one that waits, and one on which the resident has spoken."""
    rows = console.get(f"/offices/{OFFICE}/complaints?limit=200", Role.MANAGER, office=OFFICE).json()["rows"]
    known = [row for row in rows if row["home"]]
    done = [row["case_id"] for row in known if row["state"] in ("resolved", "followed-up", "archived")]
    waiting = [row["case_id"] for row in known if row["state"] in ("registered", "assessed", "investigated")]
    told = console.context.time_in(OFFICE)
    while len(done) < 2:
        done.append(_complaint(console, known[0]["home"]))
        path = f"/offices/{OFFICE}/complaints/{done[-1]}/solve-complaint-on-the-spot"
        answer = console.post(path, solved_body(told, by="外:许浩然"), Role.DEPARTMENT_HEAD, office=OFFICE)
        assert answer.status_code == 200, answer.text
    if not waiting:
        waiting = [_complaint(console, known[0]["home"])]
    links = []
    for case_id in (*done[:2], waiting[0]):
        _sent(console.send(f"{BASE}/invite/{case_id}", {}, Role.MANAGER))
        slip = console.page(f"{BASE}/invite/{case_id}", Role.MANAGER).text
        links += set(re.findall(r'href="http://testserver(/r/[^"]+)"', slip))
        made.office.append(f"{BASE}/invite/{case_id}")
    assert len(links) == 3
    assert console.client.post(links[0], data={"answer": "no", "why": "又堵了"}).status_code == 200
    made.residents += [*links, "/r/nobody.made"]


def _complaint(console: ConsoleClient, home: str) -> str:
    body = {"channel": "in-person", "category": "电梯", "matter": "电梯异响", "content": "三天了", "home": home}
    answer = console.post(f"/offices/{OFFICE}/complaints", body, office=OFFICE)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _list(console: ConsoleClient) -> str:
    """A list of which one row can be taken and one cannot."""
    text = f"{LIST_HEAD}\n{GOOD}\n{BAD}\n".encode()
    return _sent(
        console.ask(
            "POST",
            f"{BASE}/import",
            Role.MANAGER,
            OFFICE,
            files={"file": ("名册.csv", text)},
            data={"shipped": ""},
            follow_redirects=False,
        )
    )


def _papers(console: ConsoleClient) -> list[str]:
    """A photo on a repair; a value of a setting that waits for its second person."""
    case_id = console.ids()["repair_order"]
    _sent(
        console.ask(
            "POST",
            f"{BASE}/papers/{case_id}",
            Role.MANAGER,
            OFFICE,
            files={"file": ("a.png", PICTURE)},
            data={"kind": "photo", "about": "漏水处"},
            follow_redirects=False,
        )
    )
    return [f"{BASE}/case/{case_id}"]
