"""What a mapping can say of rows that nobody foresaw: any other row, facts that may fail, facts for some states only."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.conftest import Database
from tests.importing.imports import imported, mapping_text, told, troubles
from tests.importing.small import HEADER, MAPPING, NOW, bring_in, listed
from tests.office_rig import OfficeRig, office_rig
from workflows.importing.document import MappingInvalid
from workflows.importing.mapping import parse_mapping
from workflows.importing.reader import SourceUnreadable
from workflows.importing.run import import_history

OTHERWISE = """
[[step]]
else = true
note = { zh = "未说明", en = "not explained" }
facts = [{ of = "complaint", do = "NoteComplaintStep", with = { step = "step" } }]
"""


@pytest.fixture
def rig(database: Database) -> Any:
    with office_rig(database.app) as rig:
        yield rig


# -- any other row ---------------------------------------------------------------------------------------------------


def test_a_row_that_no_step_knows_is_noted_where_the_mapping_says_so(rig: OfficeRig, tmp_path: Path) -> None:
    rows = "A1,new,2024-01-01 08:00,telephone,music,\nA1,dance,2024-01-02 08:00,,,\n"
    report = bring_in(rig, tmp_path, rows, mapping=MAPPING + OTHERWISE)

    assert (report.taken, report.refused, report.noted) == (2, 0, 1)
    assert listed(tmp_path) == [(3, "step", "noted-by-mapping", "noted")]
    assert rig.rows("complaints")[0]["steps"] == 1
    assert rig.facts()[-1].term == "dance"


# -- facts that may fail ---------------------------------------------------------------------------------------------


def lenient(command: str) -> str:
    return MAPPING.replace(f'do = "{command}", with', f'do = "{command}", if_refused = "note", with')


def test_what_the_book_refuses_is_left_out_alone_and_noted(rig: OfficeRig, tmp_path: Path) -> None:
    rows = (
        "A4,new,2024-03-01 08:00,letter,dog,\nA4,wait,2024-03-02 08:00,,,vet\nA4,hand,2024-03-03 08:00,,,vet\n"
        "A4,done,2024-03-05 08:00,,gone,office\n"
    )
    report = bring_in(rig, tmp_path, rows, mapping=lenient("PauseComplaint"))

    assert listed(tmp_path) == [(4, "who", "already-waiting", "noted")]
    assert (report.taken, report.refused, report.noted) == (4, 0, 1)
    assert rig.rows("complaints")[0]["reassigned"] == 1, "the rest of the row stands"

    again = bring_in(rig, tmp_path, rows, mapping=lenient("PauseComplaint"))
    assert (again.skipped, again.facts, again.refused, again.noted) == (1, 0, 0, 1)
    assert listed(tmp_path) == [(4, "who", "already-waiting", "noted")], "and it is told again"


def test_a_value_that_is_missing_leaves_out_a_lenient_fact_alone(tmp_path: Path) -> None:
    text = mapping_text().replace('do = "Note", with', 'do = "Note", if_refused = "note", with')
    cases, tally = imported(tmp_path, "A,new,2020-01-01,,,,,\nA,late,2020-01-02,,1,,,\n", text=text)

    assert told(cases) == ["2 A Raise 01-01", "3 A HandOn 01-02"]
    assert troubles(cases) == [(3, "state", "noted-by-mapping", True), (3, "who", "value-missing", True)]
    assert (tally.taken, tally.refused, tally.noted) == (2, 0, 1)


def test_what_another_case_holds_leaves_out_a_lenient_fact_alone(rig: OfficeRig, tmp_path: Path) -> None:
    mapping = """
