"""The frame of every page 页面框架: the handbook's chapters with their registers, the office, the person, the language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from api.console.errors import HOME
from api.console.people import role_name
from api.console.said import instant
from domain.cases import BY_PATH, CASES
from domain.handbook.clauses import CLAUSES
from domain.kernel.people import Role
from projections.engine.register import Register

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["Entry", "chapter_of", "frame", "registers_of"]

_OWED: Final = """
select case_kind, count(*) from wuye.r_deadlines
 where office = %s and to_number is null and role <> 'clock' and (missed_at is not null or due_at <= %s) group by 1
"""
_CHAPTERS: Final = {
    "1": ("管理处", "Office"),
    "2": ("巡视", "Patrols"),
    "3": ("空房与钥匙", "Vacant homes, keys"),
    "4": ("投诉", "Complaints"),
    "5": ("征求意见与回访", "Opinions, follow-ups"),
    "6": ("便民服务", "Services"),
    "7": ("收费", "Fees"),
    "8": ("追讨", "Arrears"),
    "9": ("住户档案", "Resident files"),
}
"""The handbook's chapters, as short as a list of them wants them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    href: str
    text: str
    here: bool = False
    late: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A chapter of it."""

    text: str
    entries: tuple[Entry, ...]
    open: bool
    late: int


def chapter_of(register: Register) -> str:
    """The chapter of the handbook to which a register belongs; one that rests on law, that of its kind of case."""
    if CLAUSES[register.clause].chapter in _CHAPTERS:
        return CLAUSES[register.clause].chapter
    return next((CLAUSES[each.clauses].chapter for each in CASES if each.of in register.kinds), "1")


def registers_of(page: Page) -> dict[str, list[Register]]:
    """Chapter → its registers, in the handbook's order."""
    found: dict[str, list[Register]] = {chapter: [] for chapter in _CHAPTERS}
    for register in page.context.registers.all:
        found[chapter_of(register)].append(register)
    return found


def frame(page: Page) -> dict[str, Any]:
    """What stands around a page of an office."""
    path = page.request.url.path
    owed = _owed(page)
    return {
        "work": list(_work(page, path, sum(owed.values()))),
        "chapters": list(_chapters(page, path, owed)),
        "management": list(_management(page, path)),
        "office_name": page.kit.office_name(page.office),
        "offices": _offices(page, path),
        "office_time": instant(page.now, page.lang, page.now, weekday=True),
        "me": page.identity.name,
        "my_roles": page.t("、", ", ").join(role_name(role, page.lang) for role in page.roles),
        "other_language": _other_language(page),
    }


def _owed(page: Page) -> dict[str, int]:
    """Kind → what is overdue of it, counted anew when something was written, and every minute."""
    place, key = ("owed", page.office), (page.written, page.now.replace(second=0, microsecond=0))
    kept: tuple[Any, dict[str, int]] | None = page.kit.kept.get(place)
    if kept is None or kept[0] != key:
        with page.connect() as connection:
            kept = key, dict(connection.execute(_OWED, [page.office, page.now]).fetchall())
        page.kit.kept[place] = kept
    return kept[1]


def _work(page: Page, path: str, late: int) -> Iterator[Entry]:
    entries = (
        ("today", page.t("今日", "Today")),
        ("notices", page.t("通知", "Notices")),
        ("reception", page.t("接待", "Reception")),
        ("counter", page.t("收款", "Payments")),
        ("bank", page.t("银行对账", "Bank")),
        ("keys", page.t("钥匙柜", "Key cabinet")),
        ("homes", page.t("空房检查", "Vacant homes")),
        ("walk", page.t("巡视", "Patrol")),
        ("visits", page.t("回访", "Follow-ups")),
        ("arrears", page.t("欠费", "Arrears")),
        ("months", page.t("月末", "Month end")),
    )
    if page.kit.is_simulated(page.office):
        yield Entry(page.at("practice"), page.t("练习", "Practice"), path == page.at("practice"))
    for name, text in entries:
        here = path == page.at(name) or (name in {"months", "arrears", "bank"} and path.startswith(f"{page.at(name)}/"))
        yield Entry(page.at(name), text, here, late if name == "today" else 0)


def _chapters(page: Page, path: str, owed: dict[str, int]) -> Iterator[Group]:
    for chapter, registers in registers_of(page).items():
        entries = []
        for register in registers:
            href = page.at("registers", register.name)
            lifecycle = BY_PATH.get(register.name)
            late = owed.get(lifecycle.kind, 0) if lifecycle is not None else 0
            entries.append(Entry(href, page.begins(register.zh, register.en), path == href, late))
        here = any(entry.here for entry in entries)
        yield Group(page.t(*_CHAPTERS[chapter]), tuple(entries), here, sum(entry.late for entry in entries))


def _management(page: Page, path: str) -> Iterator[Entry]:
    entries: tuple[tuple[str, str], ...] = (
        ("standards", page.t("达标", "Standards")),
        ("compliance", page.t("合规报告", "Compliance report")),
        ("reports", page.t("报表", "Reports")),
        ("facts", page.t("台账与核验", "The book, verified")),
        ("handbook", page.t("手册", "Handbook")),
        ("settings", page.t("设定", "Settings")),
        ("people", page.t("人员", "People")),
    )
    if Role.MANAGER in page.roles:
        entries += (("import", page.t("导入", "Import")),)
    for name, text in entries:
        href = page.at(name)
        yield Entry(href, text, path == href or path.startswith(f"{href}/"))


def _offices(page: Page, path: str) -> list[Entry]:
    """The other offices, each at the same page: a case of this one is none of theirs."""
    codes = page.context.offices(page.identity)
    rest = path.removeprefix(page.at()).strip("/")
    same = rest if rest.partition("/")[0] not in ("case", "do", "open", "print", "pdf") else "today"
    return [
        Entry(f"{HOME}/{quote(code, safe='')}/{same or 'today'}", page.kit.office_name(code), code == page.office)
        for code in codes
    ]


def _other_language(page: Page) -> str:
    other = "en" if page.lang == "zh" else "zh"
    return f"{HOME}/language/{other}?next={quote(page.here(), safe='')}"
