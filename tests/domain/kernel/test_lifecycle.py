"""The lifecycle table 流程表: a wrong one is not made, a right one says what may be done, what is owed and held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from domain.handbook.clauses import UnknownClause
from domain.kernel.errors import NotPermitted, Refusal, RuleBroken, WrongState
from domain.kernel.fact import Case, Command, Event, Fact, Moment
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.lifecycle.declare import NOT_YET, SAME, Due, deadline, hold, step
from domain.kernel.people import HANDBOOK_ROLES, Actor, Role
from tests.domain.story import DAY, Story, given, instant

CLERK, MANAGER, CLOCK = Role.ADMINISTRATOR, Role.MANAGER, Role.CLOCK
OPEN, RESTING, OVER = "open", "resting", "over"


# -- a lantern: the smallest matter that shows everything. Its words stay out of the program's allow-lists. ----------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lit(Event):
    """灯已点亮 · Lantern lit."""

    hooks: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed(Event):
    """灯已修剪 · Lantern trimmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurntDown(Event):
    """灯已燃尽 · Lantern burnt down."""


class Dimmed(Event):
    """灯已调暗 · Lantern dimmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOut(Event):
    """灯已熄灭 · Lantern put out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light(Command):
    """点灯 · Light."""

    hooks: tuple[str, ...] = ()
    until: datetime | None = None

    ZH, EN = "点灯", "Light"

    def decide(self, _lantern: None, _at: Moment) -> Iterator[Event]:
        yield Lit(hooks=self.hooks, until=self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim(Command):
    ZH, EN = "修灯", "Trim"

    @staticmethod
    def ready(lantern: Lantern, _who: Actor) -> Refusal | None:
        if lantern.trimmed:
            return RuleBroken("trimmed-already", "2.1", zh="已修剪", en="it is trimmed already")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnDown(Command):
    ZH, EN = "燃尽", "Burn down"


class Dim(Command):
    ZH, EN = "调暗", "Dim"

    def decide(self, lantern: Lantern, _at: Moment) -> Iterator[Event]:
        if lantern.state == OPEN:
            yield Dimmed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Douse(Command):
    ZH, EN = "熄灯", "Put out"

    @staticmethod
    def ready(lantern: Lantern, who: Actor) -> Refusal | None:
        return (
            RuleBroken("own-work", "2.4", zh="须由另一人办理", en="not by who lit it")
            if who.user_id == lantern.lit_by
            else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted(Command):
    ZH, EN = "不在表中", "Unlisted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint(Command):
    colour: str = "red"

    ZH, EN = "上色", "Paint"


@dataclass(slots=True, kw_only=True)
class Lantern(Case):
    """What is known of one lantern."""

    hooks: tuple[str, ...] = ()
    until: datetime | None = None
    trimmed: int = 0
    lit_by: str = ""


def evolve(lantern: Lantern, fact: Fact) -> None:
    match fact.event:
        case Lit() as e:
            lantern.hooks, lantern.until, lantern.lit_by = e.hooks, e.until, fact.user_id
        case Trimmed():
            lantern.trimmed += 1
        case BurntDown():
            lantern.until = None


LIGHTS = step(Light, Lit, None, OPEN, [CLERK], "2")
TRIMS = step(Trim, Trimmed, (OPEN, RESTING), SAME, [CLERK, MANAGER], "2.1")
BURNS = step(BurnDown, BurntDown, OPEN, SAME, [CLOCK], "2.3")
DIMS = step(Dim, Dimmed, OPEN, RESTING, [CLERK], "2")
DOUSES = step(Douse, PutOut, (OPEN, RESTING), OVER, [MANAGER], "2.4")
RUNS_OUT: dict[str, Any] = {"due": lambda lantern: lantern.until, "gives": BurnDown, "zh": "灯油", "en": "the oil"}
RIGHT: dict[str, Any] = {
    "of": Lantern,
    "kind": "lantern",
    "path": "lanterns",
    "zh": "灯",
    "en": "lantern",
    "clauses": "2",
    "evolve": evolve,
    "states": {OPEN: ("点亮", "lit"), RESTING: ("调暗", "dimmed"), OVER: ("熄灭", "out")},
    "final": [OVER],
    "steps": [LIGHTS, TRIMS, BURNS, DIMS, DOUSES],
    "deadlines": [deadline("oil", OPEN, clause="2.3", **RUNS_OUT)],
    "holds": [
        hold(OPEN, lambda lantern: tuple(f"hook:{each}" for each in lantern.hooks), zh="挂钩", en="hook"),
        hold((OPEN, RESTING), lambda lantern: f"lamp:{lantern.id}", zh="灯", en="lamp"),
        hold(OPEN, lambda _lantern: None, zh="无", en="nothing"),
    ],
}


def table(**changes: Any) -> Lifecycle[Lantern]:
    return Lifecycle(**{**RIGHT, **changes})


LANTERN = table()


def acting(role: Role, user_id: str = "somebody else") -> Actor:
    return Actor(user_id, role)


def lit(**fields: Any) -> Story:
    return given(LANTERN).when(Light(**fields), as_=CLERK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted(Event):
    """灯已上色 · Lantern painted."""

    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted(Event):
    """灯已漂走 · Lantern drifted away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded(Event):
    """灯已搁浅 · Lantern stranded."""


# -- a wrong table is not made ---------------------------------------------------------------------------------------

ISLAND = {**RIGHT["states"], "island": ("孤岛", "island")}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an event that leads to two states": (
        {"steps": [LIGHTS, TRIMS, BURNS, DIMS, DOUSES, step(Douse, PutOut, RESTING, OPEN, [MANAGER], "2")]},
        "event PutOut has two targets: over and open",
    ),
    "a step from a state that does not exist": (
        {"steps": [LIGHTS, BURNS, DIMS, DOUSES, step(Trim, Trimmed, (OPEN, "gone"), SAME, [CLERK], "2")]},
        r"Trim names unknown states \['gone'\]",
    ),
    "a step to a state that does not exist": (
        {"steps": [LIGHTS, BURNS, DIMS, DOUSES, step(Trim, Trimmed, OPEN, "gone", [CLERK], "2")]},
        r"Trim names unknown states \['gone'\]",
    ),
    "a command that nobody may give": (
        {"steps": [LIGHTS, BURNS, DIMS, DOUSES, step(Trim, Trimmed, OPEN, SAME, [], "2")]},
        "nobody may give Trim",
    ),
    "a case opened without a state": (
        {"steps": [step(Light, Lit, None, SAME, [CLERK], "2"), TRIMS, BURNS, DIMS, DOUSES]},
        "Light opens a case without a state",
    ),
    "a deadline whose command the clock may not give": (
        {
            "steps": [
                *(LIGHTS, DIMS, DOUSES),
                step(BurnDown, BurntDown, OPEN, SAME, [CLERK], "2"),
                step(Trim, Trimmed, OPEN, SAME, [CLOCK], "2"),
            ]
        },
        r"deadline oil: the clock may not give BurnDown in \['open'\]",
    ),
    "a deadline in a state in which the clock may not speak": (
        {"deadlines": [deadline("oil", (OPEN, RESTING), clause="2.3", **RUNS_OUT)]},
        r"deadline oil: the clock may not give BurnDown in \['resting'\]",
    ),
    "a state that nobody can reach": (
        {"states": ISLAND, "final": [OVER, "island"]},
        r"states nobody can reach: \['island'\]",
    ),
    "states that reach only each other": (
        {
            "states": {**ISLAND, "reef": ("暗礁", "reef")},
            "steps": [
                *RIGHT["steps"],
                step(Unlisted, Drifted, "island", "reef", [CLERK], "2"),
                step(Unlisted, Stranded, "reef", "island", [CLERK], "2"),
            ],
        },
        r"states nobody can reach: \['island', 'reef'\]",
    ),
    "a command that does not decide between two events": (
        {"steps": [*RIGHT["steps"], step(Trim, Drifted, OPEN, SAME, [CLERK], "2")]},
        r"Trim does not decide between \['Drifted', 'Trimmed'\] in 'open'",
    ),
    "an event that forgets what its command says": (
        {"steps": [*RIGHT["steps"], step(Paint, Drifted, OPEN, SAME, [CLERK], "2")]},
        r"Drifted forgets what Paint says: \['colour'\]",
    ),
    "an event that wants what its command does not say": (
        {"steps": [*RIGHT["steps"], step(Unlisted, Painted, OPEN, SAME, [CLERK], "2")]},
        r"Unlisted does not say what Painted wants: \['colour'\]",
    ),
    "a state without an exit that is not final": ({"final": []}, "state over has no exit and is not final"),
    "a state that is left only into itself": (
        {
            "steps": [LIGHTS, TRIMS, BURNS, DIMS, step(Douse, PutOut, (OPEN, RESTING, OVER), OVER, [MANAGER], "2.4")],
            "final": [],
        },
        "state over has no exit and is not final",
    ),
}


def test_the_table_that_the_wrong_ones_are_made_of_is_right() -> None:
    assert table().states == RIGHT["states"]


@pytest.mark.parametrize("what", WRONG)
def test_a_table_that_contradicts_itself_is_not_made(what: str) -> None:
    changes, words = WRONG[what]
    with pytest.raises(TypeError, match=f"Lantern: .*({words})"):
        table(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"clauses": "99.9"},
        {"steps": [LIGHTS, TRIMS, BURNS, DIMS, step(Douse, PutOut, OPEN, OVER, [MANAGER], "99.9")]},
        {"deadlines": [deadline("oil", OPEN, clause="99.9", **RUNS_OUT)]},
    ],
    ids=["the kind's", "a step's", "a deadline's"],
)
def test_a_table_that_cites_a_clause_which_does_not_exist_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownClause, match=r"99\.9"):
        table(**changes)


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
    assert {role for role in Role if not role.is_person} == {Role.CLOCK, Role.POLICY, Role.IMPORTER}
    assert all(role.is_person and role.zh for role in HANDBOOK_ROLES)
