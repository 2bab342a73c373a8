"""The documents that have a page per chapter of the handbook: what rests on each clause, registers, glossary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from api.routes.clause_index import clause_index
from domain.cases import CASES
from domain.handbook.clauses import CLAUSES
from domain.handbook.reach import BY_PEOPLE
from domain.handbook.settings import SETTINGS
from domain.kernel.fact import COMMANDS, EVENTS
from domain.kernel.words import (
    answers,
    arrears,
    common,
    complaints,
    fees,
    homes,
    moving,
    office,
    residents,
    rounds,
    services,
    visits,
)
from domain.kernel.words.choices import CHOICES
from projections.engine.register import Register
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from workflows.policies.index import POLICIES

__all__ = ["chapters"]

_NAMES: Final = {
    "1": "office",
    "2": "rounds",
    "3": "homes",
    "4": "complaints",
    "5": "visits",
    "6": "services",
    "7": "fees",
    "8": "arrears",
    "9": "residents",
}
_WORDS: Final[dict[str, tuple[Any, ...]]] = {
    "1": (office, moving),
    "2": (rounds,),
    "3": (homes,),
    "4": (complaints,),
    "5": (visits,),
    "6": (services,),
    "7": (fees,),
    "8": (arrears,),
    "9": (residents,),
}
_SORTS: Final = {
    "cases": "事项 cases",
    "commands": "指令 commands",
    "facts": "事件 events",
    "deadlines": "期限 deadlines",
    "policies": "规程 policies",
    "registers": "登记簿 registers",
    "standards": "标准 standards",
    "settings": "设定 settings",
    "rules": "拒绝 refusals",
    "clauses": "见 see",
}
_KINDS: Final = {
    "text": "文字 text",
    "bigint": "整数 number",
    "boolean": "是否 yes/no",
    "date": "日期 date",
    "timestamptz": "时刻 instant",
}


def chapters() -> dict[str, str]:
    """Path under docs/ → text."""
    made = {}
    for folder, title, page in (
        ("handbook", "手册条款与程序 · What rests on each clause", _handbook),
        ("registers", "登记簿 · Registers", _registers),
        ("glossary", "词汇 · Glossary", _glossary),
    ):
        for chapter in _NAMES:
            made[f"{folder}/{_file(chapter)}"] = "\n".join([f"# {_title(chapter)}", "", *page(chapter)])
        index = [f"* [{_title(chapter)}]({_file(chapter)})" for chapter in _NAMES]
        made[f"{folder}/README.md"] = "\n".join([f"# {title}", "", *index])
    made["registers/README.md"] += "\n* [期限 · Deadlines](deadlines.md)"
    made["registers/deadlines.md"] = "\n".join(
        ["# 期限 · Deadlines", "", *_of_registers(r for r in REGISTERS.all if not r.kinds)]
    )
    for name, title, words in (
        ("common", "通用栏目 · Words of several chapters", common.WORDS),
        ("answers", "应答栏目 · Words of answers", answers.WORDS),
        ("choices", "选项 · Choices", CHOICES),
    ):
        made["glossary/README.md"] += f"\n* [{title}]({name}.md)"
        made[f"glossary/{name}.md"] = "\n".join([f"# {title}", "", *_table(words)])
    return made


def _title(chapter: str) -> str:
    return f"{chapter} {CLAUSES[chapter].zh} · {CLAUSES[chapter].en}"


def _file(chapter: str) -> str:
    return f"{chapter}-{_NAMES[chapter]}.md"


def _within(clause: str, chapter: str) -> bool:
    return clause.partition(".")[0] == chapter


# -- the handbook ----------------------------------------------------------------------------------------------------


def _handbook(chapter: str) -> Iterator[str]:
    rests = clause_index(REGISTERS, POLICIES, [(each.clause, each.slug) for each in STANDARDS])
    for clause in CLAUSES.values():
        if clause.is_law or not _within(clause.id, chapter):
            continue
        on_it = rests.get(clause.id, {})
        if not on_it and "group" in clause.kinds:
            continue
        yield from (f"## {clause.id} {clause.zh}", "", clause.en, "")
        for sort, names in on_it.items():
            yield f"* **{_SORTS[sort]}**"
            yield from (f"  * {_said(sort, name)}" for name in names)
        if clause.id in BY_PEOPLE:
            zh, en = BY_PEOPLE[clause.id]
            yield f"* **由人遵守 by people**: {zh} · {en}"
        elif not on_it:
            yield "* —"
        yield ""


_COMMANDS: Final = {
    "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name)): each
    for name, each in COMMANDS.items()
}


def _said(sort: str, name: str) -> str:
    """A name that the program uses, with what people call it."""
    called: tuple[str, str] | None = None
    if sort == "commands" and name in _COMMANDS:
        called = (_COMMANDS[name].ZH, _COMMANDS[name].EN)
    elif sort == "facts":
        called = (EVENTS[name].ZH, EVENTS[name].EN)
    elif sort == "cases":
        called = next((each.zh, each.en) for each in CASES if each.path == name)
    elif sort == "registers":
        called = next(((each.zh, each.en) for each in REGISTERS.all if each.name == name), None)
    elif sort == "standards":
        called = next((each.zh, each.en) for each in STANDARDS if each.slug == name)
    elif sort == "settings":
        called = (SETTINGS[name].zh, SETTINGS[name].en)
    elif sort == "policies":
        called = next(((each.zh, each.en) for each in POLICIES.all if each.name == name), None)
    elif sort == "clauses":
        called = (CLAUSES[name].zh, CLAUSES[name].en)
    return f"`{name}`" if called is None else f"`{name}` {called[0]} · {called[1]}"


# -- registers -------------------------------------------------------------------------------------------------------


def _registers(chapter: str) -> Iterator[str]:
    yield from _of_registers(each for each in REGISTERS.all if each.kinds and _within(each.clause, chapter))


def _of_registers(registers: Iterable[Register]) -> Iterator[str]:
    for register in registers:
        yield from (
            f"## {register.zh} · {register.en}",
            "",
            f"`{register.name}`, §{register.clause}. 🔒 = 密封 sealed.",
            "",
        )
        yield from ("| 列 column | 名称 | name | 类型 type |", "|---|---|---|---|")
        for column in register.columns:
            zh, en = register.names(column.name)
            lock = " 🔒" if column.name in register.sealed else ""
            yield f"| `{column.name}`{lock} | {zh} | {en} | {_KINDS[column.sql]} |"
        yield ""


# -- the glossary ----------------------------------------------------------------------------------------------------


def _glossary(chapter: str) -> Iterator[str]:
    for life in CASES:
        if not _within(life.clauses, chapter):
            continue
        yield from (
            f"## {life.zh} · {life.en}",
            "",
            f"`{life.kind}`, §{life.clauses}, [流程表 table](../cases/{life.path}.md)",
            "",
        )
        yield from ("### 状态 · States", "", *_table(life.states))
        yield from ("### 指令 · Commands", "", *_table({c.__name__: (c.ZH, c.EN) for c in life.commands}))
        events = dict.fromkeys(row.event for row in life.steps)
        yield from ("### 事件 · Events", "", *_table({e.__name__: (e.ZH, e.EN) for e in events}))
    yield from ("## 栏目 · Fields", "", "见 see also [通用栏目 common](common.md)", "")
    words: dict[str, tuple[str, str]] = {}
    for part in _WORDS[chapter]:
        words |= part.WORDS
    yield from _table(words)


def _table(words: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    yield from ("| 词 word | 中文 | English |", "|---|---|---|")
    yield from (f"| `{word}` | {zh} | {en} |" for word, (zh, en) in sorted(words.items()))
    yield ""
