"""Nothing without a next date: whatever state an open matter comes to, something is due there, and it is somebody's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from domain.cases import CASES
from domain.handbook.settings import SETTINGS
from domain.kernel.calendar import end_of_day, local_date
from domain.kernel.fact import COMMANDS
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import SAME, Wait
from domain.kernel.mending import SET_ASIDE
from domain.kernel.people import Role
from domain.kernel.waiting import LeftWaiting, MissWaiting
from domain.office.responsibility import DUTIES
from tests.domain.kinds import longest_apart
from tests.domain.story import Story
from tests.domain.walking import branch, walk_here

STANDING: Final[dict[tuple[str, str], str]] = {
    ("staff", "active"): "a member of the staff: nothing is owed of a person; what he owes stands in its own cases",
    ("assignment", "assigned"): "whose a task is: the task has its date in its own case",
    ("portfolio", "in-care"): "whose homes are whose: a list, no matter that comes to an end",
    ("patrol_route", "in-use"): "a list of points; every day's patrol has its own date",
    ("service_item", "offered"): "a line of the catalogue",
    ("follow_up", "nonconforming"): "it waits for its rectification, which has its deadline; with that it ends",
    ("bank_line", "open"): "its statement has the date by which every line is dealt with",
    ("bill", "issued"): "once it is overdue its household's debt case has the next step's date",
    ("bill", "part-paid"): "once it is overdue its household's debt case has the next step's date",
}
"""Open states without a date of their own, each with its reason: there is no other list of exceptions."""
RESTING: Final[dict[tuple[str, str], str]] = {
    ("staff", "left"): "who has left may come back",
    ("assignment", "withdrawn"): "it may be given again",
    ("patrol", "missed"): "its account has its days, and then it is unaccounted for",
    ("patrol", "accounted-for"): "a head may still find that somebody walked it",
    ("patrol", "unaccounted"): "it says so, for ever, unless somebody accounts for it",
    ("key_loan", "lost"): "what else is out has its date; the lock's change is a rectification",
    ("complaint", "archived"): "the resident may complain again",
    ("resident_word", "spoken"): "a record that is written later may differ from it",
    ("resident_word", "lapsed"): "he may be asked again",
    ("fee_standard", "valid"): "a price that holds until another does",
    ("meter", "in-use"): "it hangs in its place",
    ("shared_cost", "apportioned"): "it goes with the month's bills",
    ("bill_run", "closed"): "the company may open the month again",
    ("bill", "paid"): "a payment may turn out wrong",
    ("payment", "taken"): "a payment may turn out wrong",
    ("cash_day", "closed"): "money may come in after the count",
    ("bank_statement", "closed"): "a line may turn out wrong",
    ("bank_line", "booked"): "a line may turn out wrong",
    ("bank_line", "left-out"): "a line may turn out wrong",
    ("debt_case", "settled"): "another bill may fall overdue",
    ("household", "left"): "the file is kept until its retention ends, which has its date",
}
"""States at a matter's end from which it may yet go on, each with its reason: none of them is a state in which it waits."""
NO_STEP: Final = {"limitation", "limitation-near", "papers", "retention"}
"""What is due of itself, and is no next step of the matter."""


def dated(lifecycle: Lifecycle[Any], case: Any) -> bool:
    """Whether the case has a next step with its date ahead, or one that is overdue on somebody's desk."""
    if {due.kind for due in lifecycle.due(case)} - NO_STEP:
        return True
    rows = [row for row in lifecycle.deadlines if case.state in row.states and row.kind not in NO_STEP]
    return any(DUTIES[lifecycle.kind, row.kind].missed(case) is not None for row in rows)


