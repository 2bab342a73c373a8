"""One household's arrears from the first bill to the court, played once before the shared application (§7, §8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI

from api.http.context import Reader
from api.identity import Grant, Identity
from domain.kernel.people import Role
from tests.api.conftest import application as application  # noqa: PLC0414 -- the fixture
from tests.api.test_mistakes import get, post
from tests.console.conftest import ConsoleClient, console_over, database_and_pool

CLERK, MANAGER, AUDITOR = Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR
NAME = "龚䶮㛃𬭎"
"""A name of which three characters are in no common font."""
PAY_TO = "云锦物业有限公司 6222 0000 1234 5678 城南支行"


@dataclass
class Dunned:
    """The office SIM, and its household at 3-2-501 that owes since January 2025."""

    api: ConsoleClient
    household: str = ""
    standard: str = ""
    bills: dict[str, str] = field(default_factory=dict)
    payment: str = ""
    debt: str = ""

    def at(self, day: str, clock: str = "10:00") -> None:
        self.api.until("SIM", f"{day} {clock}")

    def on_debt(self, command: str, body: dict[str, Any], role: Role = CLERK) -> None:
        post(self.api, f"debt-cases/{self.debt}/{command}", body, role)

    def pdf(self, path: str, role: Role = CLERK, status: int = 200, **query: str) -> bytes:
        answer = self.api.ask("GET", f"/offices/SIM/{path}", role, "SIM", params=query)
        assert answer.status_code == status, answer.text
        return bytes(answer.content)

    def facts(self, path: str) -> list[dict[str, Any]]:
        return list(get(self.api, f"/offices/SIM/{path}/facts", CLERK)["facts"])

    def reader(self, role: Role) -> Reader:
        """Somebody who reads in the office."""
        self.api.headers(role, "SIM")
        identity = Identity(self.api.users["SIM", role], role.zh, (Grant("SIM", role),))
        return Reader(self.api.context, identity, "SIM", (role,))

    def readings(self) -> list[dict[str, Any]]:
        return list(get(self.api, "/offices/SIM/registers/readings", AUDITOR)["rows"])

    def prints(self, **query: str) -> list[dict[str, Any]]:
        return list(get(self.api, "/offices/SIM/registers/printed-papers", CLERK, **query)["rows"])


@pytest.fixture(scope="module")
def dunned(application: FastAPI, server: str) -> Iterator[Dunned]:
    """As it stands on 20 March 2025, before the court; nothing here is changed by a test, but that papers are printed."""
    with database_and_pool(server) as (_, pool):
        console = console_over(application, pool)
        yield played(Dunned(console))


def played(story: Dunned) -> Dunned:
    api = story.api
    api.simulated("SIM", "2025-01-01 08:00")
    story.household = str(post(api, "households", {"home": "3-2-501", "name": NAME}, status=201)["id"])
    price = {"code": "W1", "name": "物业服务费", "kind": "management", "price": "2.35", "valid_from": "2025-01-01"}
    said = {**price, "reason": "物业服务合同第六条", "document": "云锦合同2024-17号"}
    change = {"name": "notices.pay_to", "value": PAY_TO, "valid_from": "2025-02-01", "reason": "新开账户"}
    proposed = api.ask("PUT", "/settings?office=SIM", MANAGER, "SIM", json=change)
    assert proposed.status_code in (200, 201, 202), proposed.text
    confirmed = api.ask("POST", "/settings/confirm?office=SIM", Role.COMPANY, "SIM", json={"number": 1})
    assert confirmed.status_code == 200, confirmed.text
    story.standard = str(post(api, "fee-standards", said, MANAGER, 201)["id"])
    home = {"home": "3-2-501", "household": story.household, "quantity": 8_937, "first": "2025-01-01"}
    post(api, f"fee-standards/{story.standard}/attach-home", home)
    for period, day in (("2025-01", "2025-01-31"), ("2025-02", "2025-02-28")):
        story.at(day)
        if period == "2025-02":
            _first_notice(story)
            story.at(day, "16:00")
        last = {"2025-01": "2025-01-31", "2025-02": "2025-02-28"}[period]
        days = {"standard": story.standard, "attachment": 1, "first": f"{period}-01", "last": last}
        body = {"household": story.household, "period": period, "charges": [days]}
        story.bills[period] = str(post(api, "bills", body, status=201)["id"])
    _second_notice(story)
    return story


def _first_notice(story: Dunned) -> None:
    api = story.api
    paid = {
        "household": story.household,
        "amount_fen": 10_000,
        "method": "cash",
        "tendered_fen": 15_000,
        "payer": NAME,
    }
    story.payment = str(post(api, "payments", paid, status=201)["id"])
    complaint = {"household": story.household, "channel": "telephone", "category": "设备", "matter": "电梯异响"}
    post(api, "complaints", {**complaint, "content": "二单元电梯夜间异响"}, status=201)
    [row] = get(api, "/offices/SIM/registers/debt-cases", CLERK)["rows"]
    story.debt = str(row["case_id"])
    story.on_debt("issue-dunning-notice", {"stage": 1, "means": "in-person", "addressee": f"户主 {NAME}"})
    arrived = {"stage": 1, "means": "in-person", "signer": NAME, "relation": "debtor", "proof": "回执已签"}
    story.on_debt("record-notice-delivery", arrived)
    story.on_debt("remind-debtor", {"kind": "telephone", "answer": "月底前缴"})


def _second_notice(story: Dunned) -> None:
    story.at("2025-03-16")
    story.on_debt("record-arrears-reason", {"reason": "refusal", "verified_by": "管理员", "note": "称电梯未修"})
    story.on_debt("begin-second-stage", {})
    story.on_debt("issue-dunning-notice", {"stage": 2, "means": "in-person", "addressee": "户主"})
    arrived = {"stage": 2, "means": "in-person", "signer": NAME, "relation": "family", "proof": "同住家属签收"}
    story.on_debt("record-notice-delivery", arrived)
    story.on_debt("classify-debtor", {"category": "hardship", "note": "自称失业"})
    offer = {"kind": "late-fee-waiver", "bill": story.bills["2025-01"], "amount_fen": 100, "reason": "协商"}
    story.on_debt("propose-concession", offer)
    story.on_debt("decide-concession", {"approved": False, "reason": "无困难证明"}, MANAGER)
    story.at("2025-03-17", "15:00")
    story.on_debt("visit-debtor", {"outcome": "refused", "note": "明确拒缴"})
    story.at("2025-03-20", "11:00")
