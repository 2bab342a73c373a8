"""The worked example of the documents, played as it is written there: the program's statement is what the pencil says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.people import Role
from domain.kernel.periods import Month
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import get, post

PAGE = (Path(__file__).parents[2] / "docs" / "worked-example.md").read_text("utf-8")
CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
AREA = 8_937


def fen(yuan: str) -> int:
    """An amount as the page has it."""
    exact = Decimal(yuan) * 100
    assert exact == int(exact), yuan
    return int(exact)


def tables() -> Iterator[tuple[list[str], list[list[str]]]]:
    """Head and rows of each table of the page."""
    for block in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines())
        yield head, rows


class Told:
    """The household of the page."""

    def __init__(self, api: ApiClient) -> None:
        self.api = api
        api.simulated("SIM", "2025-01-01 08:00")
        self.household = str(post(api, "households", {"home": "3-2-501", "name": "王"}, status=201)["id"])
        self.standard = ""
        self.bills: dict[str, str] = {}

    def tell(self, day: str, what: str, amount: str) -> None:
        """One line of what happens."""
        self.api.until("SIM", f"{day} 17:00")
        for pattern, act in (
            (r"price per m²(?: from (\S+))?", self._price),
            (r"bill (\S+)", self._bill),
            (r"pays(?: for (\S+))?", self._pay),
            (r"notice (\d) claims", self._notice),
            (r"late-fee rate from (\S+)", self._rate),
            (r"late fee waived of (\S+)", self._waive),
            (r"plan of three instalments()", self._plan),
        ):
            found = re.fullmatch(pattern, what)
            if found:
                act(found[1], amount)
                return
        raise AssertionError(what)

    def _price(self, valid_from: str | None, amount: str) -> None:
        if valid_from is not None:
            more = {"price": amount, "valid_from": valid_from, "reason": "协议"}
            post(self.api, f"fee-standards/{self.standard}/add-fee-price", more, MANAGER)
            return
        body = {"code": "W1", "name": "物业服务费", "kind": "management", "price": amount, "valid_from": "2025-01-01"}
        self.standard = str(post(self.api, "fee-standards", {**body, "reason": "协议"}, MANAGER, 201)["id"])
        home = {"home": "3-2-501", "household": self.household, "quantity": AREA, "first": "2025-01-01"}
        post(self.api, f"fee-standards/{self.standard}/attach-home", home)

    def _bill(self, period: str, amount: str) -> None:
        month = Month.parse(period)
        days = {"standard": self.standard, "attachment": 1, "first": str(month.first), "last": str(month.last)}
        body = {"household": self.household, "period": period, "charges": [days]}
        self.bills[period] = str(post(self.api, "bills", body, status=201)["id"])
        [row] = get(self.api, "/offices/SIM/registers/bills", CLERK, period=period)["rows"]
        assert row["original_fen"] == fen(amount), period

    def _pay(self, period: str | None, amount: str) -> None:
        named = [self.bills[period]] if period else []
        body = {"household": self.household, "amount_fen": fen(amount), "method": "transfer", "bills": named}
        post(self.api, "payments", body, status=201)

    def _notice(self, stage: str, amount: str) -> None:
        if stage == "2":
            self._on_debt("record-arrears-reason", {"reason": "hardship", "verified_by": "li"})
            self._on_debt("begin-second-stage", {})
        self._on_debt("issue-dunning-notice", {"stage": int(stage), "means": "mailbox", "addressee": "户主"})
        notices = [f for f in self._facts() if f["name"].endswith("NoticeIssued")]
        assert notices[-1]["data"]["total_fen"] == fen(amount), f"notice {stage}"

    def _rate(self, valid_from: str, rate: str) -> None:
        body = {"name": "late_fee.rate_per_day", "value": rate, "valid_from": valid_from, "reason": "协议"}
        for verb, path, role, said in (
            ("PUT", "/settings", MANAGER, body),
            ("POST", "/settings/confirm", COMPANY, {"number": 1}),
        ):
            answer = self.api.ask(verb, path, role, "SIM", json=said, params={"office": "SIM"})
            assert answer.status_code == 200, answer.text

    def _waive(self, period: str, amount: str) -> None:
        self._on_debt("classify-debtor", {"category": "hardship"})
        waiver = {"kind": "late-fee-waiver", "bill": self.bills[period], "amount_fen": fen(amount), "reason": "重病"}
        self._on_debt("propose-concession", waiver)
        self._on_debt("decide-concession", {"approved": True, "reason": "同意"}, MANAGER)

    def _plan(self, _: str, amount: str) -> None:
        part, rest = divmod(fen(amount), 3)
        assert rest == 0
        days = ("2025-05-10", "2025-06-10", "2025-07-10")
        plan = {
            "kind": "instalments",
            "reason": "重病",
            "instalments": [{"due_on": d, "amount_fen": part} for d in days],
        }
        self._on_debt("propose-concession", plan)
        self._on_debt("decide-concession", {"approved": True, "reason": "同意"}, MANAGER)

    def _debt(self) -> str:
        [row] = get(self.api, "/offices/SIM/registers/debt-cases", CLERK)["rows"]
        return str(row["case_id"])

    def _on_debt(self, command: str, body: dict[str, Any], role: Role = CLERK) -> None:
        post(self.api, f"debt-cases/{self._debt()}/{command}", body, role)

    def _facts(self) -> list[dict[str, Any]]:
        return list(get(self.api, f"/offices/SIM/debt-cases/{self._debt()}/facts", CLERK)["facts"])

    def statement(self, on: str) -> dict[str, tuple[int, ...]]:
        """Month → what the statement of this day says, in the order of the page's columns."""
        [account] = get(self.api, "/offices/SIM/registers/accounts", CLERK)["rows"]
        said = get(self.api, f"/offices/SIM/accounts/{account['case_id']}/statement", CLERK, on=on)
        months = {id: period for period, id in self.bills.items()}
        return {
            months[bill["bill"]]: (
                bill["principal_fen"],
                bill["late_fee"]["accrued_fen"],
                bill["assessed_fen"],
                bill["waived_fen"],
                bill["paid_fen"]["penalty"],
                bill["paid_fen"]["principal"],
                sum(bill["owed_fen"].values()),
            )
            for bill in said["bills"]
        }


