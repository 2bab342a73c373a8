"""The problem file: whole or not at all, harmless to spreadsheets, both languages."""

import csv
from pathlib import Path

import pytest

from workflows.importing.problems import COLUMNS, Problem, ProblemFile, Trouble, harmless


def problem(value: str, line: int = 7) -> Problem:
    return Trouble("value-unknown", zh="不是已知的取值", en="unknown").on(line, "state", value).of("A1")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_place_value_and_reason_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "problems.csv"
    with ProblemFile(path) as file:
        file.add_all([problem("-100"), Problem(9, "t", "1,5", "odd", "奇怪", "odd", taken=True)])
        assert not path.exists()
    assert path.read_bytes().startswith("\N{BYTE ORDER MARK}".encode())
    first, second = read(path)
    assert tuple(first) == COLUMNS
    assert list(first.values()) == ["7", "state", "-100", "value-unknown", "不是已知的取值", "unknown", "refused", "A1"]
    assert second["effect"] == "noted"
    assert (file.written, file.counts["value-unknown", "state"]) == (2, 1)


def test_after_a_failure_the_earlier_file_stands_and_nothing_is_left_over(tmp_path: Path) -> None:
    path = tmp_path / "problems.csv"
    path.write_text("earlier", encoding="utf-8")
    with pytest.raises(KeyError), ProblemFile(path) as file:
        file.add(problem("x"))
        raise KeyError
    assert [each.name for each in tmp_path.iterdir()] == ["problems.csv"]
    assert path.read_text(encoding="utf-8") == "earlier"
    with pytest.raises(ValueError, match="not open"):
        file.add(problem("x"))


@pytest.mark.parametrize("text", ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_formulas_are_neutralised(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-100", "+1.5", "-12%", "1,234", "漏水", "", "a=b"])
def test_numbers_and_words_are_not_touched(text: str) -> None:
    assert harmless(text) == text


def test_long_values_are_cut_and_nul_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "problems.csv"
    with ProblemFile(path) as file:
        file.add_all([problem("x" * 5_000), problem("a\0b"), problem('"quoted",\nline')])
    values = [row["value"] for row in read(path)]
    assert len(values[0]) == 1_001
    assert values[1:] == ["a␀b", '"quoted",\nline']