@longest_apart
def test_every_open_state_has_a_next_date_or_its_reason(lifecycle: Lifecycle[Any]) -> None:
    undated, seen = {}, set()
    for state, story, _ in walk_here(lifecycle.kind):
        if story.case is None or state in lifecycle.final:
            continue
        seen.add(state)
        if not dated(lifecycle, story.case):
            undated[lifecycle.kind, state] = [fact.name for fact in story.facts]
    assert seen == set(lifecycle.states) - set(lifecycle.final), "the walk comes to every open state"
    listed = {at for at in STANDING if at[0] == lifecycle.kind}
    assert not undated.keys() - listed, undated
    assert not {state for _, state in listed} - seen, "what is listed is an open state"


def test_no_state_is_called_an_end_to_have_no_date() -> None:
    going_on = {
        (lifecycle.kind, state)
        for lifecycle in CASES
        for state in {*lifecycle.final} - {*SET_ASIDE}
        for row in lifecycle.steps
        if state in row.sources and row.target not in (SAME, state, *SET_ASIDE)
    }
    assert going_on == set(RESTING)


# -- what waits ------------------------------------------------------------------------------------------------------

WAITS: Final = [(lifecycle, each) for lifecycle in CASES for each in lifecycle.waits]
every_wait = pytest.mark.parametrize(("lifecycle", "wait"), WAITS, ids=[f"{k.kind}-{w.kind}" for k, w in WAITS])


def waiting(lifecycle: Lifecycle[Any], wait: Wait) -> Iterator[Story]:
    """Cases of a walk in which this waits, with its date."""
    for _, story, _ in walk_here(lifecycle.kind):
        if story.case is not None:
            until = {due.kind for due in lifecycle.due(story.case)}
            if wait.kind in until:
                yield story


@every_wait
def test_what_waits_has_the_settings_date_from_when_it_began(lifecycle: Lifecycle[Any], wait: Wait) -> None:
    found = list(waiting(lifecycle, wait))
    assert found, "the walk comes to it"
    for story in found:
        due = min(until for at, until in dates(story.case) if at.partition("/")[0] == wait.kind)
        began = next(fact for fact in story.facts if fact.wait_until == due)
        number = story.settings.at(local_date(began.occurred_at)).integer(wait.within)
        if SETTINGS[wait.within].kind == "hours":
            assert due == began.occurred_at + timedelta(hours=number)
        else:
            least = end_of_day(local_date(began.occurred_at) + timedelta(days=number))
            assert due == least or (wait.since is not None and due > least)


def dates(case: Any) -> Iterator[tuple[str, datetime]]:
    """What waits in a case, with its date."""
    for at, each in case.waits.items():
        if each.until is not None and each.missed_at is None:
            yield at, each.until


@every_wait
def test_a_date_that_passes_is_a_fact_and_stays_on_the_desk(lifecycle: Lifecycle[Any], wait: Wait) -> None:
    duty = DUTIES[lifecycle.kind, wait.kind]
    assert duty.role.is_person, "it is somebody's"
    for story in waiting(lifecycle, wait):
        [due] = [each for each in lifecycle.due(story.case) if each.kind == wait.kind]
        assert COMMANDS[due.gives] is MissWaiting
        left = branch(story)
        for _ in [until for _, until in dates(story.case) if until == due.due_at]:  # of several, one after another
            left.when(MissWaiting(), as_=Role.CLOCK, at=due.due_at)
            left.then(LeftWaiting, due_at=due.due_at).is_in(story.case.state)
        assert duty.missed(left.case) is not None
        assert all(each.due_at > due.due_at for each in lifecycle.due(left.case) if each.kind == wait.kind)


@every_wait
def test_every_step_that_ends_it_takes_it_off_the_desk_and_no_other_moves_its_date(
    lifecycle: Lifecycle[Any], wait: Wait
) -> None:
    """Whatever the walk did after it began: as long as it waits, the date is the one that was made first."""
    for _, story, _ in walk_here(lifecycle.kind):
        if story.case is None:
            continue
        case, since = None, {}
        for fact in story.facts:
            case = lifecycle.apply(case, fact)
            now = {at: each.until for at, each in case.waits.items() if at.partition("/")[0] == wait.kind}
            assert all(since[at] == until for at, until in now.items() if at in since), fact.name
            assert not now or case.state in wait.states
            since = now
