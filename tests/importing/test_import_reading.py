"""A large file is read in a process of its own, and nobody sees a difference but the clock on the wall."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflows.importing import reading
from workflows.importing.binding import Binding, Tally
from workflows.importing.interpret import SourceCase
from workflows.importing.mapping import load_mapping
from workflows.importing.reader import SourceUnreadable, open_source
from workflows.importing.reading import cases_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MAPPING = """
[mapping]
name = "orders"
zh = "报修"
en = "orders"

[columns]
id = "id"
at = { from = "at", type = "time", formats = ["%Y-%m-%d %H:%M"] }
what = "what"

[cases]
key = "id"
at = "at"
term = "what"

[target.order]
kind = "repair-orders"
id = "{id}"

[[step]]
when = { what = "raised" }
facts = [{ of = "order", do = "RaiseRepairOrder", opens = true, with = { channel = { is = "telephone" } } }]

[[step]]
when = { what = "closed" }
facts = [{ of = "order", do = "CloseRepairOrder" }]
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three hundred orders, one row of each with a word that nobody explained."""
    mapping, file = tmp_path / "orders.toml", tmp_path / "orders.csv.gz"
    mapping.write_text(MAPPING, encoding="utf-8")
    rows = [
        f"{n},2025-01-02 0{step}:00,{word}"
        for step, word in enumerate(("raised", "sung", "closed"))
        for n in range(300)
    ]
    file.write_bytes(gzip.compress("\n".join(["id,at,what", *rows, ""]).encode()))
    return file


def read(file: Path) -> tuple[list[SourceCase], Tally]:
    mapping = file.with_name("orders.toml")
    rules = load_mapping(mapping)
    tally = Tally()
    binding = Binding(rules, open_source(file, rules.delimiter, rules.encodings))
    with cases_of(binding, mapping, NOW, tally) as cases:
        return list(cases), tally


def test_the_other_process_hands_over_the_same_cases(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = read(source)
    monkeypatch.setattr(reading, "LEAST_LINES", 1)
    assert read(source) == here
    cases, tally = here
    assert (len(cases), tally.rows, tally.taken, tally.refused) == (300, 900, 600, 300)


def test_it_ends_when_nobody_takes_its_cases(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEAST_LINES", 1)
    mapping = source.with_name("orders.toml")
    rules = load_mapping(mapping)
    binding = Binding(rules, open_source(source, rules.delimiter, rules.encodings))
    with cases_of(binding, mapping, NOW, Tally()) as cases:
        assert next(cases).key == "0"


def test_what_it_cannot_read_is_refused_here(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEAST_LINES", 1)
    mapping = source.with_name("orders.toml")
    rules = load_mapping(mapping)
    binding = Binding(rules, open_source(source, rules.delimiter, rules.encodings))
    source.unlink()
    with cases_of(binding, mapping, NOW, Tally()) as cases, pytest.raises(SourceUnreadable) as refused:
        next(cases)
    assert refused.value.code == "file-missing"


def test_a_reader_that_dies_is_no_end_of_the_file(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEAST_LINES", 1)
    monkeypatch.setattr(reading, "_COMMAND", "import sys; sys.exit(1)")
    with pytest.raises(RuntimeError, match="读取进程中断"):
        read(source)
