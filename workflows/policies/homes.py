"""What follows for vacant homes, their keys and their defects (§1.1, §3)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.handbook.settings import Numbers
from domain.homes.key_loan.case import KeyLoan
from domain.homes.key_loan.events import KeysIssued, KeysLost, KeysPartlyReturned, KeysReturned
from domain.homes.vacant_home.case import VacantHome
from domain.homes.vacant_home.commands.custody import DeclareKeysMissing, ReceiveKeys, ReleaseKeys
from domain.homes.vacant_home.commands.vacancy import CloseHomeDefect
from domain.homes.vacant_home.events import HomeInspected, KeysDeclaredMissing, UnauthorisedTakingRecorded
from domain.kernel.fact import Case, Fact
from domain.kernel.mending import WithdrawnAsMistaken
from domain.moving.renovation.commands.site import NoteSiteKeysBack, NoteSiteKeysOut
from domain.rounds.rectification.case import Rectification
from domain.rounds.rectification.commands import OpenRectification
from domain.rounds.rectification.events import RectificationClosed, RectificationWithdrawn, Severity
from workflows.engine.policy import Consequence, Policy, whenever

__all__ = ["HOMES"]

_HOME, _LOAN = "vacant_home", "key_loan"


def rectify_every_defect_of_a_home(home: VacantHome, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """空房检查发现的每个问题都立案整改 · Every defect found in a vacant home opens a rectification."""
    assert isinstance(fact.event, HomeInspected)
    for defect in fact.event.defects:
        yield Consequence(
            OpenRectification(
                matter=f"{defect.item}：{defect.matter}",
                severity=defect.severity,
                origin_kind=_HOME,
                origin_id=home.id,
                origin_item=str(defect.number),
                home=home.home,
                household=home.household,
            )
        )


def solve_the_defect_when_its_rectification_is_closed(
    work: Rectification, _fact: Fact, _numbers: Numbers
) -> Iterator[Consequence]:
    """整改关闭或撤销后，空房问题随之消除 · A rectification that is closed or withdrawn ends the defect that opened it."""
    item = work.origin_item or ""
    if work.origin_kind == _HOME and work.origin_id is not None and item.isdecimal():
        yield Consequence(CloseHomeDefect(defect=int(item)), to=work.origin_id)


def release_the_issued_keys(loan: KeyLoan, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """钥匙凭当班者签字离开保管 · Issued keys leave the home's custody, or the loan is refused."""
    assert isinstance(fact.event, KeysIssued)
    release = ReleaseKeys(keys=fact.event.keys, loan=loan.id, consented=loan.consented)
    yield Consequence(release, to=loan.vacant_home, must=True)


def receive_the_returned_keys(loan: KeyLoan, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """归还的钥匙重新入管 · Returned keys come back into the home's custody."""
    event = fact.event
    assert isinstance(event, KeysReturned | KeysPartlyReturned)
    if event.keys:
        command = ReceiveKeys(keys=event.keys, loan=loan.id, condition=event.condition)
        yield Consequence(command, to=loan.vacant_home, must=True)


def tell_the_renovation_of_its_keys(loan: KeyLoan, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """施工领用的钥匙记入装修；已停工的不得领出 · Keys lent to a site are told to its renovation, or refused if it is stopped."""
    assert isinstance(fact.event, KeysIssued)
    if loan.renovation is not None:
        yield Consequence(NoteSiteKeysOut(loan=loan.id, keys=fact.event.keys), to=loan.renovation, must=True)


def tell_the_renovation_that_its_keys_are_back(loan: KeyLoan, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """施工钥匙归还或报失后告知装修 · A renovation is told when its keys are back or reported lost."""
    if loan.renovation is not None and not loan.out:
        yield Consequence(NoteSiteKeysBack(loan=loan.id), to=loan.renovation)


def take_back_the_keys_of_a_mistaken_loan(loan: Case, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """误登的取领撤销，钥匙视为未曾借出 · The keys of a loan that was a mistake were never out of custody."""
    if isinstance(loan, KeyLoan) and loan.out:
        yield Consequence(ReceiveKeys(keys=loan.out, loan=loan.id), to=loan.vacant_home)
        if loan.renovation is not None:
            yield Consequence(NoteSiteKeysBack(loan=loan.id), to=loan.renovation)


def solve_the_defect_of_a_mistaken_rectification(work: Case, fact: Fact, numbers: Numbers) -> Iterator[Consequence]:
    """误登的整改撤销，空房问题随之消除 · A rectification that was a mistake leaves no defect behind."""
    if isinstance(work, Rectification):
        yield from solve_the_defect_when_its_rectification_is_closed(work, fact, numbers)


def declare_lost_keys_missing(loan: KeyLoan, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """借出遗失的钥匙列为缺失 · Keys lost on a loan are missing from the home's set."""
    assert isinstance(fact.event, KeysLost)
    yield Consequence(DeclareKeysMissing(keys=fact.event.keys, loan=loan.id), to=loan.vacant_home, must=True)


def change_the_lock_of_a_missing_key(home: VacantHome, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """钥匙缺失须换锁整改 · A missing key has its lock changed."""
    event = fact.event
    assert isinstance(event, KeysDeclaredMissing | UnauthorisedTakingRecorded)
    loan = event.loan if isinstance(event, KeysDeclaredMissing) else None
    yield Consequence(
        OpenRectification(
            matter=f"换锁：{home.home} {'、'.join(event.keys)}",
            severity=Severity.SEVERE,
            origin_kind=_LOAN if loan else _HOME,
            origin_id=loan or home.id,
            home=home.home,
            household=home.household,
        )
    )


HOMES: tuple[Policy, ...] = (
    whenever(HomeInspected, then=rectify_every_defect_of_a_home, clause="3.5"),
    whenever(RectificationClosed, then=solve_the_defect_when_its_rectification_is_closed, clause="3.5"),
    whenever(RectificationWithdrawn, then=solve_the_defect_when_its_rectification_is_closed, clause="3.5"),
    whenever(WithdrawnAsMistaken, then=solve_the_defect_of_a_mistaken_rectification, clause="3.5"),
    whenever(WithdrawnAsMistaken, then=take_back_the_keys_of_a_mistaken_loan, clause="3.3"),
    whenever(KeysIssued, then=release_the_issued_keys, clause="3.3"),
    whenever(KeysReturned, then=receive_the_returned_keys, clause="3.3"),
    whenever(KeysPartlyReturned, then=receive_the_returned_keys, clause="3.3"),
    whenever(KeysIssued, then=tell_the_renovation_of_its_keys, clause="1.4"),
    whenever(KeysReturned, then=tell_the_renovation_that_its_keys_are_back, clause="1.4"),
    whenever(KeysLost, then=tell_the_renovation_that_its_keys_are_back, clause="1.4"),
    whenever(KeysLost, then=declare_lost_keys_missing, clause="3.2"),
    whenever(KeysDeclaredMissing, then=change_the_lock_of_a_missing_key, clause="3.2"),
    whenever(UnauthorisedTakingRecorded, then=change_the_lock_of_a_missing_key, clause="3.2"),
)
