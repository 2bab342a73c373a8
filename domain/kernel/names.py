"""Names that identify 名称 (homes, keys, people, boards, routes, services): one name however it is typed.

A name is shown as whoever typed it first wrote it, and compared by
:func:`~domain.kernel.spelling.canonical`. Numbers of receipts are compared
in the same way. Which fields bear names is said here once, by the word that a field is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, Final

from domain.kernel.fact import Command, Event
from domain.kernel.people import OUTSIDER
from domain.kernel.record import restated
from domain.kernel.spelling import canonical

__all__ = [
    "DOERS",
    "FIELDS",
    "FORMER",
    "PEOPLE",
    "NameKind",
    "as_called_now",
    "bears_names",
    "doers_of",
    "foreseen",
    "former",
    "introduced",
    "mentioned",
    "numbered",
    "renamed",
    "strangers_in",
]


class NameKind(StrEnum):
    """What a name is the name of 名称类别. The value is what is stored beside it."""

    HOME = "home"  # 房号
    KEY = "key"  # 钥匙编号
    PERSON = "person"  # 人员代号
    BOARD = "board"  # 宣传栏
    ROUTE = "route"  # 巡视路线
    SERVICE = "service"  # 服务项目编号


FIELDS: Final[Mapping[str, NameKind]] = {
    "home": NameKind.HOME,
    "single_homes": NameKind.HOME,
    "weights": NameKind.HOME,
    "keys": NameKind.KEY,
    "retired": NameKind.KEY,
    "person": NameKind.PERSON,
    "deputy": NameKind.PERSON,
    "successor": NameKind.PERSON,
    "responsible": NameKind.PERSON,
    "worker": NameKind.PERSON,
    "visitor": NameKind.PERSON,
    "organiser": NameKind.PERSON,
    "to": NameKind.PERSON,
    "attendees": NameKind.PERSON,
    "staff_borrower": NameKind.PERSON,
    "done_by": NameKind.PERSON,
    "verified_by": NameKind.PERSON,
    "handed_by": NameKind.PERSON,
    "raised_by": NameKind.PERSON,
    "provider": NameKind.PERSON,
}
"""The fields that bear names in every command. A personal field of the same word is somebody else's and stays as it is."""
DOERS: Final = ("done_by", "responsible", "worker", "visitor", "organiser", "to", "staff_borrower", "verified_by")
"""Those of them that name whoever did something about a case, or is to do it: he is none of its second persons."""
PEOPLE: Final = frozenset(name for name, kind in FIELDS.items() if kind is NameKind.PERSON) | {"doers"}
"""The fields of events that name people: ours by what the book calls them, and outsiders, whose names are personal data."""
_CORRECTED: Final = frozenset({"before", "after"})
"""Of a correction: what its ``field`` said, and says."""
FORMER: Final[Mapping[str, str]] = {"by": "done_by", "performed_by": "done_by", "resolved_by": "done_by"}
"""What fields were called before whoever did the work 办理人 had one name; requests and mappings may still say it so."""
_OWN: Final[Mapping[str, Mapping[str, NameKind]]] = {
    "SetUpNoticeBoard": {"name": NameKind.BOARD},
    "LayOutPatrolRoute": {"name": NameKind.ROUTE},
    "OfferService": {"code": NameKind.SERVICE},
}
"""Fields that bear names in one command alone."""
_BEGIN: Final[Mapping[str, frozenset[NameKind]]] = {
    "EnrolStaff": frozenset({NameKind.PERSON}),
    "SetUpNoticeBoard": frozenset({NameKind.BOARD}),
    "LayOutPatrolRoute": frozenset({NameKind.ROUTE}),
    "OfferService": frozenset({NameKind.SERVICE}),
}
"""The commands by which such a name comes into use; homes do with whichever command speaks of them first."""

_INSIDE: Final[Mapping[NameKind, str]] = {NameKind.KEY: "number", NameKind.HOME: "home"}
"""Where a field lists records, such as key tags or weights of homes: which of their fields is the name."""

_FOUND: Final[dict[type, tuple[tuple[str, NameKind], ...]]] = {}
_DOERS: Final[dict[type, tuple[str, ...]]] = {}
_NAMES_PEOPLE: Final[dict[type, tuple[str, ...]]] = {}
_FORMER_OF: Final[dict[type, Mapping[str, str]]] = {}
_NOBODY: Final = frozenset[str]()


