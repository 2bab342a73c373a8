"""What is known of a debt case 欠费追讨 after some of its facts (§8). Data only: the state comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from domain.arrears import shared_events, terms
from domain.arrears.ascents import ClimbingDebtor
from domain.arrears.debt_case import events
from domain.arrears.limitation import RunningClaim
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.errors import Refusal
from domain.kernel.fact import Case, Event, Fact
from domain.kernel.rules import broken

OPENED, STAGE1, STAGE2, CONCESSION = "opened", "stage-1", "stage-2", "concession"
SUSPENSION_DUE, SUSPENDED, LEGAL, SETTLED = "suspension-due", "suspended", "legal", "settled"
OPEN = (OPENED, STAGE1, STAGE2, CONCESSION, SUSPENSION_DUE, SUSPENDED, LEGAL)  # the debt is still pursued


@dataclass(slots=True, kw_only=True)
class DebtCase(ClimbingDebtor, Case):
    """The pursuit of one household's arrears: its ladder, and what interrupts it.

    ``plan``: the bills of the plan; ``suit_at``: when a suit was brought that is not over, though what it was about may be
    paid by now.
    """

    CORRECTS = ("category",)
    PAPERS = True

    household: str | None = None
    left_off: str = ""
    category: terms.DebtorCategory = terms.DebtorCategory.ORDINARY
    reason: terms.ArrearsReason | None = None
    claimed_fen: int = 0
    stage2_at: datetime | None = None
    visited_at: datetime | None = None
    visit_outcome: terms.VisitOutcome | None = None
    manager_visited: bool = False
    act_by: date | None = None
    act_until: date | None = None
    action_late_at: datetime | None = None
    committee: dict[terms.LastMeasure, terms.Consultation] = field(default_factory=dict)
    suspended_at: datetime | None = None
    services: tuple[terms.OptionalService, ...] = ()
    restored_at: datetime | None = None
    legal_at: datetime | None = None
    suit_at: datetime | None = None
    legal_outcome: terms.LegalOutcome | None = None
    legal_outcome_on: date | None = None
    proposed: events.ConcessionProposed | None = None
    proposed_by: str | None = None
    instalments: tuple[terms.Instalment, ...] = ()
    plan: tuple[str, ...] = ()
    concession_from_fen: int = 0
    reliefs: list[terms.GrantedRelief] = field(default_factory=list)
    held_since: date | None = None
    in_transit_fen: int = 0
    in_transit_on: date | None = None
    next_by: date | None = None
    next_late_at: datetime | None = None
    settled_at: datetime | None = None

    def why_it_stands(self) -> Refusal | None:
        """What was done against somebody is not undone by calling it a mistake."""
        if (self.suspended_at and not self.restored_at) or self.legal_at:
            return broken("measures-taken", "8", "已停止服务或已起诉", "services are suspended, or it is at law")
        return None

    def why_the_step_stands(self, said: Event) -> Refusal | None:
        """Nor step by step; and a letter that was late is written on the climb that the step began."""
        if self.notice_late and isinstance(said, (events.DebtCaseReopened, events.LadderBegunAnew)):
            zh, en = "这一轮追讨已有逾期的催款通知", "a letter of this pursuit is late already"
            return broken("letter-late", "8.A", zh, en)
        return self.why_it_stands()

    @property
    def stage(self) -> int:
        """The highest stage reached: 0 opened, 1 noticed, 2 second stage, 3 suspended or at law."""
        return 3 if self.legal_at or self.suspended_at else 2 if self.stage2_at else 1 if self.notice1_at else 0

    @property
    def action_due(self) -> datetime | None:
        """Until when the manager suspends services or goes to law."""
        return self.owed(self.act_until) if self.action_late_at is None else None

    @property
    def committee_until(self) -> date | None:
        """Until when the owners' committee may answer; None when nothing waits for it."""
        return max((each.answer_by for each in self.committee.values() if each.waits and each.answer_by), default=None)

    @property
    def committee_due(self) -> datetime | None:
        """24:00 of the day on which the first of what it was asked has waited long enough."""
        waiting = [each.answer_by for each in self.committee.values() if each.waits and each.answer_by]
        return end_of_day(min(waiting)) if waiting else None

    @property
    def unanswered(self) -> tuple[terms.LastMeasure, ...]:
        """The measures of which the owners' committee was told, and has said nothing."""
        return tuple(measure for measure, asked in self.committee.items() if asked.answer is None)

    @property
    def next_instalment(self) -> terms.Instalment | None:
        """The first instalment that what was paid so far does not cover."""
        paid = self.concession_from_fen - sum(max(self.bills.get(bill, 0), 0) for bill in self.plan)
        return terms.first_unpaid(self.instalments, paid)

    @property
    def instalment_due(self) -> datetime | None:
        """24:00 of the next instalment's day; a dispute stops that clock too."""
        instalment = self.next_instalment
        return self.owed(instalment.due_on) if instalment is not None else None

    @property
    def next_due(self) -> datetime | None:
        """Until when the next step is taken where no other clock runs: no open debt is without a date."""
        return end_of_day(self.next_by) if self.next_by is not None and self.next_late_at is None else None


