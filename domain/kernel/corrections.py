"""Corrected values 更正值: which fields of a kind of case may be corrected, by whom, what they may say, and how a fact says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from domain.kernel.errors import Malformed, Refusal
from domain.kernel.fact import Case, Event, Moment
from domain.kernel.people import Role
from domain.kernel.rules import broken
from domain.kernel.standing import Written

__all__ = ["SECOND", "corrected_as", "not_corrected_by", "personal_fields", "read", "said", "written_by"]

_CLAUSE: Final = "1"
_SHORT, _MOST = 200, 10**15
"""Most characters of a short text, and the greatest number, as in every form."""
SECOND: Final = (Role.ADMINISTRATOR, Role.DEPARTMENT_HEAD, Role.MANAGER, Role.COMPANY)
"""Who corrects what another wrote."""


def written_by(of: type[Case], events: Sequence[type[Event]]) -> dict[type[Event], tuple[str, ...]]:
    """Event → the correctable fields that it says. Raises TypeError for a name that no event says and no case knows."""
    found = {
        each: tuple(name for name in of.CORRECTS if name in {f.name for f in fields(each)})  # type: ignore[arg-type]
        for each in events
    }
    known = {f.name for f in fields(of)}
    told = {name for names in found.values() for name in names}
    wrong = [name for name in of.CORRECTS if name not in known & told]
    if wrong:
        msg = f"{of.__name__}: nothing says {wrong}, or the case does not keep it"
        raise TypeError(msg)
    for name in of.CORRECTS:
        _kind(of, name)
    _PERSONAL[of] = frozenset(name for each, names in found.items() for name in names if name in each.PERSONAL)
    return {each: names for each, names in found.items() if names}


_PERSONAL: Final[dict[type[Case], frozenset[str]]] = {}
"""The correctable fields of a kind that are personal data, as its events say."""


def personal_fields(of: type[Case]) -> frozenset[str]:
    """Those of them that are personal data."""
    return _PERSONAL.get(of, frozenset())


def not_corrected_by(entry: Written | None, at: Moment, named: str = "field") -> Refusal | None:
    """Whoever wrote it, for as long as the setting says; then somebody else."""
    minutes = at.numbers.integer("entries.correct_alone_minutes")
    if entry is not None and entry.by == at.user_id:
        if at.recorded - entry.at <= timedelta(minutes=minutes):
            return None
        zh, en = f"登记已逾{minutes}分钟，须由另一人更正", f"after {minutes} minutes somebody else corrects it"
        return broken("second-person", _CLAUSE, zh, en, named)
    if at.role in SECOND:
        return None
    zh, en = "他人的登记由管理员或上级更正", "what another wrote, an administrator or somebody above corrects"
    return broken("second-person", _CLAUSE, zh, en, named)


_KINDS: Final[dict[tuple[Any, str], tuple[type, bool]]] = {}
"""The type of a case's field, and whether it may be left out."""


def _kind(of: type[Case], name: str) -> tuple[type, bool]:
    """Its type and whether it may be left out. Raises TypeError for one that no form can say."""
    found = _KINDS.get((of, name))
    if found is None:
        hint = get_type_hints(of)[name]
        parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        kinds = [part for part in parts if part is not type(None)]
        if len(kinds) != 1 or not isinstance(kinds[0], type) or not issubclass(kinds[0], str | int | date):
            msg = f"{of.__name__}.{name}: {hint!r} cannot be corrected"
            raise TypeError(msg)
        found = _KINDS[of, name] = (kinds[0], type(None) in parts)
    return found


def read(of: type[Case], name: str, value: str | None) -> Any:
    """The value as the field's own type. Raises :class:`~domain.kernel.errors.Malformed` for what it cannot be."""
    kind, may_lack = _kind(of, name)
    if value is None or not value.strip():
        if may_lack:
            return None
        raise broken("value-missing", _CLAUSE, "此项不能为空", "it cannot be left out", "value")
    if issubclass(kind, str) and name not in personal_fields(of) and (len(value) > _SHORT or not value.isprintable()):
        raise Malformed(
            "value-unreadable", _CLAUSE, zh=f"一行文字，至多{_SHORT}字", en=f"one line, at most {_SHORT}", field="value"
        )
    try:
        return _as(kind, value)
    except ValueError:
        raise _unreadable(kind) from None


def _as(kind: type, value: str) -> Any:
    if issubclass(kind, StrEnum):
        return kind(value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is int:
        number = int(value) if value.isascii() and value.isdecimal() else -1
        if not 0 <= number <= _MOST:
            raise ValueError(value)
        return number
    return value


def _unreadable(kind: type) -> Malformed:
    if issubclass(kind, StrEnum):
        names = "、".join(kind)
        return Malformed("value-unreadable", _CLAUSE, zh=f"可选：{names}", en=f"one of: {names}", field="value")
    zh, en = ("日期，如 2025-03-01", "a date such as 2025-03-01") if kind is date else ("非负整数", "a whole number")
    return Malformed("value-unreadable", _CLAUSE, zh=zh, en=en, field="value")


def said(value: Any) -> str | None:
    """A value as a fact says it."""
    return None if value is None else value.isoformat() if isinstance(value, date) else str(value)


def corrected_as(of: type[Case], name: str, text: str | None) -> Any:
    """What a fact says of a field, as the case keeps it."""
    return None if text is None else _as(_kind(of, name)[0], text)
