"""A row that tells of several spans is unfolded: months beside each other become months one after another."""

from pathlib import Path

import pytest

from tests.importing.imports import imported, troubles
from workflows.importing.binding import Binding
from workflows.importing.document import MappingInvalid
from workflows.importing.interpret import SourceCase
from workflows.importing.mapping import parse_mapping
from workflows.importing.reader import SourceUnreadable, open_source

MAPPING = """
[mapping]
name = "months"
zh = "按月"
en = "months"

[columns]
home = { from = "房号", required = true }
month = { unfold = true, type = "time", formats = ["%Y-%m"] }
period = { unfold = true }
asked = { unfold = "^(.+)应收$", type = "money" }
paid = { unfold = "^(.+)实收$", type = "money", optional = true }

[cases]
key = "home"
at = "month"

[target.bill]
kind = "bills"
id = "{home}/{period}"

[[step]]
when = { asked = { negative = false, given = true } }
facts = [{ of = "bill", do = "Issue", opens = true, with = { fen = "asked" } }]

[[step]]
when = { asked = { negative = true } }
facts = [{ of = "bill", do = "Credit", opens = true, with = { fen = { negated = "asked" } } }]

[[step]]
when = { paid = { positive = true } }
facts = [{ of = "bill", do = "Pay", with = { fen = "paid", more = { rise = "paid" }, due = { after = "month", days = 14 } } }]

[[step]]
when = { last = true }
facts = []
"""
HEADER = "房号,2025-01应收,2025-01实收,2025-02应收,2025-02实收"


def unfolded(
    folder: Path, rows: str, *, header: str = HEADER, text: str = MAPPING
) -> tuple[list[SourceCase], list[str]]:
    cases, _ = imported(folder, rows, header=header, text=text)
    said = [
        f"{f.line} {f.source_id} {f.command_or_event} {f.fields['fen']} {f.occurred_at:%m-%d}"
        for c in cases
        for f in c.facts
    ]
    return cases, said


def test_each_month_of_a_row_is_a_bill_of_its_own(tmp_path: Path) -> None:
    _, said = unfolded(tmp_path, "1-101,100,100,120,50\n1-102,90,,-3.5,\n")
    assert said == [
        "2 1-101/2025-01 Issue 10000 01-01",
        "2 1-101/2025-01 Pay 10000 01-01",
        "2 1-101/2025-02 Issue 12000 02-01",
        "2 1-101/2025-02 Pay 5000 02-01",
        "3 1-102/2025-01 Issue 9000 01-01",
        "3 1-102/2025-02 Credit 350 02-01",
    ]


def test_one_month_looks_back_at_the_month_before_it(tmp_path: Path) -> None:
    cases, _ = unfolded(tmp_path, "1-101,100,100,120,130\n")
    pays = [fact.fields for fact in cases[0].facts if fact.command_or_event == "Pay"]
    assert [(each["more"], str(each["due"])) for each in pays] == [(10_000, "2025-01-15"), (3_000, "2025-02-15")]


def test_a_month_of_which_a_row_says_nothing_is_passed_over_and_the_row_counts_once(tmp_path: Path) -> None:
    cases, tally = imported(tmp_path, "1-101,,,120,\n1-102,,,,\n", header=HEADER, text=MAPPING)
    assert [fact.source_id for case in cases for fact in case.facts] == ["1-101/2025-02"]
    assert (tally.rows, tally.taken, tally.understood, tally.refused) == (2, 1, 1, 0)


def test_a_cell_that_cannot_be_read_refuses_the_whole_row_and_is_told_by_its_own_header(tmp_path: Path) -> None:
    cases, tally = imported(tmp_path, "1-101,100,,many,\n1-102,90,,80,\n", header=HEADER, text=MAPPING)
    assert troubles(cases) == [(2, "2025-02应收", "amount-unreadable", False)]
    assert (tally.rows, tally.taken, tally.refused) == (2, 1, 1)
    assert [fact.line for case in cases for fact in case.facts] == [3, 3]


