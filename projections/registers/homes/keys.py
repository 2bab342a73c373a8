"""The key loan register 空房钥匙取领登记表 (§3.3) and the key register 钥匙保管簿 (§3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.homes.key_loan.case import REFUSED, REQUESTED, KeyLoan
from domain.homes.vacant_home.case import VacantHome
from domain.kernel.calendar import local_date
from journal.blind_index import How
from projections.engine.register import Register, common, one_row

__all__ = ["KEYS", "KEY_LOANS", "KeyLoanRow", "KeyRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLoanRow:
    """One loan. ``returned_at`` is when the keys came back, ``return_entered_at`` when it was written down.

    ``late`` compares with what was expected, whatever the clock had noted by then (``missed_at``).
    """

    source_id: str | None
    state: str
    version: int
    imported: bool
    opened_at: datetime
    requested_on: date
    vacant_home: str
    home: str
    renovation: str | None
    keys: str
    purpose: str
    borrower: str | None
    organisation: str | None
    identity_document: str | None
    issued_at: datetime | None
    issued_by: str | None
    expected_return: datetime | None
    first_expected_return: datetime | None
    extended: int
    missed_at: datetime | None
    returned_at: datetime | None
    return_entered_at: datetime | None
    returned_on: date | None
    returner: str | None
    condition: str | None
    late: bool
    lost_at: datetime | None
    lost_keys: str | None
    out_keys: str | None
    refused_at: datetime | None
    refusal: str | None
    open: bool


def _loans(case: KeyLoan) -> KeyLoanRow:
    assert case.opened_at is not None
    returned, entered, expected = case.returned_at, case.return_entered_at, case.expected_return
    return KeyLoanRow(
        **common(case),
        requested_on=local_date(case.opened_at),
        vacant_home=case.vacant_home,
        home=case.home,
        renovation=case.renovation,
        keys="、".join(case.keys),
        purpose=case.purpose,
        borrower=case.borrower,
        organisation=case.organisation,
        identity_document=case.identity_document,
        issued_at=case.issued_at,
        issued_by=case.issued_by,
        expected_return=expected,
        first_expected_return=case.first_expected_return,
        extended=case.extended,
        missed_at=case.missed_at,
        returned_at=returned,
        return_entered_at=entered,
        returned_on=local_date(returned) if returned else None,
        returner=case.returner,
        condition=case.condition,
        late=returned is not None and expected is not None and returned >= expected,
        lost_at=case.lost_at,
        lost_keys="、".join(case.lost) or None,
        out_keys="、".join(case.out) or None,
        refused_at=case.refused_at,
        refusal=case.refusal,
        open=case.state == REQUESTED or (case.state != REFUSED and bool(case.out)),
    )


KEY_LOANS = Register(
    name="key-loans",
    zh="空房（托管、空置）钥匙取领登记表",
    en="key loans",
    clause="3.3",
    row=KeyLoanRow,
    kinds=(KeyLoan,),
    values=one_row(KeyLoanRow, _loans),
    indexed=("opened_at", "home", "state", "expected_return"),
    sealed=("borrower", "organisation", "identity_document", "returner"),
    found_by={"borrower": How.NAME, "home": How.ROOM},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One key number of one vacancy: what it opens, how many hang on it, where it is since when, on which loan."""

    source_id: str | None
    state: str
    imported: bool
    home: str
    number: str
    key_class: str
    count: int
    condition: str
    custody: str
    since: datetime
    loan: str | None
    open: bool


def _keys(case: VacantHome) -> Iterator[tuple[str, KeyRow]]:
    for number, key in case.keys.items():
        yield (
            number,
            KeyRow(
                source_id=case.source_id,
                state=case.state,
                imported=case.imported,
                home=case.home,
                number=number,
                key_class=key.item.key_class,
                count=key.item.count,
                condition=key.item.condition,
                custody=key.custody,
                since=key.since,
                loan=key.loan,
                open=key.custody.in_care,
            ),
        )


KEYS = Register(
    name="keys",
    zh="空房钥匙保管簿",
    en="keys in custody",
    clause="3.2",
    row=KeyRow,
    kinds=(VacantHome,),
    rows=_keys,
    indexed=("home", "custody"),
)
