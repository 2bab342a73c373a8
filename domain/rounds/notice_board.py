"""Notice board 宣传栏 (§1.7): a new edition every month, taken down when it is out of date; a month without is a breach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Case, Command, Event, Fact, Moment, command, event
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, breach, deadline, hold, step
from domain.kernel.names import numbered
from domain.kernel.people import Actor, Role
from domain.kernel.periods import Month
from domain.kernel.rules import broken, day_beyond_cap, day_passed, forbid, missing

IN_USE, RETIRED = "in-use", "retired"


@event()
class NoticeBoardSetUp(Event):
    """宣传栏已设立 · Notice board set up."""

    name: str
    place: str
    editions_wanted: int = 1


@event()
class EditionPrepared(Event):
    """宣传栏内容已准备 · Edition prepared."""

    month: date
    title: str
    contents: str | None = None


@event()
class EditionPosted(Event):
    """宣传栏已张贴 · Edition posted."""

    month: date
    number: int
    title: str
    editions_wanted: int = 1
    photo: str | None = None
    take_down_by: date | None = None
    replaces: str | None = None


@event()
class EditionTakenDown(Event):
    """张贴内容已撤下 · Posting taken down."""

    title: str


@event()
class PostingOutdated(Event):
    """张贴内容已过期 · Posting out of date."""

    title: str
    due_at: datetime


@event()
class EditionMissed(Event):
    """当月宣传栏未更换 · A month passed without a new edition."""

    month: date
    due_at: datetime
    editions_wanted: int = 1


@event()
class NoticeBoardRetired(Event):
    """宣传栏已停用 · Notice board retired."""

    reason: str


@dataclass(slots=True)
class BoardMonth:
    """One month of a board: how many editions were wanted and posted."""

    wanted: int
    posted: int = 0
    posted_at: datetime | None = None
    missed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class NoticeBoard(Case):
    """One board with its months. ``title`` is what hangs there now."""

    CORRECTS = ("place",)

    name: str = ""
    place: str = ""
    months: dict[Month, BoardMonth] = field(default_factory=dict)
    due_month: Month | None = None
    prepared: str | None = None
    title: str | None = None
    posted_at: datetime | None = None
    take_down_by: date | None = None
    outdated_at: datetime | None = None
    retired_on: date | None = None

    @property
    def edition_due_at(self) -> datetime | None:
        """24:00 of the last day of the month that still wants an edition."""
        return self.due_month.ends_at if self.due_month is not None else None

    @property
    def edition_behind(self) -> datetime | None:
        """Since when a month's missed edition waits to be made up for: until the next one hangs there (§1.7)."""
        missed = [m.missed_at for m in self.months.values() if m.missed_at is not None and m.posted < m.wanted]
        return min((at for at in missed if self.posted_at is None or self.posted_at < at), default=None)

    @property
    def take_down_at(self) -> datetime | None:
        """When what hangs there goes out of date."""
        wanted = self.title is not None and self.take_down_by is not None and self.outdated_at is None
        return end_of_day(self.take_down_by) if wanted and self.take_down_by is not None else None


def evolve(board: NoticeBoard, fact: Fact) -> None:
    """Fold one fact into the board."""
    match fact.event:
        case NoticeBoardSetUp() as e:
            board.name, board.place = e.name, e.place
            board.due_month = Month.of(local_date(fact.occurred_at))
            board.months[board.due_month] = BoardMonth(e.editions_wanted)
        case EditionPrepared() as e:
            board.prepared = e.title
        case EditionPosted() as e:
            month = board.months.setdefault(Month.of(e.month), BoardMonth(e.editions_wanted))
            month.posted, month.posted_at = month.posted + 1, min(month.posted_at or fact.occurred_at, fact.occurred_at)
            if board.posted_at is None or fact.occurred_at >= board.posted_at:
                # An edition that is entered late counts for its month; what hangs there now is the later one.
                board.title, board.posted_at, board.prepared = e.title, fact.occurred_at, None
                board.take_down_by, board.outdated_at = e.take_down_by, None
            if board.due_month == Month.of(e.month) and month.posted >= month.wanted:
                _owe(board, board.due_month.next(), e.editions_wanted)
        case EditionTakenDown():
            board.title = board.take_down_by = None
        case PostingOutdated() as e:
            board.outdated_at = e.due_at
        case EditionMissed() as e:
            month = board.months.setdefault(Month.of(e.month), BoardMonth(e.editions_wanted))
            month.missed_at = e.due_at
            _owe(board, Month.of(e.month).next(), e.editions_wanted)
        case NoticeBoardRetired():
            board.retired_on, board.due_month = local_date(fact.occurred_at), None


def _month_of(_board: NoticeBoard, fact: Fact) -> str:
    """The month that an edition, or the want of one, is about."""
    event = fact.event
    return str(Month.of(event.month)) if isinstance(event, EditionMissed | EditionPosted) else ""


def _owe(board: NoticeBoard, month: Month, wanted: int) -> None:
    board.due_month = month
    board.months.setdefault(month, BoardMonth(wanted))


@command
class SetUpNoticeBoard(Command):
    """设立宣传栏 · Set up a notice board."""

    name: str
    place: str

    def decide(self, _board: None, at: Moment) -> Iterator[Event]:
        """It wants an edition this month already (§1.7)."""
        yield self.to_event(NoticeBoardSetUp, editions_wanted=at.numbers.integer("notice_board.editions_per_month"))


