"""Events 事件, commands 指令 and facts 记录: what can be said, what can be asked, what stands in the book.

An *event* is what happened, as data. A *fact* is an event with who, as what, when it happened (``occurred_at``,
业务时间), when the book took it (``recorded_at``, 入账时间) and because of which other fact. Facts are never changed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from functools import cache
from inspect import get_annotations
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar, TypeVar, dataclass_transform, get_args, get_type_hints
from uuid import UUID

from domain.handbook.settings import Numbers, Settings
from domain.kernel.calendar import SHANGHAI, local_date
from domain.kernel.errors import Refusal
from domain.kernel.people import Actor, Role
from domain.kernel.record import passing
from domain.kernel.standing import (
    Correction,
    LateEntry,
    Paper,
    SetAside,
    Waiting,
    WithdrawnStep,
    Written,
    WrittenBreach,
)

__all__ = ["COMMANDS", "EVENTS", "Case", "Command", "Event", "Fact", "Moment", "Personal", "command", "event"]


class _PersonalMark:
    """Marks a field as personal data 个人信息: sealed with the household's key before it is stored (§9.2)."""

    def __repr__(self) -> str:
        return "personal"


Personal = Annotated[str, _PersonalMark()]
"""Text about a person. It stands in the book only sealed; whoever folds facts sees the sealed token."""

EVENTS: dict[str, type[Event]] = {}
"""Every event by its stable name: the book's allow-list."""
COMMANDS: dict[str, type[Command]] = {}
"""Every command by its name."""
_SHARED: dict[tuple[type, type], tuple[str, ...]] = {}
"""The fields that a command and an event have both."""


class _Record:
    """What events and commands have in common: records whose fields say it all."""

    __slots__ = ()

    def __repr__(self) -> str:
        """As a dataclass would; made once here, since making it four hundred times takes a while at every start."""
        said = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self))  # type: ignore[arg-type]
        return f"{type(self).__qualname__}({said})"


class Event(_Record):
    """Base of every event. Subclasses are declared with :func:`event`."""

    __slots__ = ()
    SCHEMA: ClassVar[int] = 1
    PERSONAL: ClassVar[tuple[str, ...]] = ()
    SUBJECT: ClassVar[str | None] = None
    """The field that names the household whose data the personal fields are, where that is not the case's."""
    ZH: ClassVar[str] = ""
    EN: ClassVar[str] = ""

    def destroys(self) -> tuple[str, ...]:
        """The subjects whose keys are destroyed with this fact 销毁."""
        return ()

    def whose(self) -> str | None:
        """The household whose data the personal fields are, if the event itself says so."""
        return getattr(self, self.SUBJECT) if self.SUBJECT is not None else None


class Command(_Record):
    """Base of every command. Subclasses are declared with :func:`command` and know how to ``decide``."""

    __slots__ = ()
    PERSONAL: ClassVar[tuple[str, ...]] = ()
    MAY_LACK: ClassVar[frozenset[str]] = frozenset()
    """Names of related cases that need not be there, such as a household's arrears; then they are None."""
    STATE_ENOUGH: ClassVar[frozenset[str]] = frozenset()
    """Names of related cases of which nothing but the state is looked at: their matter is not read."""
    ZH: ClassVar[str] = ""
    EN: ClassVar[str] = ""

    def decide(self, _case: Any, _at: Moment) -> Iterator[Event]:
        """Yield the events this command brings about, or raise a :class:`~domain.kernel.errors.Refusal`.

        A command that only says what it says does not define this: the lifecycle table has one event for it in each
        state, and that is what happened (:meth:`~domain.kernel.lifecycle.ask.Lifecycle.decide`).
        """
        msg = f"{type(self).__name__} is decided by the table of its kind"
        raise TypeError(msg)

    def to_event(self, event: type[Any], **more: Any) -> Any:
        """An event that says what this command says: its fields of the same names, and ``more``."""
        names = _SHARED.get((type(self), event))
        if names is None:
            mine = {f.name for f in fields(self)}  # type: ignore[arg-type]
            names = _SHARED[type(self), event] = tuple(f.name for f in fields(event) if f.name in mine)
        return event(**{name: getattr(self, name) for name in names if name not in more}, **more)

    @staticmethod
    def ready(_case: Any, _who: Actor) -> Refusal | None:
        """Why the case, as its data stand, does not allow this command to ``who``, whatever its fields say; or None.

        Whoever asks what is permitted asks this, and so does every decision: a rule that rests on the case and on the
        person alone stands here and nowhere else.
        """
        return None

    def related(self) -> Mapping[str, str]:
        """The other cases that the decision reads: name → case id. They are guarded until the facts are written."""
        return {}

    def may_lack(self, name: str) -> bool:
        """Whether the related case of this name need not be there, or may have been withdrawn."""
        return name in self.MAY_LACK

    def related_to(self, _case_id: str, _office: str) -> Mapping[str, str]:
        """The same, where the case itself or the office leads to others."""
        return self.related()

    def led_to(self, _case: Any, _office: str) -> Mapping[str, str]:
        """What the case as it stands leads to besides; nothing for another system's history."""
        return {}


