"""Everything that people read by name has its two names, once; nothing is named that does not exist."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest

from domain.cases import CASES
from domain.kernel.fact import COMMANDS, EVENTS
from domain.kernel.words import WORDS, choice_names, field_names, gathered
from domain.kernel.words.answers import WORDS as ANSWERS
from domain.kernel.words.choices import CHOICES
from projections.registers.index import REGISTERS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from parts(part)


def records() -> dict[str, set[str]]:
    """Every record of the domain and every register's row, with its fields; the choices are gathered beside."""
    found: dict[str, set[str]] = {}
    waiting = [*EVENTS.values(), *COMMANDS.values(), *(each.of for each in CASES), *(r.row for r in REGISTERS.all)]
    while waiting:
        record = waiting.pop()
        if record.__name__ in found:
            continue
        hints = get_type_hints(record)
        found[record.__name__] = {field.name for field in dataclasses.fields(record)}
        for hint in hints.values():
            for part in parts(hint):
                if isinstance(part, type) and dataclasses.is_dataclass(part):
                    waiting.append(part)
                elif isinstance(part, type) and issubclass(part, StrEnum):
                    KINDS.add(part)
    return found


KINDS: set[type[StrEnum]] = set()
RECORDS = records()


def unnamed(records: dict[str, set[str]], words: dict[str, tuple[str, str]]) -> list[str]:
    return sorted(
        {f"{r}.{f}" for r, fields in records.items() for f in fields if f not in words and f"{r}.{f}" not in words}
    )


def stale(records: dict[str, set[str]], words: dict[str, tuple[str, str]]) -> list[str]:
    """Names of nothing: the field is gone, or every record that has it is named apart."""
    used = {f"{r}.{f}" if f"{r}.{f}" in words else f for r, fields in records.items() for f in fields}
    return sorted(words.keys() - used)


def test_every_field_of_every_record_and_register_has_its_names() -> None:
    assert unnamed(RECORDS, WORDS) == []


def test_no_field_is_named_that_no_record_has() -> None:
    assert [key for key in stale(RECORDS, WORDS) if key not in ANSWERS] == []


def test_every_choice_has_its_names_and_none_is_left_over() -> None:
    offered = {f"{kind.__name__}.{each.value}" for kind in KINDS for each in kind}
    assert sorted(offered - CHOICES.keys()) == []
    assert sorted(CHOICES.keys() - offered) == []


def test_a_name_is_chinese_first_and_english_second() -> None:
    for key, (zh, en) in {**WORDS, **CHOICES}.items():
        assert CHINESE.search(zh), key
        assert en, key
        assert not CHINESE.search(en), key


def test_a_form_does_not_call_two_of_its_fields_the_same() -> None:
    twice = []
    for record, fields in RECORDS.items():
        said = [field_names(field, record) for field in fields]
        twice += [(record, names) for names in set(said) if said.count(names) > 1]
    assert twice == []


def test_a_missing_and_a_stale_name_are_found() -> None:
    assert unnamed({"Complaint": {"colour"}}, WORDS) == ["Complaint.colour"]
    assert stale({"Complaint": {"matter"}}, {"matter": ("事由", "matter"), "colour": ("颜色", "colour")}) == ["colour"]
    assert stale({"Pet": {"number"}}, {"number": ("", ""), "Pet.number": ("", "")}) == ["number"]


def test_a_word_stands_once() -> None:
    with pytest.raises(TypeError, match="named twice: matter"):
        gathered([{"matter": ("事由", "matter")}, {"matter": ("事项", "matter")}])
    with pytest.raises(TypeError, match=r"says the same: Pet\.number"):
        gathered([{"number": ("序号", "number"), "Pet.number": ("序号", "number")}])


def test_a_record_may_mean_something_of_its_own() -> None:
    assert field_names("name") == ("名称", "name")
    assert field_names("name", "Person") == ("姓名", "name")
    assert choice_names(next(kind for kind in KINDS if kind.__name__ == "Channel")("letter")) == ("来函", "letter")
