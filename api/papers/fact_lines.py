"""Telling facts 事实说明: a fact as a line of a paper, every field by its name and every value as people write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from domain.arrears.terms import Signer
from domain.kernel.calendar import SHANGHAI
from domain.kernel.fact import Fact
from domain.kernel.money import yuan
from domain.kernel.words import choice_names, field_names

__all__ = ["Teller", "instant_word"]

_LEFT_OUT: Final = frozenset({"household", "lapses_on", "next_by", "act_by", "act_until", "years", "stage"})
_SEPARATOR: Final = "；"


def instant_word(at: datetime) -> str:
    """An instant as it is read off a clock in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Teller:
    """Who knows what ids stand for: ``bill`` says a bill's month, ``people`` the names of accounts."""

    bill: Callable[[str], str]
    people: Mapping[str, str]

    def line(self, fact: Fact, data: Mapping[str, Any]) -> str:
        """What was said with a fact; ``data`` are its fields, personal ones opened or not."""
        return _SEPARATOR.join(self._fields(type(fact.event).__name__, data))

    def _fields(self, record: str, data: Mapping[str, Any]) -> Iterator[str]:
        for name, value in data.items():
            said = "" if name in _LEFT_OUT else self.value(name, value)
            if said:
                yield f"{_label(name, record)}：{said}"

    def value(self, name: str, value: Any) -> str:
        """One value; nothing for what was not said."""
        match value:
            case None | "" | () | []:
                return ""
            case bool():
                return "是" if value else "否"
            case StrEnum():
                return choice_names(value)[0]
            case int():
                return f"{yuan(value)} 元" if name.endswith("_fen") else str(value)
            case datetime():
                return instant_word(value)
            case date():
                return str(value)
            case list() | tuple():
                return "、".join(filter(None, (self.value(name, each) for each in value)))
            case dict():
                return "，".join(filter(None, (self.value(each, of) for each, of in value.items())))
            case _:
                text = str(value)
                if name == "relation" and text in set(Signer):
                    return choice_names(Signer(text))[0]
                return self.bill(text) if text.startswith("bill-") else self.people.get(text, text)


def _label(name: str, record: str) -> str:
    try:
        zh = field_names(name, record)[0]
    except KeyError:
        return name
    return zh.removesuffix("（分）")