def _titles(cls: type) -> tuple[str, str]:
    """The first line of the docstring is «中文 · English.»: the one place where a word has its two names."""
    first = (cls.__doc__ or "").strip().splitlines()[0]
    zh, separator, en = first.partition(" · ")
    if not separator:
        msg = f"{cls.__name__}: the docstring must begin «中文 · English.»"
        raise TypeError(msg)
    return zh, en.rstrip(".")


def _personal_fields(cls: type) -> tuple[str, ...]:
    hints = {
        name: (hint, each.__module__) for each in reversed(cls.__mro__) for name, hint in get_annotations(each).items()
    }
    return tuple(f.name for f in fields(cls) if _says_personal(*hints[f.name]))


@cache
def _says_personal(hint: Any, module: str) -> bool:
    """Whether an annotation, as a module writes it, means personal data: every module writes few of them, again and again."""
    written = SimpleNamespace(__annotations__={"it": hint})
    return _is_personal(get_type_hints(written, vars(sys.modules[module]), include_extras=True)["it"])


def _is_personal(hint: Any) -> bool:
    if any(isinstance(mark, _PersonalMark) for mark in getattr(hint, "__metadata__", ())):
        return True
    return any(_is_personal(part) for part in get_args(hint) if not isinstance(part, str))


E = TypeVar("E", bound=Event)
C = TypeVar("C", bound=Command)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(*, schema: int = 1) -> Callable[[type[E]], type[E]]:
    """Declare an event: a frozen record with a stable name (its class name) and a schema number."""

    def declare(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True, slots=True, kw_only=True, repr=False)(cls)
        made.SCHEMA = schema
        made.PERSONAL = _personal_fields(made)
        made.ZH, made.EN = _titles(made)
        if made.__name__ in EVENTS:
            msg = f"two events are called {made.__name__}"
            raise TypeError(msg)
        EVENTS[made.__name__] = made
        return made

    return declare


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(cls: type[C]) -> type[C]:
    """Declare a command: a frozen record whose fields are what the caller fills in; nothing else is accepted."""
    made = dataclass(frozen=True, slots=True, kw_only=True, repr=False)(cls)
    made.PERSONAL = _personal_fields(made)
    made.ZH, made.EN = _titles(made)
    if made.__name__ in COMMANDS:
        msg = f"two commands are called {made.__name__}"
        raise TypeError(msg)
    COMMANDS[made.__name__] = made
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of an office's book 台账. ``number`` is its page number 页码, 0 while it is not yet written.

    ``originator_id`` and ``originator_version`` make a fact what the event store library calls a domain event.
    """

    office: str
    number: int
    case_id: str
    version: int
    event_id: UUID
    event: Event
    user_id: str
    role: Role
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID
    causation_id: UUID | None = None
    source_id: str | None = None
    imported: bool = False
    waived: tuple[str, ...] = ()
    term: str | None = None
    """For imported facts: the other system's own word for the row, and the line on which it stood."""
    line: int | None = None
    late: int | None = None
    """For late entries 补录: by how many seconds; why; and, for what a policy made of one, who entered it."""
    late_reason: str | None = None
    entered_by: str | None = None
    wait_until: datetime | None = None
    """By when the next step is taken, where something begins to wait with it 候办期限."""
    judge_by: datetime | None = None
    """Of a late entry that counts only once somebody above has confirmed it: by when that is decided 补录核实期限."""

    @property
    def originator_id(self) -> str:
        """The case."""
        return self.case_id

    @property
    def originator_version(self) -> int:
        """The fact's place in its case, from 1."""
        return self.version

    @property
    def name(self) -> str:
        """The event's stable name."""
        return type(self.event).__name__

    @property
    def entered_on(self) -> date:
        """The local date on which it was written down: of a late entry not the day of which it speaks."""
        return local_date(self.occurred_at + timedelta(seconds=self.late or 0))


class _Told:
    """What a case was folded from: no data of the matter, so no part of what is said, compared or shown of it."""

    __slots__ = ("_earlier", "_undoes")

    @property
    def earlier(self) -> tuple[Fact, ...]:
        """Its facts, those that were taken back included; none where another system's history was taken over."""
        return getattr(self, "_earlier", ())

    @property
    def undoes(self) -> tuple[int, ...]:
        """The places in the case that go together when its last step is taken back; empty when none can be."""
        return getattr(self, "_undoes", ())

    def folded_from(self, earlier: tuple[Fact, ...], undoes: tuple[int, ...]) -> None:
        """Remember what it was folded from."""
        self._earlier, self._undoes = earlier, undoes