@command
class PrepareEdition(Command):
    """准备宣传栏内容 · Prepare an edition."""

    title: str
    contents: str | None = None

    def decide(self, _board: NoticeBoard, at: Moment) -> Iterator[Event]:
        """What will hang there (§1.7)."""
        yield self.to_event(EditionPrepared, month=Month.of(at.today).first)


@command
class PostEdition(Command):
    """张贴宣传栏 · Post an edition."""

    title: str | None = None
    photo: str | None = None
    take_down_by: date | None = None

    def decide(self, board: NoticeBoard, at: Moment) -> Iterator[Event]:
        """It replaces what hung there and counts for the month in which it was posted (§1.7)."""
        title = self.title or board.prepared
        if title is None:
            raise missing("title", "1.7", "请填写标题，或先准备内容", "give a title, or prepare it first")
        if self.photo is None:
            at.require_evidence(missing("photo", "1.7", "请附张贴照片编号", "refer to a photo of the posting"))
        if self.take_down_by is not None:
            forbid(day_passed(self.take_down_by, "1.7", at, "take_down_by"))
            at.require_evidence(day_beyond_cap(self.take_down_by, "1.7", at, "take_down_by"))
        month = Month.of(at.today)
        found = board.months.get(month)
        yield EditionPosted(
            month=month.first,
            number=(found.posted if found is not None else 0) + 1,
            title=title,
            photo=self.photo,
            editions_wanted=at.numbers.integer("notice_board.editions_per_month"),
            take_down_by=self.take_down_by,
            replaces=board.title,
        )


@command
class TakeDownPosting(Command):
    """撤下张贴内容 · Take the posting down."""

    @staticmethod
    def ready(board: NoticeBoard, _who: Actor) -> RuleBroken | None:
        """Something must hang there."""
        if board.title is None:
            return broken("nothing-posted", "1.7", "宣传栏上没有内容", "nothing hangs there")
        return None

    def decide(self, board: NoticeBoard, _at: Moment) -> Iterator[Event]:
        """In time, so that nothing stale hangs there (§1.7)."""
        yield EditionTakenDown(title=board.title or "")


@command
class MarkPostingOutdated(Command):
    """张贴内容已过期 · Note that the posting is out of date."""

    def decide(self, board: NoticeBoard, at: Moment) -> Iterator[Event]:
        """It should have been taken down by then (§1.7)."""
        yield PostingOutdated(title=board.title or "", due_at=board.take_down_at or at.now)


@command
class MarkEditionMissed(Command):
    """当月宣传栏未更换 · Note that the month passed without a new edition."""

    def decide(self, board: NoticeBoard, at: Moment) -> Iterator[Event]:
        """The breach stands at the month's end, 24:00; several missed months follow in order (§1.7)."""
        assert board.due_month is not None
        yield EditionMissed(
            month=board.due_month.first,
            due_at=board.due_month.ends_at,
            editions_wanted=at.numbers.integer("notice_board.editions_per_month"),
        )


@command
class RetireNoticeBoard(Command):
    """停用宣传栏 · Retire the notice board.

    It owes no editions any more (§1.7).
    """

    reason: str


_STAFF = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DEPARTMENT_HEAD, Role.MANAGER)

# fmt: off
LIFECYCLE = Lifecycle(
    of=NoticeBoard, kind="notice_board", path="notice-boards", zh="宣传栏", en="notice board", clauses="1.7", evolve=evolve,
    states={IN_USE: ("在用", "in use"), RETIRED: ("已停用", "retired")},
    final=[RETIRED],
    steps=[  # command            event               from    to       who                      clause
        step(SetUpNoticeBoard,    NoticeBoardSetUp,   None,   IN_USE,  [Role.ADMINISTRATOR, Role.MANAGER, Role.POLICY], "1.7"),
        step(PrepareEdition,      EditionPrepared,    IN_USE, SAME,    _STAFF,                  "1.7"),
        step(PostEdition,         EditionPosted,      IN_USE, SAME,    _STAFF,                  "1.7"),
        step(TakeDownPosting,     EditionTakenDown,   IN_USE, SAME,    _STAFF,                  "1.7"),
        step(MarkPostingOutdated, PostingOutdated,    IN_USE, SAME,    [Role.CLOCK],            "1.7"),
        step(MarkEditionMissed,   EditionMissed,      IN_USE, SAME,    [Role.CLOCK],            "1.7"),
        step(RetireNoticeBoard,   NoticeBoardRetired, IN_USE, RETIRED, [Role.MANAGER],          "1.7"),
    ],
    holds=[
        hold(IN_USE, lambda board: () if board.imported else numbered("notice-board", board.name),
             zh="宣传栏名称不得重复", en="a board's name is of one board"),
    ],
    deadlines=[
        deadline("edition", IN_USE, due=lambda board: board.edition_due_at, gives=MarkEditionMissed, clause="1.7",
                 zh="每月更换宣传栏", en="a new edition this month"),
        deadline("take-down", IN_USE, due=lambda board: board.take_down_at, gives=MarkPostingOutdated, clause="1.7",
                 zh="过期内容及时撤换", en="take the posting down in time"),
    ],
    breaches=[
        breach(EditionMissed, EditionPosted, line=_month_of), breach(PostingOutdated, EditionTakenDown, EditionPosted, recurs=True),
    ],
)
# fmt: on
