"""What follows for move-ins, move-outs, renovations, takeovers and emergencies (§1.3, §1.4, §5.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.fees.account import PostEntry
from domain.fees.terms import Entry, EntryKind
from domain.handbook.settings import Numbers
from domain.homes.vacant_home.commands.vacancy import HandOverHome
from domain.homes.vacant_home.events import HandOverReason
from domain.kernel.calendar import local_date
from domain.kernel.fact import Case, Fact
from domain.kernel.mending import WithdrawnAsMistaken
from domain.kernel.withdrawn_steps import StepWithdrawn
from domain.moving.move_in.case import MoveIn
from domain.moving.move_in.commands import (
    HoldMoveInDepositOn,
    LetMoveInDepositFallDue,
    LinkMoveInHousehold,
    NoteMoveInDefectSolved,
)
from domain.moving.move_in.events import (
    FoundAtInspection,
    MoveInCompleted,
    MoveInHouseholdLinked,
    MoveInInspected,
    MoveInKeysHandedOver,
)
from domain.moving.move_out import MoveOut, MoveOutCompleted, MoveOutInspected
from domain.moving.renovation.case import Renovation
from domain.moving.renovation.commands.site import NoteViolationRectified
from domain.moving.renovation.events import RenovationStopped
from domain.moving.takeover import EstateTakenOver, NoteTakeoverDefectSolved, Takeover, TakeoverChecked
from domain.residents.household.case import Household
from domain.residents.household.commands.keeping import MoveHouseholdOut, OpenHousehold
from domain.residents.household.commands.papers import LinkMoveIn
from domain.residents.household.events import HouseholdLeft, HouseholdOpened
from domain.rounds.rectification.case import Rectification
from domain.rounds.rectification.commands import OpenRectification
from domain.rounds.rectification.events import RectificationClosed, RectificationWithdrawn, Severity
from domain.visits.follow_up.commands.visiting import OpenFollowUp
from domain.visits.follow_up.events import FollowUpType
from workflows.engine.policy import Consequence, Policy, whenever

__all__ = ["MOVING"]

_MOVE_IN, _MOVE_OUT, _RENOVATION, _TAKEOVER = "move_in", "move_out", "renovation", "takeover"


def rectify_what_was_found_at_the_move_in(move: MoveIn, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """验房问题逐项立案整改 · Every defect found when the home was inspected together opens a rectification."""
    assert isinstance(fact.event, MoveInInspected)
    first = len(move.defects) - len(fact.event.defects) + 1
    for number, found in enumerate(fact.event.defects, first):
        yield _rectify(found, _MOVE_IN, move.id, number, move.home, move.household)


def end_the_vacancy_with_the_keys(move: MoveIn, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """交付钥匙即结束空房；未清洁或钥匙不齐则拒绝 · The keys end the vacancy, or are not handed over."""
    event = fact.event
    assert isinstance(event, MoveInKeysHandedOver)
    if move.vacant_home is not None:
        yield Consequence(
            HandOverHome(
                reason=HandOverReason.MOVE_IN, keys=event.keys, move_in=move.id, defects_accepted=event.defects_accepted
            ),
            to=move.vacant_home,
            must=True,
        )


def open_the_file_of_who_moved_in(move: MoveIn, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """入住办结即建立住户档案，写入申请人姓名和电话 · A completed move-in opens the file, with the applicant's name and telephone."""
    assert isinstance(fact.event, MoveInCompleted)
    if move.household is None:
        opened = OpenHousehold(
            home=move.home,
            occupancy=move.occupancy,
            area=move.area,
            name=move.applicant,
            phone=move.phone,
            move_in=move.id,
        )
        yield Consequence(opened)