[mapping]
name = "homes"
zh = "空房"
en = "homes"
[columns]
id = "id"
home = "home"
at = { from = "at", type = "time" }
[cases]
key = "id"
at = "at"
[target.home]
kind = "vacant-homes"
id = "{id}"
[target.complaint]
kind = "complaints"
id = "{id}"
[[step]]
when = { id = { given = true } }
facts = [
  { of = "complaint", do = "RegisterComplaint", opens = true, with = { channel = { is = "online" }, category = { is = "x" }, matter = { is = "x" } } },
  { of = "home", do = "TakeOverHome", opens = true, if_refused = "note", with = { home = "home!", kind = { is = "unsold" }, area = 0 } },
]
"""
    rows = "1,A-1,2024-01-01\n2,A-2,2024-01-01\n3,A-1,2024-01-02\n"
    (tmp_path / "small.csv").write_text(f"id,home,at\n{rows}", encoding="utf-8")
    (tmp_path / "small.toml").write_text(mapping, encoding="utf-8")
    report = import_history(
        rig.handler,
        rig.pool.connection,
        tmp_path / "small.csv",
        tmp_path / "small.toml",
        rig.code,
        now=NOW,
        problems=tmp_path / "problems.csv",
        batch=1,
    )
    assert (report.taken, report.refused, report.noted) == (3, 0, 1)
    assert listed(tmp_path) == [(4, "", "already-held", "noted")]
    assert (len(rig.rows("complaints")), len(rig.rows("vacant-homes"))) == (3, 2)


# -- facts for some states -------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_fact_for_some_states_is_left_out_in_the_others(rig: OfficeRig, tmp_path: Path) -> None:
    mapping = MAPPING.replace('do = "ResolveComplaint", with', 'do = "ResolveComplaint", in_state = "registered", with')
    rows = (
        "A1,new,2024-01-01 08:00,telephone,music,\nA1,done,2024-01-03 08:00,,told,office\n"
        "A1,done,2024-01-04 08:00,,told again,office\n"
    )
    report = bring_in(rig, tmp_path, rows, mapping=mapping)

    assert (report.taken, report.refused, report.problems) == (3, 0, {})
    row = rig.rows("complaints")[0]
    assert (row["resolved_at"].day, row["closed_at"].day) == (3, 4)


def test_a_state_that_the_kind_does_not_have_is_refused_with_its_place(rig: OfficeRig, tmp_path: Path) -> None:
    mapping = MAPPING.replace('do = "ArchiveComplaint"', 'do = "ArchiveComplaint", in_state = ["resolved", "sung"]')
    with pytest.raises(MappingInvalid) as refused:
        bring_in(rig, tmp_path, mapping=mapping)
    assert refused.value.field == "step[2].facts[1].in_state"


# -- texts and claims ------------------------------------------------------------------------------------------------


def test_a_text_that_no_index_could_hold_refuses_its_row(rig: OfficeRig, tmp_path: Path) -> None:
    long = "".join(Random(3).choices("天地玄黄宇宙洪荒日月盈昃辰宿列张", k=3_000))
    mapping = MAPPING.replace('category = { is = "noise" }', 'category = "what"').replace(
        'matter = "what!"', 'matter = { is = "x" }'
    )
    report = bring_in(rig, tmp_path, f"A1,new,2024-01-01 08:00,telephone,{long},\n", mapping=mapping)

    assert (report.refused, report.cases) == (1, 0)
    assert listed(tmp_path) == [(2, "what", "text-too-long", "refused")]
    whole = MAPPING.replace('done_by = "who!", result = "what"', 'done_by = "who!", result = "what!"')
    done = f"A2,new,2024-01-01 08:00,telephone,music,\nA2,done,2024-01-02 08:00,,{long},office\n"
    assert bring_in(rig, tmp_path, done, mapping=whole).refused == 0, "free text about people is sealed, not indexed"


@pytest.mark.long
def test_a_dry_run_knows_what_the_batches_before_it_and_the_book_have_claimed(rig: OfficeRig, tmp_path: Path) -> None:
    mapping = (
        MAPPING[: MAPPING.index("[target.complaint]")]
        + """
