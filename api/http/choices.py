"""Choices 选项 as a refusal lists them: in both languages, and as the caller has to write them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["listed"]


def listed(choices: Mapping[str, str]) -> dict[str, str]:
    """``choices`` gives each value its Chinese."""
    named = (value if zh == value else f"{zh}（{value}）" for value, zh in choices.items())
    return {"zh": "、".join(named), "en": ", ".join(choices)}