def evolve(debt: DebtCase, fact: Fact) -> None:
    """Fold one fact into the case: the ladder first, then what interrupts it."""
    stood = debt.stands_still
    _of_ladder(debt, fact)
    _of_terms(debt, fact)
    _next(debt, fact)
    if debt.stands_still is not stood:
        _still(debt, local_date(fact.occurred_at))
    _left_in_peace(debt, fact)


def _left_in_peace(debt: DebtCase, fact: Fact) -> None:
    """Nobody is to call while all is disputed, a plan is being kept, or nothing is owed."""
    at, limit = fact.occurred_at, terms.ContactLimit
    debt.rest(limit.DISPUTE, at, now=debt.stands_still)
    match fact.event:
        case events.ConcessionApproved():
            debt.rest(limit.PLAN, at, now=True)
        case events.DebtSettled():
            debt.rest(limit.PLAN, at, now=False)
            debt.rest(limit.NOTHING_OWED, at, now=True)
        case events.LadderBegunAnew() | shared_events.PlanEnded():
            debt.rest(limit.PLAN, at, now=False)
        case events.DebtCaseReopened() | shared_events.Resumed():
            debt.rest(limit.NOTHING_OWED, at, now=False)


def _of_ladder(debt: DebtCase, fact: Fact) -> None:
    match fact.event:
        case events.DebtCaseOpened() as e:
            debt.household = e.household
            _begin(debt, e)
        case events.DebtCaseReopened() as e:
            _from_the_bottom(debt, fact)
            _begin(debt, e)
        case events.LadderBegunAnew() as e:
            _from_the_bottom(debt, fact)
            debt.notice1_by, debt.notice2_by = e.notice1_by, e.notice2_by
        case e if isinstance(e, shared_events.Resumed):
            _resume(debt, e)
        case events.BillJoinedDebtCase() as e:
            debt.bills[e.bill] = e.outstanding_fen
            debt.claim_goes_on(e.bill, e.lapses_on)
        case events.DebtorClassified() as e:
            debt.category = e.category
        case events.ArrearsReasonFound() as e:
            debt.reason = e.reason
        case events.DunningNoticeIssued() as e:
            debt.notice1_at = debt.notice1_at or fact.occurred_at
            _claimed(debt, e)
        case events.SecondNoticeIssued() as e:
            debt.notice2_at = fact.occurred_at
            _claimed(debt, e)
        case events.NoticeDelivered() as e:
            debt.delivered(e.stage, fact.occurred_at, e.lapses_on, earlier=e.earlier)
        case events.NoticeLate() as e:
            debt.notice_late = e.stage
        case events.ContactPlanned() as e:
            debt.contacts_planned.append(e.appointed_at)
        case events.ReminderGiven() as e:
            debt.contacted(e.beyond, local_date(fact.occurred_at))
        case events.SecondStageBegun():
            debt.stage2_at = debt.stage2_at or fact.occurred_at
        case events.HomeVisited() as e:
            debt.visited_at = fact.occurred_at
            if e.beyond is None or not e.beyond.rests:
                debt.visit_outcome, debt.act_by = e.outcome, e.act_by
            debt.manager_visited = debt.manager_visited or e.by_manager
            debt.contacted(e.beyond, local_date(fact.occurred_at))
            _interrupted(debt, terms.InterruptionKind.ADMISSION, local_date(fact.occurred_at), e.lapses_on)
        case events.SuspensionFellDue() as e:
            debt.act_by, debt.act_until, debt.action_late_at = None, e.act_until, None
        case events.ActionLate() as e:
            debt.action_late_at = end_of_day(e.due_on)
        case events.CommitteeConsulted() as e if e.counts:
            asked = terms.Consultation(on=e.on, document=e.document, answer_by=e.answer_by)
            debt.committee |= dict.fromkeys(e.measures, asked)
            debt.act_until = e.act_until or debt.act_until
        case events.CommitteeAnswered() as e:
            for each in e.measures:
                debt.committee[each] = debt.committee[each].answered(e.answer, e.on)
        case events.CommitteeSilent() as e:
            for each, asked in debt.committee.items():
                debt.committee[each] = replace(asked, silent=asked.silent or asked.answer_by == e.answer_by)
        case events.ServicesSuspended() as e:
            debt.suspended_at, debt.services, debt.act_until = fact.occurred_at, e.services, None
        case events.SuspensionAmended() as e:
            debt.services = e.services
        case events.ServicesRestored() | events.SuspensionLifted():
            debt.restored_at, debt.services = fact.occurred_at, ()
        case events.LegalActionStarted() as e:
            debt.legal_at, debt.act_by, debt.act_until = debt.legal_at or fact.occurred_at, None, None
            debt.suit_at = debt.legal_at
            debt.legal_outcome = debt.legal_outcome_on = None
            _interrupted(debt, terms.InterruptionKind.SUIT, local_date(fact.occurred_at), e.lapses_on)
        case events.LegalStepRecorded() as e:
            debt.legal_outcome, debt.legal_outcome_on = e.outcome, e.on
        case events.LegalActionEnded() as e:
            brought = local_date(debt.legal_at or fact.occurred_at)
            debt.legal_outcome, debt.legal_outcome_on, debt.legal_at, debt.suit_at = e.outcome, e.on, None, None
            _interrupted(debt, terms.InterruptionKind.SUIT, brought, e.lapses_on)
        case events.LegalOutcomeNoted() as e:
            debt.legal_outcome, debt.legal_outcome_on = e.outcome, e.on
            if e.outcome.ends:
                debt.legal_at = debt.suit_at = None
        case events.InterruptionRecorded() as e if e.proven:
            _interrupted(debt, e.kind, e.on, e.lapses_on, e.bills)
        case events.LimitationNear() as e if e.bill in debt.claims:  # the step that brought it may be taken back
            debt.claims[e.bill].reminded = e.remind_on


