"""A move-in up to the money that is taken at it."""

from __future__ import annotations

from domain.fees.terms import PaymentMethod
from domain.kernel.people import Role
from domain.moving.move_in.commands import ApplyForMoveIn, CheckMoveInDocuments, SettleMoveInFees
from domain.moving.move_in.events import DocumentKind
from tests.office_rig import OfficeRig

__all__ = ["moving_in"]


def moving_in(
    rig: OfficeRig,
    home: str = "1-101",
    *,
    method: PaymentMethod = PaymentMethod.CASH,
    deposit: int = 20_000,
    advance: int = 0,
    **who: str,
) -> str:
    """Fees of 300.00, a deposit for keys and cards, and fees in advance (fen) were taken by the cashier; the move-in."""
    clerk = Role.ADMINISTRATOR
    move = rig.do(ApplyForMoveIn(home=home, applicant="王", area=9_000, **who), as_=clerk).case_id
    papers = (DocumentKind.IDENTITY, DocumentKind.COVENANT, DocumentKind.TITLE)
    rig.do(CheckMoveInDocuments(documents=papers), as_=clerk, on=move)
    fees = SettleMoveInFees(
        amount_fen=30_000 + deposit + advance,
        receipt=f"R-{home}",
        method=method,
        deposit_fen=deposit,
        advance_fen=advance,
    )
    rig.do(fees, as_=clerk, by="cashier", on=move)
    return move
