"""The lifecycle table 流程表: a wrong one is not made, a right one says what may be done, what is owed and held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.lifecycle.declare import NOT_YET, SAME, Due, step
from domain.kernel.people import HANDBOOK_ROLES, Role
from tests.domain.kernel.lantern import (
    CLERK,
    CLOCK,
    LANTERN,
    MANAGER,
    OPEN,
    RESTING,
    RIGHT,
    BurnDown,
    BurntDown,
    Dim,
    Dimmed,
    Douse,
    Drifted,
    Light,
    Lit,
    PutOut,
    Trim,
    Trimmed,
    Unlisted,
    acting,
    lit,
    table,
)
from tests.domain.story import DAY, instant

# -- what may be done ------------------------------------------------------------------------------------------------


def test_a_case_that_is_not_opened_yet_permits_only_its_opening() -> None:
    assert LANTERN.permitted(None, [acting(CLERK)]) == [Light]
    assert LANTERN.permitted(None, [acting(MANAGER)]) == []
    assert isinstance(LANTERN.why_not(Trim, None, acting(CLERK)), WrongState)


def test_what_is_permitted_follows_the_tables_order_and_every_role_that_is_held() -> None:
    lantern = lit().case
    assert LANTERN.permitted(lantern, [acting(CLERK)]) == [Trim, Dim]
    assert LANTERN.permitted(lantern, iter([acting(MANAGER), acting(CLERK)])) == [Trim, Dim, Douse]
    assert LANTERN.permitted(lantern, [acting(CLOCK)]) == [BurnDown]
    assert LANTERN.permitted(lantern, []) == []


def test_another_state_refuses_with_the_states_that_it_needs() -> None:
    refusal = LANTERN.why_not(Light, lit().case, acting(CLERK))
    assert isinstance(refusal, WrongState)
    assert (refusal.code, refusal.clause) == ("state", "2")
    assert refusal.zh == "当前状态为「点亮」，「点灯」只能在「尚未立案」时办理"
    assert refusal.en == "the state is “lit”; “Light” needs: not opened yet"


def test_another_role_is_told_who_may() -> None:
    refusal = LANTERN.why_not(Trim, lit().case, acting(Role.AUDITOR))
    assert isinstance(refusal, NotPermitted)
    assert (refusal.code, refusal.clause) == ("role", "2.1")
    assert refusal.zh == "「修灯」须由管理员、管理处经理办理"
    assert refusal.en == "“Trim” is for: administrator, manager"


def test_the_state_is_asked_before_the_role() -> None:
    assert isinstance(LANTERN.why_not(BurnDown, None, acting(Role.AUDITOR)), WrongState)


def test_a_command_of_another_kind_is_refused_under_the_kinds_own_clause() -> None:
    refusal = LANTERN.why_not(Unlisted, lit().case, acting(CLERK))
    assert isinstance(refusal, WrongState)
    assert refusal.clause == "2"
    assert LANTERN.open_to(OPEN, Unlisted) == ()


def test_what_the_case_does_not_allow_as_it_stands_is_not_permitted() -> None:
    story = lit().when(Trim(), as_=CLERK).then(Trimmed)
    assert LANTERN.permitted(story.case, [acting(CLERK)]) == [Dim]
    story.when(Trim(), as_=CLERK).refused(RuleBroken, code="trimmed-already", clause="2.1")


def test_an_imported_history_waives_what_the_case_does_not_allow_but_neither_state_nor_role() -> None:
    story = lit().when(Trim(), as_=CLERK).when(Trim(), as_=CLERK, imported=True).then(Trimmed)
    assert story.waived == ["trimmed-already"]
    story.when(Douse(), as_=CLERK, imported=True).refused(NotPermitted)
    story.when(Light(), as_=CLERK, imported=True).refused(WrongState)


def test_whoever_lit_it_is_not_offered_to_put_it_out_and_is_refused_in_the_same_words() -> None:
    lantern = lit().case
    assert Douse in LANTERN.permitted(lantern, [acting(MANAGER)])
    assert Douse not in LANTERN.permitted(lantern, [acting(MANAGER, lantern.lit_by)])
    story = lit().when(Douse(), as_=MANAGER, by=lantern.lit_by).refused(RuleBroken, code="own-work", clause="2.4")
    assert story.refusal.zh == LANTERN.why_not(Douse, lantern, acting(MANAGER, lantern.lit_by)).zh
    story.when(Douse(), as_=MANAGER, by="another").then(PutOut)


def test_a_command_that_only_says_something_is_decided_by_the_table() -> None:
    lit().when(Trim(), as_=CLERK).then(Trimmed)
    with pytest.raises(TypeError, match="Trim is decided by the table of its kind"):
        Trim().decide(lit().case, None)


def test_only_the_tables_events_are_allowed() -> None:
    assert LANTERN.allows("", Light, Lit)
    assert LANTERN.allows(OPEN, Dim, Dimmed)
    assert not LANTERN.allows(OPEN, Dim, PutOut)
    assert not LANTERN.allows(RESTING, Dim, Dimmed)


def test_a_command_may_mean_something_else_in_another_state_and_be_for_others() -> None:
    lanterns = table(steps=[*RIGHT["steps"], step(Dim, Drifted, RESTING, OPEN, [MANAGER], "2.3")])
    assert lanterns.allows(RESTING, Dim, Drifted)
    assert not lanterns.allows(RESTING, Dim, Dimmed)
    assert not lanterns.allows(OPEN, Dim, Drifted)
    resting = lit().when(Dim(), as_=CLERK).case
    assert lanterns.why_not(Dim, resting, acting(MANAGER)) is None
    refusal = lanterns.why_not(Dim, resting, acting(CLERK))
    assert isinstance(refusal, NotPermitted)
    assert refusal.clause == "2.3"


# -- replay ----------------------------------------------------------------------------------------------------------


def test_a_step_to_the_same_state_keeps_it() -> None:
    story = lit().when(Dim(), as_=CLERK).is_in(RESTING)
    story.when(Trim(), as_=MANAGER).is_in(RESTING)
    assert (story.case.trimmed, story.case.version) == (1, 3)
    assert [row.target for row in LANTERN.open_to(RESTING, Trim)] == [SAME]


def test_a_case_without_facts_is_no_case() -> None:
    assert LANTERN.fold([]) is None
    assert NOT_YET not in LANTERN.states


def test_a_replay_asks_no_rule_again() -> None:
    """A fact that the rules of today would refuse stands all the same."""
    story = lit().when(Trim(), as_=CLERK)
    again = LANTERN.fold([*story.facts, story.facts[-1]])
    assert again is not None
    assert (again.trimmed, again.state, again.opened_at) == (2, OPEN, instant(DAY))


def test_a_case_says_since_when_it_stands_and_where_it_comes_from() -> None:
    story = lit().when(Dim(), as_=CLERK, at="2025-03-04 10:00")
    assert (story.case.opened_at, story.case.changed_at) == (instant(DAY), instant("2025-03-04 10:00"))
    assert (story.case.id, story.case.office, story.case.imported) == (story.id, "XH", False)
    assert story.case.correlation_id == story.facts[0].correlation_id
    first, second = (replace(fact, imported=not n, source_id=f"row-{n}") for n, fact in enumerate(story.facts))
    imported = LANTERN.fold([first, second])
    assert imported is not None
    assert (imported.imported, imported.source_id) == (True, "row-0")


# -- what is owed and held -------------------------------------------------------------------------------------------


def test_a_deadline_is_owed_in_its_states_while_it_has_a_date() -> None:
    assert LANTERN.due(lit().case) == []
    story = lit(until=instant("2025-03-09 20:00"))
    assert LANTERN.due(story.case) == [Due("oil", instant("2025-03-09 20:00"), "BurnDown", "2.3", "灯油", "the oil")]
    story.when(Dim(), as_=CLERK).owes("oil", None)


def test_what_has_fired_is_owed_no_more() -> None:
    story = lit(until=instant("2025-03-09 20:00")).when(BurnDown(), as_=CLOCK, at="2025-03-09 20:00")
    story.then(BurntDown).is_in(OPEN).owes("oil", None)


def test_a_case_holds_one_thing_several_or_nothing() -> None:
    story = lit(hooks=("1", "2"))
    assert LANTERN.held(story.case) == {"hook:1", "hook:2", f"lamp:{story.id}"}
    assert LANTERN.held(story.when(Dim(), as_=CLERK).case) == {f"lamp:{story.id}"}
    assert LANTERN.held(story.when(Douse(), as_=MANAGER, by="another").case) == set()
    bare = lit()
    assert LANTERN.held(bare.case) == {f"lamp:{bare.id}"}


# -- who acts --------------------------------------------------------------------------------------------------------


def test_the_clock_the_policies_and_the_importer_are_no_persons() -> None:
    assert {role for role in Role if not role.is_person} == {Role.CLOCK, Role.POLICY, Role.IMPORTER, Role.RESIDENT}
    assert all(role.is_person and role.zh for role in HANDBOOK_ROLES)
