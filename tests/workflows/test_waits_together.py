"""Two of one kind that wait until the same instant are each noted (ADR 42)."""

from __future__ import annotations

from domain.fees.account import RequestRefund, account_id
from domain.fees.payment import TakePayment
from domain.fees.terms import PaymentMethod
from domain.kernel.people import Role
from tests.office_rig import OfficeRig
from tests.workflows.test_money import rig

__all__ = ["rig"]

CLERK = Role.ADMINISTRATOR


def test_two_refunds_that_wait_until_one_instant_are_both_noted(rig: OfficeRig) -> None:
    paid = TakePayment(household="household-1", amount_fen=40_000, method=PaymentMethod.CASH)
    rig.do(paid, as_=CLERK, by="li")
    account = account_id("XH", "household-1")
    for fen in (1_000, 2_000):
        rig.do(RequestRefund(amount_fen=fen, reason="多缴"), as_=CLERK, by="li", on=account)
    rig.until("2025-03-20 09:00")
    left = [fact.event.item for fact in rig.facts() if fact.name == "LeftWaiting" and fact.case_id == account]  # type: ignore[attr-defined]
    assert sorted(left) == ["1", "2"]