def _of_terms(debt: DebtCase, fact: Fact) -> None:
    match fact.event:
        case events.ConcessionProposed() as e:
            debt.proposed, debt.proposed_by = e, fact.user_id
        case events.ConcessionApproved() as e:
            debt.instalments, debt.plan = e.instalments, e.bills or debt.unpaid
            debt.concession_from_fen = sum(debt.bills[bill] for bill in debt.plan)
            debt.dunned |= set(debt.plan)
            debt.proposed = debt.act_by = debt.act_until = None
            debt.held_since = debt.held_since or local_date(fact.occurred_at)
            debt.disputed_since = local_date(fact.occurred_at) if debt.stands_still else None
        case events.ReliefGranted() as e:
            debt.reliefs.append(
                terms.GrantedRelief(
                    number=fact.version,
                    day=local_date(fact.occurred_at),
                    kind=e.kind,
                    bill=e.bill,
                    amount_fen=e.amount_fen,
                    given_by=fact.user_id,
                )
            )
            debt.proposed = None
        case events.ConcessionRefused():
            debt.proposed = None
        case events.InstalmentBroken() | events.InstalmentBrokenInFirstStage() | events.InstalmentBrokenBeforeNotice():
            debt.instalments, debt.plan = (), ()
            if not debt.stands_still:
                _run_on(debt, local_date(fact.occurred_at))
        case events.DisputeRaised() as e:
            debt.disputed, debt.disputes = debt.disputed or not e.bills, debt.disputes + 1
            debt.disputed_bills |= set(e.bills)
            debt.dispute_at = debt.dispute_at or fact.occurred_at
        case events.DisputeReleased() as e:
            debt.disputed = debt.disputed and bool(e.bills)
            debt.disputed_bills = debt.disputed_bills - set(e.bills) if e.bills else set()
        case events.PaymentInTransitNoted() as e:
            debt.in_transit_fen, debt.in_transit_on = e.amount_fen, e.expected_on
        case events.DebtPaymentNoted() as e:
            debt.bills[e.bill] = e.outstanding_fen
            if e.received:
                debt.in_transit_fen, debt.in_transit_on = 0, None
            if e.bill in debt.claims:
                debt.claims[e.bill].paid(e.paid_on, e.years)
            debt.relapse()
        case events.ClaimLapsed() as e:
            debt.claims.setdefault(e.bill, RunningClaim(e.lapsed_on)).lapsed_on = e.lapsed_on
            debt.relapse()
        case events.DebtSettled():
            debt.left_off, debt.settled_at, debt.act_by, debt.act_until = debt.state, fact.occurred_at, None, None


