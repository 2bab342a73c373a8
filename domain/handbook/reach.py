"""How clauses without a table row of their own are carried: by other clauses, by a command's fields, or by people.

A clause on which nothing rests and which is not listed here is a gap, and the tests name it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["BY_PEOPLE", "CARRIED_BY", "REFERS"]

REFERS: Final[dict[str, tuple[str, ...]]] = {
    "1.2": ("3.1", "3.2", "3.3", "3.4", "3.5", "3.6"),
    "1.5": ("4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9"),
    "1.6": ("5.1", "5.2.A", "5.2.B", "5.2.D", "5.2.5(6)"),
    "1.8": ("9.1", "9.2"),
    "1.9": ("6",),
    "1.10": ("7", "7.2a", "7.2b", "7.2c", "8.A(1)", "8.A(2)"),
    "5.2.E": ("5.2.5(7)",),
    "5.2.6(1)": ("9.1",),
    "5.2.6(4)": ("9.2",),
}
"""A clause that only points to others, and those."""

CARRIED_BY: Final[dict[str, tuple[str, ...]]] = {
    **{f"2.{number}": ("record-patrol-finding", "end-patrol") for number in range(1, 5)},
    "5.2.C": ("conduct-follow-up",),
    "5.2.2": ("assign-follow-up", "conduct-follow-up"),
    **{f"5.2.3({number})": ("open-follow-up", "miss-follow-up-window") for number in range(1, 9)},
    "5.2.4": ("conduct-follow-up",),
    "5.2.5(4)": ("conduct-follow-up", "submit-follow-up"),
}
"""A clause that asks for fields of a form: the commands that bear them."""

BY_PEOPLE: Final[dict[str, tuple[str, str]]] = {
    "4.1": (
        "待人接物由人完成；程序在受理时只提示记录要点",
        "how people are received is theirs; the program asks for what must be recorded",
    ),
    "5.2.1": ("说明目的，无须办理事项", "states the purpose; nothing to be done or recorded"),
    "5.2.6(3)": ("礼仪由人遵守，程序无从记录", "courtesy is people's; nothing to be recorded"),
    "5.2.6(5)": ("交谈分寸由人把握，程序无从记录", "tact is people's; nothing to be recorded"),
}
"""What no program can do or record, with the reason."""