@pytest.fixture
def told(api: ApiClient) -> Told:
    """The office of the page, on the first day."""
    return Told(api)


@pytest.mark.long
def test_the_statement_is_what_the_page_reckons_by_hand(told: Told) -> None:
    [(_, happened)] = [each for each in tables() if each[0][1] == "what"]
    asked = {date.fromisoformat(head[0].rpartition(" ")[2]): rows for head, rows in tables() if head[1] == "principal"}
    assert len(asked) == 3
    for day, what, amount in happened:
        told.tell(day, what, amount)
    for day, rows in asked.items():
        right = {row[0]: tuple(fen(cell) for cell in row[1:]) for row in rows}
        assert told.statement(str(day)) == right, day
    [ageing] = get(told.api, "/offices/SIM/reports/ageing", CLERK)["rows"]
    [total] = re.findall(r"In all (\S+) is owed", PAGE)
    assert ageing["total_fen"] == fen(total)


def test_every_sum_of_the_page_is_right() -> None:
    """What the page multiplies and adds comes to what it says."""
    told = re.findall(r"((?:[\d.]+ [×+] )+[\d.]+) = ([\d.]+)", PAGE)
    assert len(told) >= 12
    for said, result in told:
        parts = re.split(r" ([×+]) ", said)
        value = Decimal(parts[0])
        for sign, number in zip(parts[1::2], parts[2::2], strict=True):
            value = value * Decimal(number) if sign == "×" else value + Decimal(number)
        assert value == Decimal(result), said