def _next(debt: DebtCase, fact: Fact) -> None:
    """The date of the next step: what the fact says, or none where a letter, a plan or the manager's action has its own.

    A dispute of all that is owed stops those clocks, and its own date stands until another takes its place.
    """
    match fact.event:
        case events.LegalOutcomeNoted():
            return
        case events.HomeVisited() as e if e.beyond is not None and e.beyond.rests:
            return
        case events.CommitteeConsulted() as e if not e.counts:
            return
        case e if hasattr(e, "next_by") and (e.next_by is not None or not debt.stands_still):
            debt.next_by, debt.next_late_at = e.next_by, None
        case events.NextStepLate() as e:
            debt.next_late_at = end_of_day(e.due_on)
        case (
            events.SuspensionFellDue()
            | events.ConcessionApproved()
            | events.LadderBegunAnew()
            | events.DebtCaseReopened()
            | events.DebtSettled()
        ) if not debt.stands_still:
            debt.next_by = debt.next_late_at = None


def _begin(debt: DebtCase, opened: events.DebtCaseOpened | events.DebtCaseReopened) -> None:
    debt.bills, debt.lapses, debt.claims = {opened.bill: opened.outstanding_fen}, {}, {}
    debt.notice1_by, debt.notice2_by = opened.notice1_by, opened.notice2_by
    debt.claim_runs(opened.bill, opened.lapses_on)


def _resume(debt: DebtCase, resumed: shared_events.Resumed) -> None:
    """It goes on where it was; the terms that the fact names run from today."""
    debt.settled_at = None
    if resumed.ladder:
        debt.climb_again(debt.climbed[resumed.bill])
    debt.bills[resumed.bill] = resumed.outstanding_fen
    debt.claim_runs(resumed.bill, resumed.lapses_on)
    match resumed:
        case events.DebtCaseResumedBeforeNotice():
            debt.notice1_by, debt.notice2_by = resumed.notice1_by, resumed.notice2_by
        case events.DebtCaseResumedInFirstStage():
            debt.notice2_by = resumed.notice2_by
        case events.DebtCaseResumedInSecondStage():
            debt.notice2_by, debt.act_by = resumed.notice2_by, resumed.act_by
        case events.DebtCaseResumedForSuspension():
            debt.act_until = resumed.act_until


def _from_the_bottom(debt: DebtCase, fact: Fact) -> None:
    """Nothing of the ladder that was climbed before counts; what kind of debtor it is, and an open dispute, do."""
    debt.keep_ascent(debt.left_off if debt.settled_at is not None else debt.state)
    debt.ascends_anew()
    debt.stage2_at = debt.legal_at = debt.legal_outcome = debt.legal_outcome_on = None
    debt.visited_at = debt.visit_outcome = debt.act_by = debt.act_until = debt.action_late_at = debt.reason = None
    debt.suspended_at = debt.proposed = debt.proposed_by = debt.settled_at = debt.in_transit_on = None
    debt.manager_visited, debt.claimed_fen, debt.in_transit_fen = False, 0, 0
    debt.instalments, debt.plan, debt.committee = (), (), {}
    debt.held_since = debt.disputed_since = local_date(fact.occurred_at) if debt.stands_still else None


def _claimed(debt: DebtCase, notice: shared_events.Notice) -> None:
    debt.claimed_fen = sum(claim.total_fen for claim in notice.claims) + notice.current_fen
    debt.dunned |= {claim.bill for claim in notice.claims}


def _interrupted(
    debt: DebtCase, kind: terms.InterruptionKind, on: date, lapses_on: date | None, bills: tuple[str, ...] = ()
) -> None:
    """Of the bills that it names, else of those that were dunned, else of all."""
    debt.interrupted(kind, on, lapses_on, set(bills) or debt.dunned or set(debt.bills))


def _still(debt: DebtCase, today: date) -> None:
    """All that is owed is disputed from now on, or no longer."""
    if debt.stands_still:
        debt.held_since, debt.disputed_since = debt.held_since or today, debt.disputed_since or today
        return
    _pay_later(debt, today)
    if debt.state != CONCESSION:
        _run_on(debt, today)


def _run_on(debt: DebtCase, today: date) -> None:
    """The clocks stood still while it was disputed or a plan ran: what was left of each term is still left."""
    held, debt.held_since = today - (debt.held_since or today), None
    debt.notice1_by, debt.notice2_by = _later(debt.notice1_by, held), _later(debt.notice2_by, held)
    debt.act_by, debt.act_until = _later(debt.act_by, held), _later(debt.act_until, held)


def _later(term: date | None, held: timedelta) -> date | None:
    return term + held if term is not None else None


def _pay_later(debt: DebtCase, today: date) -> None:
    """What of a plan was still to come when it was disputed comes so much later."""
    since, debt.disputed_since = debt.disputed_since or today, None
    debt.instalments = tuple(
        replace(part, due_on=part.due_on + (today - since)) if part.due_on >= since else part
        for part in debt.instalments
    )