def test_what_a_later_month_cannot_say_leaves_no_trace_of_the_earlier_ones(tmp_path: Path) -> None:
    text = MAPPING.replace("when = { asked = { negative = true } }", 'when = { asked = "-9" }')
    text = text.replace("[[step]]\nwhen = { last = true }\nfacts = []\n", "")
    cases, tally = imported(tmp_path, "1-101,100,,-7,\n1-101,90,,-9,\n", header=HEADER, text=text)
    assert troubles(cases) == [(2, "", "row-not-understood", False)]
    assert [fact.line for fact in cases[0].facts] == [
        3,
        3,
    ]  # the months are not opened twice: the first row said nothing
    assert (tally.taken, tally.refused) == (1, 1)


def test_the_spans_stand_in_the_order_that_the_mapping_names_and_others_are_left_out(tmp_path: Path) -> None:
    text = MAPPING.replace("[cases]", '[unfold]\nnames = ["2025-02", "2025-01"]\n\n[cases]\nbackwards = "note"', 1)
    _, said = unfolded(tmp_path, "1-101,1,,2,,3\n", header=f"{HEADER},2025-03应收", text=text)
    assert [each.split()[1] for each in said] == ["1-101/2025-02", "1-101/2025-01"]


def test_headers_without_a_system_are_named_one_by_one(tmp_path: Path) -> None:
    text = MAPPING.replace(
        'unfold = "^(.+)应收$"', 'unfold = { "2025-01" = ["A1", "A_1"], "2025-02" = "A2" }, required = true'
    )
    text = text.replace(', type = "money", optional = true', ', type = "money", optional = true, if_bad = "note"')
    cases, said = unfolded(tmp_path, "1-101,1,2,\n1-102,1,,x\n", header="房号,A-1,A2,2025-02实收", text=text)
    assert said == ["2 1-101/2025-01 Issue 100 01-01", "2 1-101/2025-02 Issue 200 02-01"]
    assert troubles(cases) == [(3, "A2", "value-missing", False), (3, "2025-02实收", "amount-unreadable", True)]


def test_a_sum_that_looks_like_a_month_is_told_by_its_header(tmp_path: Path) -> None:
    cases, _ = imported(tmp_path, "1-101,100,,120,,220\n", header=f"{HEADER},合计应收", text=MAPPING)
    assert troubles(cases) == [(2, "合计应收", "time-unreadable", False)]


def test_columns_that_are_lacking_are_named(tmp_path: Path) -> None:
    def lacking(text: str, header: str) -> str:
        (tmp_path / "x.csv").write_text(f"{header}\n", encoding="utf-8")
        with pytest.raises(SourceUnreadable) as refused:
            Binding(parse_mapping(text), open_source(tmp_path / "x.csv"))
        return refused.value.en

    assert "^(.+)应收$" in lacking(MAPPING, "房号,2025-01实收")
    named = MAPPING.replace('unfold = "^(.+)应收$"', 'unfold = { "2025-01" = ["A1", "A_1"] }')
    assert "A1／A_1" in lacking(named, "房号,A2")


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ('key = "home"', 'key = "period"', "cases.key"),
        ('unfold = "^(.+)应收$"', 'unfold = "^.+应收$"', "columns.asked.unfold"),
        ('unfold = "^(.+)应收$"', "unfold = {}", "columns.asked.unfold"),
        ("period = { unfold = true }", 'period = { unfold = true, from = "x" }', "columns.period"),
        ('{ after = "month", days = 14 }', '{ after = "home", days = 14 }', "step[2].facts[0].with.due.after"),
        ('{ after = "month", days = 14 }', '{ after = "month" }', "step[2].facts[0].with.due"),
        ('{ negated = "asked" }', '{ negated = "home" }', "step[1].facts[0].with.fen.negated"),
        ("[cases]", "[unfold]\nnames = []\n[cases]", "unfold.names"),
    ],
)
def test_a_mapping_that_cannot_mean_anything_says_where(right: str, wrong: str, place: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        parse_mapping(MAPPING.replace(right, wrong, 1))
    assert refused.value.field == place


def test_spans_are_named_only_where_something_is_unfolded() -> None:
    plain = MAPPING.replace("[cases]", "[unfold]\nnames = ['a']\n\n[cases]", 1)
    for name in (
        "month = { unfold = true",
        "period = { unfold = true",
        'asked = { unfold = "^(.+)应收$"',
        'paid = { unfold = "^(.+)实收$"',
    ):
        plain = plain.replace(name, name.split("{")[0] + '{ from = "x"', 1)
    with pytest.raises(MappingInvalid) as refused:
        parse_mapping(plain)
    assert refused.value.field == "unfold"
