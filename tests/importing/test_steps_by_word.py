"""The steps of a mapping by the word that tells them apart: always those that trying all of them would find (ADR 0051)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflows.importing import rules
from workflows.importing.rules import Condition, Step, Steps
from workflows.importing.view import RowView

_WORDS = ["open", "close", "pay", None]
_texts = st.fixed_dictionaries({"activity": st.sampled_from(_WORDS), "state": st.sampled_from(_WORDS)})
_among = st.frozensets(st.sampled_from(["open", "close", "pay"]), min_size=1)
_tests = st.builds(
    rules.Test,
    column=st.sampled_from(["activity", "state"]),
    among=_among | st.none(),
    given=st.sampled_from([None, True]),
)
_conditions = st.builds(
    Condition, tests=st.lists(_tests, max_size=3).map(tuple), first=st.sampled_from([None, None, True, False])
)
_steps = st.lists(st.builds(Step, when=_conditions, facts=st.just(())), max_size=5)


def _row(texts: dict[str, str | None]) -> RowView:
    return RowView(2, texts, dict(texts))


@given(_steps, st.lists(_texts, min_size=1, max_size=6))
def test_a_word_leaves_the_steps_that_its_rows_can_meet(steps: list[Step], rows: list[dict[str, str | None]]) -> None:
    by_word = Steps(steps)
    for texts in rows:
        row = _row(texts)
        found = [(step, 1 if certain else step.when.times(row)) for step, certain in by_word.for_row(row)]
        assert [each for each in found if each[1]] == [
            (step, step.when.times(row)) for step in steps if step.when.times(row)
        ]


def test_a_step_that_asks_for_its_word_alone_is_certain() -> None:
    opens = Step(when=Condition(tests=(rules.Test(column="activity", among=frozenset({"open"})),)), facts=())
    first = Step(when=Condition(tests=opens.when.tests, first=True), facts=())
    others = Step(when=Condition(), facts=())
    steps = Steps([opens, first, others])
    assert steps.for_row(_row({"activity": "open"})) == ((opens, True), (first, False), (others, True))
    assert steps.for_row(_row({"activity": "pay"})) == ((others, True),)
