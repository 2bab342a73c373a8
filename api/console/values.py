"""How values are said on a page 栏目取值: names instead of codes, people and cases by what they are called.

A value is said by its type first (a choice, a day, an instant, an amount), then by what it names: an account, a case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from api.console.formatting import area, day, instant, money, period
from api.console.people import role_name
from api.console.text import Language, says
from api.console.titles import Title, Titles, kind_of
from domain.cases import BY_KIND
from domain.kernel.money import yuan
from domain.kernel.people import KNOWN_ROLES, Role
from domain.kernel.words import choice_names, field_names
from domain.kernel.words.choices import CHOICES
from journal.confidential import is_token

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["AREAS", "ENDS", "Values", "in_fen", "in_hundredths", "label_of", "named", "words_of"]

ENDS: Final = ("_by", "_until", "due_at", "due_by", "until", "closes_on", "expected_return", "back_at", "act_until")
"""How the names of ends end: what falls due at midnight is said as 24:00."""
AREAS: Final = frozenset({"area", "intact_area"})
"""Numbers of hundredths of a square metre."""
_MONTHS: Final = frozenset({"month", "charge_month"})
_CODED: Final = frozenset(
    {
        "outcome",
        "chain_outcome",
        "verdict",
        "condition",
        "custody",
        "key_class",
        "subject",
        "handling",
        "severity",
        "trade",
        "type",
        "kind",
        "means",
        "means_used",
        "detection",
        "visit_outcome",
    }
)
"""Columns whose values are choices of a form, or conclusions of a policy, though the register holds them as text."""


_OF_CHOICE: Final = {
    "documents": "DocumentKind",
    "documents_missing": "DocumentKind",
    "services": "OptionalService",
    "entry": "EntryKind",
    "rule": "AllocationRule",
    "relation": "Signer",
}
"""Columns that hold one or several choices of one kind as one text."""


def _by_value() -> dict[str, tuple[str, str]]:
    """Choice → names, for the choices that mean one thing in all forms, and what policies conclude."""
    found: dict[str, set[tuple[str, str]]] = {}
    for key, pair in CHOICES.items():
        found.setdefault(key.partition(".")[2], set()).add(pair)
    return {value: next(iter(pairs)) for value, pairs in found.items() if len(pairs) == 1} | _CONCLUDED


_CONCLUDED: Final = {
    "satisfied": ("满意", "satisfied"),
    "unsatisfied": ("不满意", "not satisfied"),
    "conforming": ("合格", "conforming"),
    "nonconforming": ("不合格", "not conforming"),
    "exited": ("已终止", "ended unvisited"),
    "lapsed": ("已失效", "lapsed"),
    "intact": ("完好", "intact"),
    "defective": ("有缺陷", "defective"),
    "not-inspected": ("当月未查", "not inspected"),
    "not-inspected-and-defective": ("当月未查且有缺陷", "not inspected, defective"),
    "good": ("完好", "good"),
    "rectification": ("整改", "rectification"),
    "cleaning": ("保洁", "cleaning"),
    "repair": ("维修", "repair"),
    "other": ("其他", "other"),
    "internal": ("内部抽样", "our own sample"),
    "nonconformity": ("不合格项", "nonconformity"),
}
_BY_VALUE: Final = _by_value()
_KEY: Final = re.compile(r"([a-z-]+)@([a-z-]+):([a-z-]+)×(\d+)")
"""A key that others have, as the register of vacant homes writes it in one line."""
_PERIODS: Final = frozenset({"period", "week", "quarter"})
_UNIT: Final = re.compile("（分）|（百分之一(?:平方米|分)?）|,? in (?:fen|hundredths(?: of m²)?)")
_QUANTITIES: Final = frozenset(
    {
        ("AttachHome", "quantity"),
        ("HomeAttached", "quantity"),
        ("AttachmentRow", "quantity"),
        ("StretchRow", "quantity"),
        ("BillLine", "quantity"),
        ("CostShareRow", "weight"),
        ("Weight", "weight"),
    }
)
"""Numbers of these records that a price is multiplied with or a cost is divided by: hundredths, whatever they are called."""
_RATES: Final = frozenset({"rate"})
_RATE: Final = re.compile(r"(\d{1,6})/(\d{1,6})")
_TEXTS: Final = {
    "zh": ("事项", "matter"),
    "en": ("事项", "matter"),
    "gives": ("到期后", "then"),
    "user_id": ("经办人", "by"),
}


def in_fen(name: str) -> bool:
    """Whether a number of this name is an amount of money: its name says so."""
    return "fen" in name.split("_")


def in_hundredths(name: str, record: str = "") -> bool:
    """Whether people say a hundredth of a number of this name: fen, square metres, what a meter shows, a mark."""
    return in_fen(name) or name in AREAS or (record, name) in _QUANTITIES or _is_hundredth(name, record)


@cache
def _is_hundredth(name: str, record: str) -> bool:
    """Whether its own name says that the book holds it in hundredths."""
    try:
        return "百分之一" in field_names(name, record)[0]
    except KeyError:
        return False


def label_of(name: str, record: str = "", lang: str = "zh") -> str:
    """What a field is called; amounts are said in yuan, so that the unit of the book is left out."""
    if name in _TEXTS:
        return _TEXTS[name][0 if lang == "zh" else 1]
    try:
        return _UNIT.sub("", field_names(name, record)[0 if lang == "zh" else 1])
    except KeyError:
        return name.replace("_", " ")


def named(choice: str, value: str | None, lang: str) -> str:
    """What a value of a choice is called, by the choice's name; an unknown value stays as it is."""
    pair = CHOICES.get(f"{choice}.{value}")
    return pair[0 if lang == "zh" else 1] if pair is not None else value or ""


