"""Choices 选项 as a refusal lists them: in both languages, and as the caller has to write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from domain.kernel.words.choices import CHOICES

__all__ = ["listed", "named"]


def listed(choices: Mapping[str, str]) -> dict[str, str]:
    """``choices`` gives each value its Chinese."""
    told = (value if zh == value else f"{zh}（{value}）" for value, zh in choices.items())
    return {"zh": "、".join(told), "en": ", ".join(choices)}


def named(choices: Iterable[StrEnum]) -> dict[str, str]:
    """Each value with its Chinese; what the program itself asks for, such as a form of file, is written as it is."""
    return {each.value: CHOICES.get(f"{type(each).__name__}.{each.value}", (each.value, ""))[0] for each in choices}
