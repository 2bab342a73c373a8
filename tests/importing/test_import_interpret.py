"""Rows to facts: order, counters, final values, sums, and rows that cannot be taken."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.importing.imports import imported, mapping_text, told, troubles
from workflows.importing.interpret import ProposedFact
from workflows.importing.reader import SourceUnreadable


def test_a_case_from_the_first_row_to_the_last(tmp_path: Path) -> None:
    cases, tally = imported(
        tmp_path,
        "A,new,2020-01-01,,,,,李\nA,work,2020-01-02,,,,,\nA,wait,2020-01-03,,,,,供应商\nA,done,2020-01-04,,,,,\n",
    )
    assert told(cases) == ["2 A Raise 01-01", "4 A Pause 01-03", "5 A Finish 01-04"]
    raised, paused, _ = cases[0].facts
    assert raised.fields == {"by": "李", "urgent": True, "kind": "repair"}
    assert (raised.kind_path, raised.term, raised.opens) == ("orders", "new", True)
    assert paused.fields == {"why": "等 供应商"}
    assert (tally.cases, tally.taken, tally.understood, tally.facts) == (1, 3, 1, 3)
    assert tally.values["state"] == {"new": 1, "work": 1, "wait": 1, "done": 1}


def test_a_final_value_is_not_known_before_it_happened(tmp_path: Path) -> None:
    cases, _ = imported(
        tmp_path,
        "A,new,2020-01-01,2020-01-09,,,,\nA,done,2020-01-04,2020-01-09,,,,\nA,done,2020-01-09,2020-01-09,,,,\n"
        "A,done,2020-01-10,2020-01-09,,,,\n",
    )
    assert told(cases) == ["2 A Raise 01-01", "3 A Finish 01-04", "4 A Finish 01-09"]
    assert [fact.fields for fact in cases[0].facts[1:]] == [{"stated": False}, {"stated": True}]


def test_a_counter_that_rises_by_two_is_two_facts_and_one_that_leaps_is_none(tmp_path: Path) -> None:
    cases, _ = imported(
        tmp_path,
        "A,new,2020-01-01,,1,,,\nA,work,2020-01-02,,3,,,\nA,work,2020-01-03,,3,,,\nA,work,2020-01-04,,99999,,,\n"
        "A,work,2020-01-05,,4,,,\n",
    )
    assert [line.split()[0] for line in told(cases) if "HandOn" in line] == ["2", "3", "3", "6"]
    assert troubles(cases) == [(5, "", "counter-leaps", False)]


def test_rows_of_a_case_may_stand_anywhere_when_sorted(tmp_path: Path) -> None:
    rows = "A,new,2020-01-01,,,,,\nB,new,2020-01-01,,,,,\nA,done,2020-01-04,,,,,\n"
    cases, _ = imported(tmp_path, rows)
    assert [case.key for case in cases] == ["A", "B"]
    assert told(cases) == ["2 A Raise 01-01", "4 A Finish 01-04", "3 B Raise 01-01"]
    apart, tally = imported(tmp_path, rows, text=mapping_text("contiguous"))
    assert [(case.key, case.digest) for case in apart] == [(case.key, case.digest) for case in cases]
    assert (tally.cases, tally.refused) == (2, 0), "a mapping's hope that they stand together is looked into"


def test_an_order_puts_shuffled_rows_right_and_ranks_break_ties(tmp_path: Path) -> None:
    text = mapping_text().replace(
        'term = "state"', 'order = ["at", { column = "state", ranks = ["new", "wait", "done"] }]\nterm = "state"'
    )
    cases, _ = imported(tmp_path, "A,done,2020-01-02,,,,,\nA,wait,2020-01-02,,,,,x\nA,new,2020-01-01,,,,,\n", text=text)
    assert told(cases) == ["4 A Raise 01-01", "3 A Pause 01-02", "2 A Finish 01-02"]


def test_money_rises_and_running_totals_are_checked(tmp_path: Path) -> None:
    cases, tally = imported(
        tmp_path,
        "A,new,2020-01-01,,,35.00,35,\nA,work,2020-01-02,,,,35,\nA,work,2020-01-03,,,50.5,99,\nA,work,2020-01-04,,,0,??,\n",
    )
    assert [fact.fields["rise_fen"] for fact in cases[0].facts if fact.command_or_event == "Charge"] == [3500, 1550]
    assert [fact.source_id for fact in cases[0].facts if fact.command_or_event == "Open"] == ["debt-A"]
    assert troubles(cases) == [(5, "total", "amount-unreadable", True), (4, "total", "sum-differs", True)]
    assert (tally.refused, tally.noted) == (0, 2)


def test_a_row_that_cannot_be_taken_leaves_no_trace_in_the_rows_after_it(tmp_path: Path) -> None:
    cases, tally = imported(
        tmp_path,
        "A,new,2020-01-01,,,,,\nA,-100,2020-01-02,,5,,,\nA,done,x,,,,,\nA,,2020-01-02,,,,,\nA,work,2020-01-03,,1,,,\n",
    )
    assert told(cases) == ["2 A Raise 01-01", "6 A HandOn 01-03"]
    assert troubles(cases) == [
        (3, "state", "value-unknown", False),
        (4, "at", "time-unreadable", False),
        (5, "state", "value-missing", False),
    ]
    assert {p.case for p in cases[0].problems} == {"A"}
    assert tally.refused == 3


def test_nothing_happens_before_a_case_is_opened_nor_twice(tmp_path: Path) -> None:
    cases, _ = imported(tmp_path, "A,done,2020-01-01,,,,,\nA,new,2020-01-02,,,,,\nA,new,2020-01-03,,,,,\n")
    assert told(cases) == ["3 A Raise 01-02"]
    assert [trouble[::2] for trouble in troubles(cases)] == [(2, "case-not-opened"), (4, "case-opened-twice")]


def test_a_row_that_no_step_knows_is_a_problem_not_silence(tmp_path: Path) -> None:
    text = mapping_text().replace('when = { state = "work" }', 'when = { state = "done" }')
    cases, _ = imported(tmp_path, "A,new,2020-01-01,,,,,\nA,work,2020-01-02,,,,,\n", text=text)
    assert troubles(cases) == [(3, "state", "row-not-understood", False)]


def test_steps_go_forward_in_time_or_are_noted(tmp_path: Path) -> None:
    rows = "A,new,2020-01-05,,,,,\nA,done,2020-01-01,,,,,\nA,late,2020-01-06,,,,,李\n"
    cases, _ = imported(tmp_path, rows)
    assert told(cases) == ["2 A Raise 01-05", "4 A Note 01-06"]
    assert troubles(cases) == [(3, "at", "time-backwards", False), (4, "state", "noted-by-mapping", True)]
    cases, tally = imported(tmp_path, rows, text=mapping_text(backwards="note"))
    assert len(told(cases)) == 3
    assert troubles(cases)[0] == (3, "at", "time-backwards", True)
    assert (tally.refused, tally.noted) == (0, 2)


def test_what_lies_in_the_future_of_the_import_is_refused(tmp_path: Path) -> None:
    cases, _ = imported(tmp_path, "A,new,2031-01-01,,,,,\n")
    assert troubles(cases) == [(2, "at", "time-in-future", False)]


def test_a_field_that_rows_of_its_kind_need(tmp_path: Path) -> None:
    cases, _ = imported(tmp_path, "A,new,2020-01-01,,,,,\nA,late,2020-01-02,,,,,?\n")
    assert troubles(cases) == [(3, "who", "value-missing", False)]


def test_rows_without_a_case_or_with_too_few_cells_have_their_problem(tmp_path: Path) -> None:
    cases, tally = imported(tmp_path, "?,new,2020-01-01,,,,,\nA,new\nA,new,2020-01-01,,,,,x\0\n")
    assert sorted(troubles(cases)) == [
        (2, "id", "value-missing", False),
        (3, "", "cells-miscounted", False),
        (4, "", "nul-removed", True),
    ]
    assert told(cases) == ["4 A Raise 01-01"]
    assert (tally.rows, tally.refused, tally.noted) == (3, 2, 1)


def test_a_delimiter_at_the_end_of_each_line_and_a_header_in_the_middle(tmp_path: Path) -> None:
    header = "id,state,at,done_at,count,amount,total,who"
    cases, tally = imported(tmp_path, f"A,new,2020-01-01,,,,,x,\n{header}\nB,new,2020-01-01,,,,,x,,y\n")
    assert told(cases) == ["2 A Raise 01-01"]
    assert sorted(troubles(cases)) == [(3, "", "header-repeated", False), (4, "", "cells-miscounted", False)]
    assert (tally.rows, tally.refused) == (3, 2)


def test_a_quote_that_is_never_closed_swallows_nothing_in_silence(tmp_path: Path) -> None:
    cases, tally = imported(tmp_path, 'A,new,2020-01-01,,,,,"李\nB,new,2020-01-01,,,,,x\nC,new,2020-01-01,,,,,x\n')
    assert told(cases) == []
    [problem] = [problem for case in cases for problem in case.problems]
    assert (problem.line, problem.code, "line 4" in problem.en, "第 4 行" in problem.zh) == (
        2,
        "quote-unclosed",
        True,
        True,
    )
    assert (tally.rows, tally.refused) == (1, 1)
    cases, _ = imported(tmp_path, 'A,new,2020-01-01,,,,"x\nB,"new,2020-01-01,,,,,x\nC,new,2020-01-01,,,,,x')
    assert told(cases) == ["4 C Raise 01-01"]
    [problem] = [problem for case in cases for problem in case.problems]
    assert (problem.line, problem.code, "to line 3" in problem.en) == (2, "cells-miscounted", True)


def test_a_column_that_stands_twice_matters_only_where_it_is_read(tmp_path: Path) -> None:
    cases, _ = imported(tmp_path, "A,new,2020-01-01,x,y\n", header="id,state,at,note,note")
    assert told(cases) == ["2 A Raise 01-01"]
    with pytest.raises(SourceUnreadable, match="twice: state") as refused:
        imported(tmp_path, "A,new,new,2020-01-01\n", header="id,state,state,at")
    assert refused.value.code == "header-doubled"


def test_an_id_that_no_index_could_hold_is_refused(tmp_path: Path) -> None:
    cases, _ = imported(tmp_path, f"{'A' * 601},new,2020-01-01,,,,,x\n")
    assert troubles(cases) == [(2, "id", "key-too-long", False)]


def test_what_cannot_be_seen_is_taken_out_and_noted(tmp_path: Path) -> None:
    cases, tally = imported(tmp_path, "A,new,2020-01-01,,,,,李\u202e四\x01\nB,new,2020-01-01,,,,,e\u0301\n")
    assert [fact.fields["by"] for case in cases for fact in case.facts] == ["李四", "é"]
    assert troubles(cases) == [(2, "who", "characters-removed", True)]
    assert (tally.taken, tally.noted) == (2, 1)


def test_what_comes_again_reads_the_same_and_what_is_odd_of_it_is_noted_each_time(tmp_path: Path) -> None:
    row = "new,2020-01-01,,,,,李\u202e四"
    cases, _ = imported(tmp_path, f"A,{row}\nB,{row}\nC,{row}\nD,new,someday,,,,,王\nE,new,someday,,,,, 王 \n")
    assert [fact.fields["by"] for case in cases for fact in case.facts] == ["李四"] * 3
    odd, unreadable = (2, 3, 4), (5, 6)
    assert troubles(cases) == [
        *((line, "who", "characters-removed", True) for line in odd),
        *((line, "at", "time-unreadable", False) for line in unreadable),
    ]


def test_columns_that_are_missing_are_named_and_optional_ones_are_not(tmp_path: Path) -> None:
    cases, _ = imported(tmp_path, "A,new,2020-01-01\n", header="ID,State,AT")
    assert told(cases) == ["2 A Raise 01-01"]
    with pytest.raises(SourceUnreadable, match=r"state.*at") as refused:
        imported(tmp_path, "A,new\n", header="id,status")
    assert refused.value.code == "columns-missing"


def test_the_digest_of_a_case_is_that_of_what_it_says(tmp_path: Path) -> None:
    one = imported(tmp_path, "A,new,2020-01-01,,,,,\nA,done,2020-01-04,,,,,\n")[0]
    moved = imported(tmp_path, "B,new,2020-01-01,,,,,\nA,new,2020-01-01,,,,,\nA,done,2020-01-04,,,,,\n")[0]
    other = imported(tmp_path, "A,new,2020-01-01,,,,,\nA,done,2020-01-05,,,,,\n")[0]
    assert one[0].digest == moved[1].digest != other[0].digest


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_cases_in_a_file_changes_nothing(tmp_path: Path, random: object) -> None:
    rows = [
        f"{case},{state},2020-01-{day:02},,,,,x"
        for case in "ABC"
        for day, state in ((1, "new"), (2, "wait"), (3, "done"))
    ]
    text = mapping_text().replace('term = "state"', 'order = ["at"]\nterm = "state"')
    straight = imported(tmp_path, "\n".join(rows) + "\n", text=text)[0]
    random.shuffle(rows)  # type: ignore[attr-defined]
    mixed = imported(tmp_path, "\n".join(rows) + "\n", text=text)[0]
    assert {case.key: case.digest for case in straight} == {case.key: case.digest for case in mixed}


def test_a_proposal_carries_what_the_office_needs(tmp_path: Path) -> None:
    (case,), _ = imported(tmp_path, "A,new,2020-01-01,,,,,\n")
    (fact,) = case.facts
    assert isinstance(fact, ProposedFact)
    assert fact.occurred_at.tzinfo is not None
    assert fact.line == 2
