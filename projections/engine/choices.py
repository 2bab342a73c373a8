"""Which values a column of a register can hold at all, where its kind of case says so: states and choices of its forms."""

from __future__ import annotations

import types
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from domain.cases import CASES
from domain.kernel.fact import Case
from domain.kernel.words import choice_names
from projections.engine.register import Register

__all__ = ["choice_pairs_of", "choices_of"]

_KNOWN: Final[dict[tuple[str, type], tuple[Register, dict[str, dict[str, tuple[str, str]]]]]] = {}
"""What was worked out of each register: types do not change while the program runs."""
_STATES: Final[Mapping[type[Case], dict[str, tuple[str, str]]]] = {life.of: dict(life.states) for life in CASES}


def choices_of(register: Register) -> dict[str, dict[str, str]]:
    """Column → the values it can hold with their Chinese, where they are numbered; the others are free text."""
    pairs = {name: found for name, found in choice_pairs_of(register).items() if name not in register.named}
    return {name: {value: zh for value, (zh, _) in found.items()} for name, found in pairs.items()}


def choice_pairs_of(register: Register) -> dict[str, dict[str, tuple[str, str]]]:
    """The same with both names of each value; nobody changes what is handed out."""
    known = _KNOWN.get((register.name, register.row))
    if known is None or known[0] is not register:
        known = _KNOWN[register.name, register.row] = (register, _worked_out(register))
    return known[1]


def _worked_out(register: Register) -> dict[str, dict[str, tuple[str, str]]]:
    made: dict[str, dict[str, tuple[str, str]]] = {}
    hints = {kind: get_type_hints(kind) for kind in register.kinds}
    for column in register.columns:
        found = [_choices(kind, hints[kind], column.name) for kind in register.kinds]
        if column.type is str and found and all(found):
            made[column.name] = {value: pair for values in found for value, pair in values.items()}
    named = {name: {each.value: choice_names(each) for each in kind} for name, kind in register.named.items()}
    return {**made, **named}


def _choices(kind: type[Case], hints: Mapping[str, Any], name: str) -> dict[str, tuple[str, str]]:
    if name == "state":
        return _STATES.get(kind, {})
    hint = hints.get(name)
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    enums = [part for part in parts if isinstance(part, type) and issubclass(part, StrEnum)]
    return {each.value: choice_names(each) for each in enums[0]} if enums else {}