def words_of(said: Any) -> str:
    """What is said without our own tags; what people wrote stays as they wrote it, signs and lines."""
    return said.striptags() if isinstance(said, Markup) else str(said)


class Values:
    """Says the values of one page; cases are looked up before (:meth:`expect`), all at once."""

    def __init__(self, page: Page, *, on_paper: bool = False) -> None:
        """For a page's language, office and time; ``on_paper`` every date has its year."""
        self._page = page
        self._now = page.now.replace(year=1900, month=1, day=1) if on_paper else page.now
        self.titles = Titles(page)

    @property
    def page(self) -> Page:
        """The page on which they are said."""
        return self._page

    @property
    def is_chinese(self) -> bool:
        """Whether the page is in Chinese."""
        return self._page.lang == "zh"

    def expect(self, rows: Iterable[Any]) -> None:
        """Look up the cases that these rows name."""
        self.titles.look_up(_words(rows))

    def label(self, name: str, record: str = "") -> str:
        """What a field is called."""
        return label_of(name, record, self._page.lang)

    def case(self, case_id: str, **query: Any) -> Markup:
        """A case as a link."""
        title = self.titles.of(case_id)
        if case_id.startswith("household-") and title.home:
            return self.home_of(case_id)
        return Markup('<a href="{}">{}</a>').format(self._page.at("case", case_id, **query), _unbroken(title))

    def _named(self, case_id: str, kind: str, label: str) -> Markup:
        """A case under its field's name: where that is its kind, the kind is not said again."""
        lifecycle, rest = BY_KIND[kind], self.titles.beside(case_id)
        says_its_kind = label == says(self._page.lang, lifecycle.zh, lifecycle.en)
        if kind == "household" or not says_its_kind or rest == self.titles.of(case_id).whole:
            return self.case(case_id)
        return Markup('<a href="{}">{}</a>').format(self._page.at("case", case_id), rest)

    def home_of(self, household: str) -> Markup:
        """The home of a household, as a link to its file."""
        title = self.titles.of(household)
        return Markup('<a class="k" href="{}">{}</a>').format(
            self._page.at("case", household), title.home or title.text
        )

    def said(
        self, value: Any, name: str = "", choices: Mapping[str, tuple[str, str]] | None = None, record: str = ""
    ) -> Any:
        """One value, ready for the page; a number may mean something of its own in its ``record``."""
        lang, now = self._page.lang, self._now
        if value is None or value == "" or is_token(value):
            return "" if not is_token(value) else "〔保密〕"
        if choices and value in choices:
            return says(lang, *choices[value])
        if isinstance(value, bool):
            return says(lang, "是", "yes") if value else says(lang, "否", "no")
        if isinstance(value, StrEnum):
            return says(lang, *choice_names(value))
        if isinstance(value, datetime):
            return Markup("<time>{}</time>").format(instant(value, lang, now, ends=name.endswith(ENDS)))
        if isinstance(value, date):
            return Markup("<time>{}</time>").format(_month(value, lang) if name in _MONTHS else day(value, lang, now))
        if isinstance(value, time):
            return value.strftime("%H:%M")
        if isinstance(value, int):
            if name == "year":
                return str(value)
            if in_fen(name):
                return money(value)
            return area(value) if name in AREAS else yuan(value) if in_hundredths(name, record) else f"{value:,}"
        if isinstance(value, str):
            return self._text(value, name, record)
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list | tuple | set | frozenset):
            return self.joined(self.said(each, name) for each in value)
        if is_dataclass(value):
            return self._record(value)
        return str(value)

    def plain(
        self, value: Any, name: str = "", choices: Mapping[str, tuple[str, str]] | None = None, record: str = ""
    ) -> str:
        """The same as text alone, with its lines as they were written."""
        return words_of(self.said(value, name, choices, record))

    def _text(self, value: str, name: str, record: str) -> Any:
        if (kind := kind_of(value)) is not None:
            return self._named(value, kind, self.label(name, record))
        words = value.split(" ")
        if len(words) > 1 and all(kind_of(word) is not None for word in words):
            return self.joined(self.case(word) for word in words)
        lang = self._page.lang
        if name in _PERIODS:
            return period(value, lang)
        if name in _RATES and (rate := _RATE.fullmatch(value)):
            return _percent(Fraction(int(rate[1]), int(rate[2])), value)
        if name == "other_keys":
            return _KEY.sub(lambda found: _key(found, lang), value)
        if name in ("role", "roles"):
            roles = (word.strip() for word in value.replace("、", ",").split(","))
            return says(lang, "、", ", ").join(
                role_name(Role(word), lang) if word in KNOWN_ROLES else word for word in roles
            )
        if name in ("what", "register"):
            return self._page.register_name(value)
        if name == "case_kind" or name.endswith("_kind"):
            lifecycle = BY_KIND.get(value)
            if lifecycle is not None:
                return says(lang, lifecycle.zh, lifecycle.en)
        if name in _OF_CHOICE:
            between = says(lang, "、", ", ")
            return between.join(named(_OF_CHOICE[name], word, lang) for word in re.split("[、 ]", value) if word)
        if name in _CODED:
            words = value.split(":")
            if all(word in _BY_VALUE for word in words):
                return says(lang, "：", ": ").join(says(lang, *_BY_VALUE[word]) for word in words)
        return self._page.kit.people.name(value, lang)

    def _mapping(self, value: Mapping[Any, Any]) -> Markup:
        said = ((self.label(str(key)), self.said(each, str(key))) for key, each in value.items())
        parts = [Markup("{} {}").format(name, each) for name, each in said if each != ""]
        return self.joined(parts, " ")

    def _record(self, value: Any) -> Any:
        record = type(value).__name__
        parts = []
        for each in fields(value):
            said = self.said(getattr(value, each.name), each.name, record=record)
            if said != "":
                parts.append(Markup("{} {}").format(self.label(each.name, record), said))
        return self.joined(parts, "，" if self.is_chinese else ", ")

    def joined(self, parts: Iterable[Any], sign: str | None = None) -> Markup:
        """In a row; whatever is text is escaped."""
        between = sign or ("、" if self.is_chinese else ", ")
        return Markup(between).join(escape(part) for part in parts)  # noqa: S704 -- a sign of ours


def _key(found: re.Match[str], lang: Language) -> str:
    """«入户门 ×1（业主，完好）»."""
    kind, where, condition = (
        named(choice, value, lang)
        for choice, value in zip(("KeyClass", "Whereabouts", "KeyCondition"), found.groups(), strict=False)
    )
    return says(lang, f"{kind} ×{found[4]}（{where}，{condition}）", f"{kind} ×{found[4]} ({where}, {condition})")


def _unbroken(title: Title) -> Markup:
    """A title whose home stands in one line, however narrow the column is."""
    if not title.home or title.home in title.text:
        return Markup("{}").format(title.whole)
    return Markup('{} <span class="k">{}</span>').format(title.text, title.home)


def _percent(rate: Fraction, said: str) -> str:
    """«20%»; what is no whole number of hundredths of a per cent stays as it is said."""
    hundredths = rate * 10_000
    return f"{yuan(int(hundredths)).removesuffix('.00')}%" if hundredths.denominator == 1 else said


def _month(value: date, lang: str) -> str:
    return f"{value.year}年{value.month}月" if lang == "zh" else value.strftime("%b %Y")


def _words(value: Any) -> Iterable[Any]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, Iterable):
        for each in value:
            yield from _words(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _words(getattr(value, each.name))
