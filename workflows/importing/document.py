"""A TOML document read strictly: every key is expected, every value is of its kind, and an error names its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn, TypeVar

from domain.kernel.errors import Malformed

__all__ = ["MappingInvalid", "Node"]

T = TypeVar("T")

_ABSENT: Final = object()


class MappingInvalid(Malformed):
    """映射有误: the mapping cannot be used; ``field`` is the place in the document."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the document and where it stands, such as ``step[2].facts[0].with.amount_fen``."""

    place: str
    value: object

    @classmethod
    def parse(cls, text: str) -> Node:
        """The whole document."""
        try:
            return cls("", tomllib.loads(text))
        except tomllib.TOMLDecodeError as broken:
            raise MappingInvalid(
                "mapping-toml", None, zh=f"TOML 语法错误：{broken}", en=f"bad TOML: {broken}"
            ) from None

    def fail(self, zh: str, en: str) -> NoReturn:
        """Refuse the mapping because of this value."""
        place = self.place or "mapping"
        raise MappingInvalid(
            "mapping-invalid", None, zh=f"映射 {place}：{zh}", en=f"mapping, {place}: {en}", field=place
        )

    # -- tables ------------------------------------------------------------------------------------------------------

    @property
    def is_table(self) -> bool:
        """Whether it is a table."""
        return isinstance(self.value, dict)

    def table(self, *known: str) -> dict[str, object]:
        """The table, whose keys are all among these; no keys given: any."""
        if not isinstance(self.value, dict):
            self.fail("应为表", "must be a table")
        unknown = [str(key) for key in self.value if key not in known] if known else []
        if unknown:
            self.fail(
                f"未知的项「{'、'.join(unknown)}」（可用：{'、'.join(known)}）",
                f"unknown keys {', '.join(unknown)} (there are: {', '.join(known)})",
            )
        return self.value

    def get(self, key: str) -> Node | None:
        """One value of the table, or None."""
        found = self.table().get(key, _ABSENT)
        return None if found is _ABSENT else Node(f"{self.place}.{key}" if self.place else key, found)

    def need(self, key: str) -> Node:
        """One value of the table, which must be there."""
        found = self.get(key)
        if found is None:
            self.fail(f"缺少「{key}」", f"“{key}” is missing")
        return found

    def items(self) -> Iterator[tuple[str, Node]]:
        """All values of the table."""
        for key in self.table():
            yield key, self.need(key)

    def maybe(self, key: str, read: Callable[[Node], T], default: T) -> T:
        """One value of the table read so, or the default when it is not there."""
        found = self.get(key)
        return default if found is None else read(found)

    # -- values ------------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self.fail("应为非空文本", "must be a text that is not empty")
        return self.value

    def any_text(self) -> str:
        """A text, possibly empty."""
        if not isinstance(self.value, str):
            self.fail("应为文本", "must be a text")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.fail("应为 true 或 false", "must be true or false")
        return self.value

    def whole(self) -> int:
        """A whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fail("应为整数", "must be a whole number")
        return self.value

    def count(self) -> int:
        """A whole number from one on."""
        if self.whole() < 1:
            self.fail("应为正整数", "must be a positive whole number")
        return self.whole()

    def scalar_text(self) -> str:
        """A text, a number or a flag, as it would stand in a source."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if not isinstance(self.value, str | int):
            self.fail("应为文本、整数或 true/false", "must be a text, a whole number, or true/false")
        return str(self.value)

    def choice(self, *known: str) -> str:
        """One of these texts."""
        if self.value not in known:
            self.fail(f"应为 {'、'.join(known)} 之一", f"must be one of {', '.join(known)}")
        return str(self.value)

    def pattern(self) -> re.Pattern[str]:
        """A regular expression."""
        text = self.text()
        try:
            return re.compile(text)
        except re.error as broken:
            self.fail(f"正则表达式有误：{broken}", f"bad regular expression: {broken}")

    # -- lists -------------------------------------------------------------------------------------------------------

    def elements(self) -> list[Node]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            self.fail("应为列表", "must be a list")
        return [Node(f"{self.place}[{place}]", element) for place, element in enumerate(self.value)]

    def one_or_more(self) -> list[Node]:
        """The elements of a list that is not empty, or the single value itself."""
        found = self.elements() if isinstance(self.value, list) else [self]
        if not found:
            self.fail("列表不能为空", "the list must not be empty")
        return found

    def texts(self) -> tuple[str, ...]:
        """One text or several."""
        return tuple(node.text() for node in self.one_or_more())

    def scalars(self) -> frozenset[str]:
        """One scalar or several, as texts."""
        return frozenset(node.scalar_text() for node in self.one_or_more())

    def any_texts(self) -> frozenset[str]:
        """A list of texts, possibly empty ones, possibly none."""
        return frozenset(node.any_text() for node in self.elements())