def _borne(command: type[Command]) -> tuple[tuple[str, NameKind], ...]:
    """The fields of a command that bear names."""
    found = _FOUND.get(command)
    if found is None:
        words = {**FIELDS, **_OWN.get(command.__name__, {})}
        found = _FOUND[command] = tuple(
            (each.name, words[each.name])
            for each in fields(command)  # type: ignore[arg-type]
            if each.name in words and each.name not in command.PERSONAL
        )
    return found


def bears_names(command: type[Command]) -> bool:
    """Whether commands of this class can speak of anything that has a name."""
    return bool(_borne(command))


def mentioned(command: Command) -> Iterator[tuple[str, NameKind, str]]:
    """The names of which a command speaks: field, kind, name as it was typed."""
    for name, kind in _borne(type(command)):
        value = getattr(command, name)
        for each in value if isinstance(value, tuple) else (value,):
            text = getattr(each, _INSIDE[kind], each) if not isinstance(each, str) and is_dataclass(each) else each
            if isinstance(text, str):
                yield name, kind, text


def foreseen(record: type[Command], given: Mapping[str, object]) -> Iterator[tuple[NameKind, str]]:
    """The names that a command of these fields will speak of, as far as they are plain texts."""
    for name, kind in _borne(record):
        if isinstance(text := given.get(name), str):
            yield kind, text


def introduced(command: Command) -> Iterator[tuple[NameKind, str]]:
    """Those of them that come into use with it, if nobody has typed them before."""
    begins = _BEGIN.get(type(command).__name__, frozenset())
    for name, kind, text in mentioned(command):
        made = kind is NameKind.KEY and any(map(is_dataclass, getattr(command, name)))  # listed, not merely spoken of
        if kind is NameKind.HOME or made or kind in begins:
            yield kind, text


def renamed(command: Command, shown: Callable[[NameKind, str], str]) -> Command:
    """The command with its names as they are shown."""

    def named(kind: NameKind, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(named(kind, each) for each in value)
        if is_dataclass(value) and not isinstance(value, type):
            inside = _INSIDE[kind]
            return replace(value, **{inside: shown(kind, getattr(value, inside))})
        return shown(kind, value) if isinstance(value, str) else value

    changed = {
        name: after
        for name, kind in _borne(type(command))
        if (after := named(kind, before := getattr(command, name))) != before
    }
    return restated(command, **changed) if changed else command


def doers_of(event: Event) -> frozenset[str]:
    """Whom an event names as having done something, or having to do it."""
    kind = type(event)
    found = _DOERS.get(kind)
    if found is None:
        known = getattr(kind, "__dataclass_fields__", {})
        found = _DOERS[kind] = tuple(name for name in DOERS if name in known and name not in kind.PERSONAL)
    return frozenset([said for name in found if isinstance(said := getattr(event, name), str)]) if found else _NOBODY


def strangers_in(event: Event) -> tuple[str, ...]:
    """The fields by which an event names somebody from outside 外部人员: his name is sealed as a resident's is (§9.2)."""
    kind = type(event)
    found = _NAMES_PEOPLE.get(kind)
    if found is None:
        known = set(getattr(kind, "__dataclass_fields__", {})) - set(kind.PERSONAL)
        words = PEOPLE | _CORRECTED if {"field", *_CORRECTED} <= known else PEOPLE
        found = _NAMES_PEOPLE[kind] = tuple(sorted(words & known))
    if not found:
        return ()
    said = {name: getattr(event, name) for name in found}
    return tuple(
        name
        for name, value in said.items()
        if any(
            isinstance(each, str) and each.startswith(OUTSIDER)
            for each in (value if isinstance(value, tuple) else (value,))
        )
        and (name not in _CORRECTED or getattr(event, "field", "") in PEOPLE)
    )


def former(record: type[Command]) -> Mapping[str, str]:
    """The former names of a command's fields → what they are called now."""
    found = _FORMER_OF.get(record)
    if found is None:
        names = {each.name for each in fields(record)}  # type: ignore[arg-type]
        found = _FORMER_OF[record] = {old: new for old, new in FORMER.items() if new in names and old not in names}
    return found


def as_called_now(record: type[Command], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was given for a command, by the names of today. A value that is given twice keeps its name, and is refused."""
    names = former(record)
    if not names or names.keys().isdisjoint(given):
        return given
    called = dict(given)
    for old in [name for name in given if name in names]:
        if names[old] not in called:
            called[names[old]] = called.pop(old)
    return called


def numbered(what: str, *numbers: str | None) -> tuple[str, ...]:
    """The claims by which numbers, such as those of receipts, are somebody's alone in the office."""
    return tuple(dict.fromkeys(f"{what}:{canonical(number)}" for number in numbers if number and canonical(number)))
