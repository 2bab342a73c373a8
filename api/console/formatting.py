"""How dates, times and amounts are said 日期与金额: local time of the office, the year only where it is another one."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from api.console.text import Language, says
from domain.kernel.calendar import SHANGHAI, local_date
from domain.kernel.money import yuan

__all__ = ["area", "clock", "day", "instant", "left", "money", "on_day", "period", "span", "weekday"]

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PERIOD: Final = re.compile(r"(\d{4})-(?:W(\d\d)|Q([1-4])|(0[1-9]|1[0-2]))")
_HOUR, _DAY = 60, 24 * 60
_JUST_AHEAD: Final = 120
"""Days ahead within which a date without its year is understood."""


def day(value: date, language: Language, now: datetime) -> str:
    """«12月31日»; of another year «2024年12月31日», unless it lies just ahead."""
    ahead = (value - local_date(now)).days
    other = value.year != local_date(now).year and not 0 <= ahead < _JUST_AHEAD
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日" if other else f"{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]}" + (f" {value.year}" if other else "")


def period(value: str, language: Language) -> str:
    """«2025年3月», «2025年第14周», «2025年第1季度» of 2025-03, 2025-W14, 2025-Q1; anything else stays as it is."""
    found = _PERIOD.fullmatch(value)
    if found is None:
        return value
    year, week, quarter, month = found.groups()
    if week is not None:
        return says(language, f"{year}年第{int(week)}周", f"week {int(week)} of {year}")
    if quarter is not None:
        return says(language, f"{year}年第{quarter}季度", f"Q{quarter} {year}")
    return says(language, f"{year}年{int(month)}月", f"{_MONTHS[int(month) - 1]} {year}")


def weekday(value: date, language: Language) -> str:
    """«周三»."""
    return f"周{'一二三四五六日'[value.weekday()]}" if language == "zh" else _DAYS[value.weekday()]


def clock(value: datetime) -> str:
    """«18:00», in the office."""
    return value.astimezone(SHANGHAI).strftime("%H:%M")


def _moment(value: datetime, *, ends: bool) -> tuple[date, str]:
    """Its local date and time; what ends at midnight ends at 24:00 of the day before (民法典203)."""
    local = value.astimezone(SHANGHAI)
    if ends and (local.hour, local.minute, local.second) == (0, 0, 0):
        return local.date() - timedelta(days=1), "24:00"
    return local.date(), local.strftime("%H:%M")


def instant(
    value: datetime, language: Language, now: datetime, *, ends: bool = False, weekday: bool = False, near: bool = False
) -> str:
    """«12月31日 18:00»; ``ends``: an end of something; ``near``: today, yesterday and tomorrow are called so."""
    on, time = _moment(value, ends=ends)
    said = on_day(on, language, now) if near else day(on, language, now)
    named = f" {_weekday(on, language)}" if weekday else ""
    return f"{said}{named} {time}"


_weekday = weekday


def on_day(value: date, language: Language, now: datetime) -> str:
    """«今天», «昨天», «明天», else the date."""
    names = {0: ("今天", "today"), -1: ("昨天", "yesterday"), 1: ("明天", "tomorrow")}
    near = names.get((value - local_date(now)).days)
    return says(language, *near) if near is not None else day(value, language, now)


def span(minutes: int, language: Language) -> str:
    """«1 小时 20 分», «3 天»: what counts of a length of time."""
    days, hours = minutes // _DAY, minutes // _HOUR
    if days >= 2:
        return says(language, f"{days} 天", f"{days} days")
    if hours >= 10:
        return says(language, f"{hours} 小时", f"{hours} h")
    rest = minutes % _HOUR
    if not hours:
        return says(language, f"{rest} 分", f"{rest} min")
    return says(
        language, f"{hours} 小时" + (f" {rest} 分" if rest else ""), f"{hours} h" + (f" {rest} min" if rest else "")
    )


def left(due: datetime, language: Language, now: datetime) -> str:
    """«还有 3 天» or «已过 22 小时»."""
    minutes = int((due - now).total_seconds() // 60)
    if minutes >= 0:
        return says(language, f"还有 {span(minutes, language)}", f"{span(minutes, language)} left")
    return says(language, f"已过 {span(-minutes, language)}", f"{span(-minutes, language)} over")


def money(fen: int) -> str:
    """«¥1,234.50»; nothing is «0»."""
    if not fen:
        return "0"
    return f"-¥{yuan(-fen)}" if fen < 0 else f"¥{yuan(fen)}"


def area(hundredths: int) -> str:
    """Hundredths of a square metre as «89.60 m²»."""
    return f"{yuan(hundredths)} m²"