[target.home]
kind = "vacant-homes"
id = "{id}"
[[step]]
when = { step = "new" }
facts = [{ of = "home", do = "TakeOverHome", opens = true, with = { home = "what!", kind = { is = "unsold" }, area = 0 } }]
"""
    )
    rows = "".join(f"{n},new,2024-01-01,,home {n % 4},\n" for n in range(8))
    (tmp_path / "small.csv").write_text(f"{HEADER}\n{rows}", encoding="utf-8")
    (tmp_path / "small.toml").write_text(mapping, encoding="utf-8")

    def once(*, dry_run: bool) -> Any:
        return import_history(
            rig.handler,
            rig.pool.connection,
            tmp_path / "small.csv",
            tmp_path / "small.toml",
            rig.code,
            now=NOW,
            problems=tmp_path / "problems.csv",
            batch=2,
            dry_run=dry_run,
        )

    dry = once(dry_run=True)
    rehearsed = listed(tmp_path)
    wet = once(dry_run=False)
    assert (dry.cases, dry.facts, dry.refused) == (wet.cases, wet.facts, wet.refused) == (4, 4, 4)
    assert rehearsed == listed(tmp_path)


# -- several columns under one name ----------------------------------------------------------------------------------

WIDE = """
[mapping]
name = "wide"
zh = "宽表"
en = "wide"
[source]
missing = ["", "NA"]
[columns]
id = "id"
at = { from = "at", type = "time" }
marks = { headers = "^(q|Q)", but = "_note$", type = "hundredths", if_bad = "note" }
[cases]
key = "id"
at = "at"
[target.home]
kind = "vacant-homes"
id = "{id}"
[[step]]
when = { id = { given = true } }
facts = [{ of = "home", do = "InspectHome", with = { checklist = [
  { each = "marks", give = { item = "name", mark = "value", good = { least = 300 } } },
  { headers = "marks", give = { item = "name", good = true } },
] }, opens = "if-needed" }]
"""


def test_a_wide_table_gives_lists_of_what_is_given_and_of_all_its_headers(tmp_path: Path) -> None:
    cases, tally = imported(tmp_path, "A,2020-01-01,4,2.5,x,9\n", header="id,at,q1,q2,q3,q1_note", text=WIDE)

    assert cases[0].facts[0].fields["checklist"] == [
        {"item": "q1", "mark": 400, "good": True},
        {"item": "q2", "mark": 250, "good": False},
        {"item": "q1", "good": True},
        {"item": "q2", "good": True},
        {"item": "q3", "good": True},
    ]
    assert troubles(cases) == [(2, "q3", "number-unreadable", True)]
    assert tally.noted == 1


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ('headers = "^(q|Q)"', 'headers = "("', "columns.marks.headers"),
        ('id = "id"\nat', 'id = { from = "id", but = "x" }\nat', "columns.id"),
        ('key = "id"', 'key = "marks"', "cases.key"),
        ('each = "marks"', 'each = "id"', "step[0].facts[0].with.checklist[0].each"),
        ('each = "marks"', 'each = "marks", headers = "marks"', "step[0].facts[0].with.checklist[0]"),
        ('item = "name", mark', 'item = "title", mark', "step[0].facts[0].with.checklist[0].give.item"),
        ("least = 300", 'least = "3"', "step[0].facts[0].with.checklist[0].give.good.least"),
    ],
)
def test_what_is_wrong_with_a_wide_table_is_named_with_its_place(was: str, becomes: str, place: str) -> None:
    assert was in WIDE
    with pytest.raises(MappingInvalid) as refused:
        parse_mapping(WIDE.replace(was, becomes, 1))
    assert refused.value.field == place


def test_a_wide_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="lacks the columns"):
        imported(tmp_path, "A,2020-01-01\n", header="id,at", text=WIDE)


def test_what_the_row_before_was_can_be_asked_by_a_pattern(tmp_path: Path) -> None:
    text = (
        mapping_text()
        .replace(
            'when = { state = { is = "wait", entered = true } }',
            'when = { state = { is = "wait", was_matches = "^wo" } }',
        )
        .replace('when = { state = "work" }', 'when = { state = { is = ["work", "wait"], was_not_matches = "^do" } }')
    )
    cases, _ = imported(
        tmp_path,
        "A,new,2020-01-01,,,,,\nA,wait,2020-01-02,,,,,x\nA,work,2020-01-03,,,,,\nA,wait,2020-01-04,,,,,x\n",
        text=text,
    )
    assert told(cases) == ["2 A Raise 01-01", "5 A Pause 01-04"]
    assert troubles(cases) == []


@pytest.mark.long
def test_a_mapping_may_call_whoever_did_it_as_it_was_called_before(rig: OfficeRig, tmp_path: Path) -> None:
    mapping = MAPPING.replace('done_by = "who!"', 'resolved_by = "who!"')
    rows = f"A1,new,2024-01-01 08:00,telephone,music,\nA1,done,2024-01-02 08:00,,gone,{'x' * 3000}\n"
    assert bring_in(rig, tmp_path, rows, mapping=mapping, dry_run=True).refused == 1
    assert listed(tmp_path) == [(3, "who", "text-too-long", "refused")], "and what is wrong with it names its column"
    bring_in(rig, tmp_path, rows.replace("x" * 3000, "office"), mapping=mapping)
    assert rig.rows("complaints")[0]["done_by"] == "office"