@dataclass(slots=True, kw_only=True)
class Case(_Told):
    """What is known of one matter after some of its facts. ``state`` comes from the lifecycle table alone.

    ``opened_by`` is the person who entered it, None when the program did; ``acted`` are all the people who did something
    about it, entered it or are named in it as whoever did or is to do the work. ``written`` says who wrote which of the fields that may be corrected.
    """

    CORRECTS: ClassVar[tuple[str, ...]] = ()
    """The fields that may be corrected 可更正项: a kind that names any has the whole mechanism of mistakes."""
    PAPERS: ClassVar[bool] = False
    """Whether photos and papers are filed with it 照片与资料."""
    LONG: ClassVar[bool] = False
    """Whether it grows with the office 长案: what it has of every household, say; then it is kept at hand between two writings."""
    DUPLICATES: ClassVar[bool] = False
    """Whether one can be the duplicate of another 重复件."""
    FINISHED: ClassVar[tuple[str, ...]] = ()
    """The states in which nothing is done about it any more: no duplicate goes on with it."""

    id: str
    office: str
    state: str = ""
    version: int = 0
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    source_id: str | None = None
    imported: bool = False
    correlation_id: UUID | None = None
    round_began_at: datetime | None = None
    """When the present round began: nothing of it occurs before."""
    breaches: tuple[WrittenBreach, ...] = ()
    late_entries: tuple[LateEntry, ...] = ()
    opened_by: str | None = None
    acted: frozenset[str] = frozenset()
    written: Mapping[str, Written] = field(default_factory=dict)
    set_aside: SetAside | None = None
    duplicates: tuple[str, ...] = ()
    corrections_made: tuple[Correction, ...] = ()
    steps_withdrawn: tuple[WithdrawnStep, ...] = ()
    papers: Mapping[str, Paper] = field(default_factory=dict)
    waits: Mapping[str, Waiting] = field(default_factory=dict)
    """What waits for its next step, by task (and item, ``refund/2``): until when."""

    def tells_belatedly(self, _fact: Any) -> datetime | None:
        """When that was of which a further fact says after its time that it was in time, if it has to be confirmed to count."""
        return None

    def why_it_stands(self) -> Refusal | None:
        """Why it cannot be withdrawn as mistaken as it stands 不可撤销: what has come true is ended by its own table."""
        return None

    def why_not_corrected(self, _field: str, _person: str | None) -> Refusal | None:
        """Why this field cannot be corrected so; ``_person`` is whose name it is, where it is one of the office's people."""
        return None

    def stays_behind(self) -> bool:
        """Whether it does not go along when whose it came from is corrected 不随更正: it was done, with those whom it names."""
        return False

    def why_the_step_stands(self, _said: Event) -> Refusal | None:
        """Why its last step, by which this was said, cannot be taken back as it stands."""
        return None


@passing
class Moment:
    """What a decision may look at besides its case. Time is an argument: the domain has no clock.

    ``now`` is when it happened (it may lie before ``recorded``: a late entry 补录); ``numbers`` are the settings in
    force on that day; ``related`` are the cases that the command asked for; ``waived`` is true for imported
    histories, whose signatures and appointments nobody here can know.
    """

    now: datetime
    recorded: datetime
    numbers: Numbers
    user_id: str
    role: Role
    office: str = ""
    settings: Settings = field(default_factory=Settings)
    """All of them with their dates, for what is reckoned day by day."""
    related: Mapping[str, Any] = field(default_factory=dict)
    known_as: frozenset[str] = frozenset()
    waived: bool = False
    waivers: list[str] = field(default_factory=list)

    @property
    def who(self) -> Actor:
        """Whoever gives the command."""
        return Actor(self.user_id, self.role, self.known_as)

    def require_evidence(self, evidence: Refusal | None) -> None:
        """Refuse for want of local evidence 证据, or, for an imported history, note which rule was waived.

        None is a rule that is kept.
        """
        if evidence is None:
            return
        if not self.waived:
            raise evidence
        self.waivers.append(evidence.code)

    @property
    def today(self) -> date:
        """The local date (Asia/Shanghai) on which it happened."""
        return local_date(self.now)

    @property
    def local_time(self) -> time:
        """The local time of day (Asia/Shanghai)."""
        return self.now.astimezone(SHANGHAI).time()

    @staticmethod
    def day_of(instant: datetime) -> date:
        """The local date (Asia/Shanghai) of another instant."""
        return local_date(instant)