def link_the_move_in_to_the_file_it_ended_in(move: MoveIn, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """已有档案与入住关联 · A file that was there already is linked to the move-in, and is erased with it one day."""
    assert isinstance(fact.event, MoveInCompleted)
    if fact.event.household is not None:
        yield Consequence(LinkMoveIn(move_in=move.id), to=fact.event.household)


def link_the_file_to_its_move_in(household: Household, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """住户档案与入住关联 · The file that a move-in opened is linked to it."""
    if household.move_in is not None:
        yield Consequence(LinkMoveInHousehold(household=household.id), to=household.move_in)


def follow_up_every_move_in(move: MoveIn, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """入住满一个月回访 · Visit who moved in one month after, once the file says who that is."""
    if not fact.imported and move.moved_in_on is not None and move.household is not None:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.MOVE_IN,
                anchor=move.moved_in_on,
                origin_kind=_MOVE_IN,
                origin_id=move.id,
                household=move.household,
                home=move.home,
                chain=move.id,
            )
        )


def put_the_fees_in_advance_into_the_account(move: MoveIn, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """入住预缴物业费记入住户账 · Fees that were paid in advance are on the household's account since the day they came."""
    if (
        move.advance_source is not None
        and move.household is not None
        and move.fees_at is not None
        and not move.imported
    ):
        entry = Entry(
            kind=EntryKind.PAYMENT,
            day=local_date(move.fees_at),
            source=move.advance_source,
            amount_fen=move.advance_fen,
        )
        yield Consequence(PostEntry(household=move.household, entry=entry))


def take_fees_of_a_mistaken_step_out_of_the_account(work: Case, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """交钥匙、建档步骤误登撤销，预缴移出住户账 · They leave it when the step that put them there was a mistake."""
    assert isinstance(fact.event, StepWithdrawn)
    if not isinstance(work, MoveIn) or not work.advance_fen or work.imported:
        return
    for step in work.earlier:
        if step.version in fact.event.taken_back:
            file = work.household if isinstance(step.event, MoveInKeysHandedOver) else None
            if isinstance(step.event, MoveInCompleted | MoveInHouseholdLinked) and work.household is None:
                file = step.event.household
            if file is not None:
                entry = Entry(
                    kind=EntryKind.REVERSAL,
                    day=local_date(fact.occurred_at),
                    source=f"{work.id}#{fact.version}",
                    of=f"{work.id}#{step.version}",
                )
                yield Consequence(PostEntry(household=file, entry=entry))


def let_the_deposits_of_who_left_fall_due(household: Household, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """住户迁出，入住押金按期退还 · Deposits of the move-ins of a household that has left go back within days."""
    assert isinstance(fact.event, HouseholdLeft)
    for move in sorted(household.move_ins):
        yield Consequence(LetMoveInDepositFallDue(left_on=fact.event.left_on), to=move)


def hold_the_deposits_of_who_stays(household: Case, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """迁出系误登，入住押金继续留存 · They are held on where its leaving was a mistake."""
    assert isinstance(fact.event, StepWithdrawn)
    if isinstance(household, Household) and household.left_on is None:
        for move in sorted(household.move_ins):
            yield Consequence(HoldMoveInDepositOn(), to=move)


def rectify_what_was_found_at_the_move_out(move: MoveOut, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """迁出查验问题逐项立案整改 · Every defect found at a move-out opens a rectification."""
    assert isinstance(fact.event, MoveOutInspected)
    for number, found in enumerate(fact.event.defects, 1):
        yield _rectify(found, _MOVE_OUT, move.id, number, move.home, move.household)


def close_the_file_of_who_moved_out(move: MoveOut, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """迁出办结即登记住户迁出，保管期开始 · A completed move-out begins the retention of the file."""
    assert isinstance(fact.event, MoveOutCompleted)
    yield Consequence(MoveHouseholdOut(left_on=move.left_on), to=move.household)


def rectify_every_violation(work: Renovation, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """装修违章立案整改 · Every violation opens a rectification."""
    event = fact.event
    assert isinstance(event, RenovationStopped)
    yield Consequence(
        OpenRectification(
            matter=f"装修违章：{event.matter}",
            severity=Severity.SEVERE,
            origin_kind=_RENOVATION,
            origin_id=work.id,
            origin_item=str(event.violation),
            home=work.home,
            household=work.household,
            due_by=event.rectify_by,
        )
    )


def rectify_what_was_found_at_the_takeover(takeover: Takeover, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """承接查验问题逐项立案整改 · Every defect found at a takeover opens a rectification."""
    assert isinstance(fact.event, TakeoverChecked)
    first = len(takeover.defects) - len(fact.event.defects) + 1
    for number, found in enumerate(fact.event.defects, first):
        yield _rectify(found, _TAKEOVER, takeover.id, number, None, None)


def tell_the_origin_that_it_is_rectified(work: Rectification, _fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """整改关闭或撤销后告知原事项 · The end of a rectification is told to the move-in, renovation or takeover it came from."""
    if work.origin_id is None or work.origin_item is None or not work.origin_item.isdecimal():
        return
    number = int(work.origin_item)
    if work.origin_kind == _MOVE_IN:
        yield Consequence(NoteMoveInDefectSolved(defect=number), to=work.origin_id)
    elif work.origin_kind == _RENOVATION:
        yield Consequence(NoteViolationRectified(violation=number), to=work.origin_id)
    elif work.origin_kind == _TAKEOVER:
        yield Consequence(NoteTakeoverDefectSolved(defect=number), to=work.origin_id)


def tell_the_origin_of_a_mistaken_rectification(work: Case, fact: Fact, numbers: Numbers) -> Iterator[Consequence]:
    """误登的整改撤销后告知原事项 · So is the end of one that was a mistake."""
    if isinstance(work, Rectification):
        yield from tell_the_origin_that_it_is_rectified(work, fact, numbers)


def follow_up_every_takeover(takeover: Takeover, fact: Fact, _numbers: Numbers) -> Iterator[Consequence]:
    """接管后一个月内回访 · Visit the residents within a month after the takeover."""
    if not fact.imported and takeover.taken_over_on is not None:
        yield Consequence(
            OpenFollowUp(
                type=FollowUpType.TAKEOVER,
                anchor=takeover.taken_over_on,
                origin_kind=_TAKEOVER,
                origin_id=takeover.id,
                responsible=takeover.checked_by,
                chain=takeover.id,
            )
        )


def _rectify(
    found: FoundAtInspection, kind: str, case_id: str, number: int, home: str | None, household: str | None
) -> Consequence:
    return Consequence(
        OpenRectification(
            matter=f"{found.item}：{found.matter}",
            severity=found.severity,
            origin_kind=kind,
            origin_id=case_id,
            origin_item=str(number),
            home=home,
            household=household,
        )
    )


MOVING: tuple[Policy, ...] = (
    whenever(MoveInInspected, then=rectify_what_was_found_at_the_move_in, clause="1.3"),
    whenever(MoveInKeysHandedOver, then=end_the_vacancy_with_the_keys, clause="1.3"),
    whenever(MoveInCompleted, then=open_the_file_of_who_moved_in, clause="1.3"),
    whenever(MoveInCompleted, then=link_the_move_in_to_the_file_it_ended_in, clause="9.2"),
    whenever(HouseholdOpened, then=link_the_file_to_its_move_in, clause="9.1"),
    whenever(MoveInCompleted, then=follow_up_every_move_in, clause="5.2.3(3)"),
    whenever(MoveInHouseholdLinked, then=follow_up_every_move_in, clause="5.2.3(3)"),
    *(
        whenever(event, then=put_the_fees_in_advance_into_the_account, clause="7")
        for event in (MoveInKeysHandedOver, MoveInCompleted, MoveInHouseholdLinked)
    ),
    whenever(StepWithdrawn, then=take_fees_of_a_mistaken_step_out_of_the_account, clause="7"),
    whenever(HouseholdLeft, then=let_the_deposits_of_who_left_fall_due, clause="1.3"),
    whenever(StepWithdrawn, then=hold_the_deposits_of_who_stays, clause="1.3"),
    whenever(MoveOutInspected, then=rectify_what_was_found_at_the_move_out, clause="1.3"),
    whenever(MoveOutCompleted, then=close_the_file_of_who_moved_out, clause="9.1"),
    whenever(RenovationStopped, then=rectify_every_violation, clause="1.4"),
    whenever(TakeoverChecked, then=rectify_what_was_found_at_the_takeover, clause="5.2.3(1)"),
    whenever(RectificationClosed, then=tell_the_origin_that_it_is_rectified, clause="1.1"),
    whenever(RectificationWithdrawn, then=tell_the_origin_that_it_is_rectified, clause="1.1"),
    whenever(WithdrawnAsMistaken, then=tell_the_origin_of_a_mistaken_rectification, clause="1.1"),
    whenever(EstateTakenOver, then=follow_up_every_takeover, clause="5.2.3(1)"),
)
