"""The frame of every page 页面框架: the handbook's chapters with their registers, the office, the person, the language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from api.console.errors import HOME
from api.console.formatting import instant
from api.console.people import role_name
from domain.cases import BY_PATH, CASES
from domain.handbook.clauses import CLAUSES
from domain.kernel.people import Role
from projections.engine.register import Register

if TYPE_CHECKING:
    from api.console.page import Page

__all__ = ["Entry", "chapter_of", "frame", "leads_to", "places", "registers_of"]

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


_SECTIONS: Final[tuple[tuple[str, tuple[str, str], dict[str, tuple[str, str]]], ...]] = (
    (
        "",
        ("", ""),
        {
            "today": ("今日", "Today"),
            "notices": ("通知", "Notices"),
            "reception": ("接待", "Reception"),
            "visits": ("回访", "Follow-ups"),
        },
    ),
    (
        "rounds",
        ("房屋与巡查", "Homes and rounds"),
        {
            "keys": ("钥匙柜", "Key cabinet"),
            "homes": ("空房检查", "Vacant homes"),
            "walk": ("巡视", "Patrol"),
        },
    ),
    (
        "money",
        ("收款与欠费", "Money"),
        {
            "counter": ("收款", "Payments"),
            "bank": ("银行对账", "Bank"),
            "arrears": ("欠费", "Arrears"),
            "months": ("月末", "Month end"),
        },
    ),
)
"""The pages of a day's work, as they stand in the navigation."""


def _who(*acts: tuple[str, str]) -> frozenset[Role]:
    """The roles that may give one of these commands of a kind of case."""
    steps = (row for path, word in acts for row in BY_PATH[path].steps if row.command.__name__ == word)
    return frozenset(role for row in steps for role in row.who)


_FOR: Final[dict[str, frozenset[Role]]] = {
    "reception": _who(("complaints", "RegisterComplaint"), ("repair-orders", "RaiseRepairOrder")),
    "counter": _who(("payments", "TakePayment")),
    "bank": _who(("bank-statements", "CloseBankStatement")),
    "walk": _who(("patrols", "BeginPatrol")),
}
"""Pages on which one acts and does little else: for those who may."""
_DAILY: Final = frozenset({Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER})
_MENU: Final = "wuye_menu"
"""The cookie that keeps which sections somebody has opened or shut."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    href: str
    text: str
    here: bool = False
    late: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """Entries that belong together; without a name they stand first, by themselves."""

    name: str
    text: str
    entries: tuple[Entry, ...]
    is_open: bool


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
    chapters, managed = list(_chapters(page, path, owed)), list(_management(page, path))
    return {
        "work": list(_work(page, path, sum(owed.values()))),
        "chapters": chapters,
        "management": managed,
        "registers_open": _stands_open(page, "registers", here=any(group.open for group in chapters)),
        "management_open": _stands_open(page, "management", managed),
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


def _work(page: Page, path: str, late: int) -> Iterator[Section]:
    """The daily pages, those of one place together."""
    if page.kit.is_simulated(page.office):
        practice = Entry(page.at("practice"), page.t("练习", "Practice"), path == page.at("practice"))
        yield Section("", "", (practice,), is_open=True)
    for name, words, entries in _SECTIONS:
        made = tuple(
            Entry(page.at(place), page.t(*said), _is_here(page, path, place), late if place == "today" else 0)
            for place, said in entries.items()
            if leads_to(page, place)
        )
        if made:
            yield Section(name, page.t(*words), made, is_open=_stands_open(page, name, made))


def _is_here(page: Page, path: str, place: str) -> bool:
    return path == page.at(place) or (place in {"months", "arrears", "bank"} and path.startswith(f"{page.at(place)}/"))


def _stands_open(page: Page, name: str, entries: Iterable[Entry] = (), *, here: bool = False) -> bool:
    """As its reader left it; where he has not touched it, open but for the management of those who do the daily work."""
    kept = page.request.cookies.get(_MENU, "").split(".")
    left = True if f"{name}-1" in kept else False if f"{name}-0" in kept else None
    usual = name != "management" or not set(page.roles) <= _DAILY
    return here or any(each.here for each in entries) or (usual if left is None else left)


def leads_to(page: Page, place: str) -> bool:
    """Whether a page of the day's work is this person's."""
    return place not in _FOR or bool(_FOR[place] & set(page.roles))


def places(page: Page) -> list[Entry]:
    """Every page that the navigation leads to."""
    path = page.request.url.path
    return [
        *(entry for section in _work(page, path, 0) for entry in section.entries),
        *(entry for group in _chapters(page, path, {}) for entry in group.entries),
        *_management(page, path),
    ]


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
    """The other offices, each at the same page; but not at a case, which belongs to this office alone."""
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
