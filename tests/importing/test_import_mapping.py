"""Mappings: what is wrong is named with its place, and those that ship are right."""

from pathlib import Path

import pytest

from tests.importing.imports import mapping_text
from workflows.importing.document import MappingInvalid
from workflows.importing.mapping import load_mapping, parse_mapping

SHIPPED = sorted((Path(__file__).parents[2] / "mappings").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_valid_and_bears_its_name(path: Path) -> None:
    mapping = load_mapping(path)
    assert mapping.name == path.stem
    assert mapping.zh
    assert mapping.en


def test_something_ships() -> None:
    assert len(SHIPPED) >= 5


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('name = "small"', 'name = ""', "mapping.name"),
        ('zh = "小样"', "", "mapping"),
        ('en = "small"', 'en = "small"\nextra = 1', "mapping"),
        ('tally = ["state"]', 'tally = ["stat"]', "source.tally[0]"),
        ('tally = ["state"]', 'delimiter = "||"', "source.delimiter"),
        ('id = "id"', 'ID = "id"', "columns.ID"),
        ('id = "id"', 'id = "id"\nfirst = "x"', "columns.first"),
        ('id = "id"', 'id = { type = "text" }', "columns.id"),
        ('id = "id"', 'id = { from = "id", unit = "fen" }', "columns.id"),
        ('type = "integer"', 'type = "number"', "columns.count.type"),
        ('known_at = "at"', 'known_at = "who"', "columns.done_at.known_at"),
        ('known_at = "at"', 'formats = ["%d/%m"]', "columns.done_at.formats[0]"),
        ('known_at = "at"', 'formats = ["%Q/%Y"]', "columns.done_at.formats[0]"),
        ('known_at = "at"', 'zone = "Moon/Base"', "columns.done_at.zone"),
        ('known_at = "at"', 'within = ["2020-01-01"]', "columns.done_at.within"),
        ('known_at = "at"', "within = [2021-01-01, 2020-01-01]", "columns.done_at.within"),
        ('known_at = "at"', 'within = ["x", 2020-01-01]', "columns.done_at.within[0]"),
        ('group = "sorted"', 'group = "loose"', "cases.group"),
        ('at = "at"\nterm', "term", "step[0].facts[0]"),
        ('at = "at"\nterm', 'at = "who"\nterm', "cases.at"),
        ('key = "id"', "key = []", "cases.key"),
        ('id = "{id}"', 'id = "{name}"', "target.order.id"),
        ("[target.order]", "[target.Order]", "target.Order"),
        ('sum = "amount"', 'sum = "who"', "check[0].sum"),
        ('of = "order", do = "Raise"', 'of = "bill", do = "Raise"', "step[0].facts[0].of"),
        ("opens = true", 'opens = "maybe"', "step[0].facts[0].opens"),
        ('by = "who"', 'by = "wo"', "step[0].facts[0].with.by"),
        ('by = "who"', "by = { is = 1, default = 2 }", "step[0].facts[0].with.by"),
        ('by = "who"', "by = 1.5", "step[0].facts[0].with.by"),
        ('by = "who"', 'by = { rise = "who" }', "step[0].facts[0].with.by.rise"),
        ('by = "who"', 'by = { text = "{wo}" }', "step[0].facts[0].with.by.text"),
        ('when = { state = "work" }', 'when = { stat = "work" }', "step[1].when.stat"),
        ('when = { state = "work" }', 'when = { state = { matches = "(" } }', "step[1].when.state.matches"),
        ('when = { state = "work" }', 'when = { state = { like = "x" } }', "step[1].when.state"),
        ("increased = true", "increased = false", "step[3].when.count.increased"),
        ("count = { increased", "who = { increased", "step[3].when.who"),
        ('note = { zh = "迟到", en = "late" }', 'note = { zh = "迟到" }', "step[6].note"),
        ("facts = []", "facts = 5", "step[1].facts"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, place: str) -> None:
    text = mapping_text()
    assert old in text
    with pytest.raises(MappingInvalid) as refused:
        parse_mapping(text.replace(old, new, 1))
    assert refused.value.field == place
    assert place in refused.value.zh
    assert place in refused.value.en


def test_a_mapping_that_opens_nothing_or_is_no_toml() -> None:
    with pytest.raises(MappingInvalid, match="opens"):
        parse_mapping(mapping_text().replace("opens = true, ", "").replace(', opens = "if-needed"', ""))
    with pytest.raises(MappingInvalid, match="TOML"):
        parse_mapping("[mapping")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"name = '\xff'")
    for name in ("gone.toml", "latin.toml"):
        with pytest.raises(MappingInvalid, match=name):
            load_mapping(tmp_path / name)


def test_another_text_has_another_digest() -> None:
    assert parse_mapping(mapping_text()).digest != parse_mapping(mapping_text("contiguous")).digest


def test_a_day_that_stands_for_every_row_must_be_a_day() -> None:
    text = """
[mapping]
name = "x"
zh = "x"
en = "x"
[columns]
id = "id"
[cases]
key = "id"
at = { date = "soon" }
[target.home]
kind = "households"
id = "{id}"
[[step]]
when = { id = { given = true } }
facts = [{ of = "home", do = "OpenHousehold", opens = true, with = { home = "id!" } }]
"""
    with pytest.raises(MappingInvalid, match="2024-12-31"):
        parse_mapping(text)
