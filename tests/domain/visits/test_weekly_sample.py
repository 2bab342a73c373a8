"""Sentences about the weekly sample 每周回访抽样 (§5.2.B): whoever has the seed and the population can repeat the draw."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.kernel.calendar import start_of_day
from domain.kernel.errors import RuleBroken
from domain.kernel.people import Role
from domain.visits.follow_up.case import ASSIGNED, CONDUCTED, EXITED, FollowUp
from domain.visits.weekly_sample import (
    LIFECYCLE,
    CompletedRepair,
    DrawWeeklySample,
    OpenWeeklySample,
    SampleSubstituted,
    SubstituteSample,
    WeeklySampleDrawn,
    WeeklySampleOpened,
    commitment_of,
    draw,
    in_order,
    seed_of,
)
from tests.domain.story import Story, given, instant

CLOCK, POLICY, ASSISTANT = Role.CLOCK, Role.POLICY, Role.ASSISTANT


SECRET = "5f" * 32


def repairs(count: int) -> tuple[CompletedRepair, ...]:
    return tuple(CompletedRepair(case=f"repair_order-{n}", completed_on=date(2025, 3, 5)) for n in range(count))


def drawn(count: int) -> Story:
    story = given(LIFECYCLE).when(OpenWeeklySample(week="2025-W10", commitment=commitment_of(SECRET)), as_=POLICY)
    command = DrawWeeklySample(population=repairs(count), page=812, secret=SECRET)
    return story.when(command, as_=CLOCK, at="2025-03-10 00:00")


def test_the_week_is_drawn_on_the_monday_after_it() -> None:
    story = given(LIFECYCLE).when(OpenWeeklySample(week="2025-W10"), as_=POLICY).then(WeeklySampleOpened)
    story.owes("draw", "2025-03-10 00:00")
    given(LIFECYCLE).when(OpenWeeklySample(week="March"), as_=POLICY).refused(RuleBroken, code="week-unknown")


def test_the_fact_holds_all_that_is_needed_to_repeat_the_draw() -> None:
    story = drawn(11).then(WeeklySampleDrawn, page=812, rate="1/5", minimum=1, as_committed=True).is_in("drawn")
    case = story.case
    assert len(case.chosen) == 3
    assert seed_of(case.secret, tuple(reversed(case.population))) == case.seed
    assert draw(case.population, case.seed, Fraction(case.rate), 1) == case.chosen
    assert case.repair(case.chosen[0]).completed_on == date(2025, 3, 5)


@whatever(st.integers(0, 60), st.fractions(0, 1), st.integers(0, 3), st.text(min_size=1))
def test_at_least_the_share_and_the_minimum_and_never_more_than_there_are(
    count: int, rate: Fraction, minimum: int, seed: str
) -> None:
    chosen = draw(repairs(count), seed, rate, minimum)
    assert len(chosen) == min(count, max(ceil(rate * count), minimum))
    assert len(set(chosen)) == len(chosen)
    assert chosen == draw(tuple(reversed(repairs(count))), seed, rate, minimum)


def test_nobody_can_choose_by_the_order_of_the_list() -> None:
    """The draw follows the seed: another seed, another sample."""
    samples = {draw(repairs(40), f"seed {n}", Fraction(1, 5), 1) for n in range(20)}
    assert len(samples) == 20


def test_neither_the_secret_nor_the_list_alone_decides() -> None:
    assert len({seed_of(secret, repairs(count)) for secret in ("a", "b") for count in (5, 6)}) == 4


def test_a_secret_that_was_not_committed_to_is_said_to_be_another() -> None:
    for committed, said in ((commitment_of("another"), False), (None, None)):
        story = given(LIFECYCLE).when(OpenWeeklySample(week="2025-W10", commitment=committed), as_=POLICY)
        story.when(DrawWeeklySample(population=repairs(5), page=1, secret=SECRET), as_=CLOCK, at="2025-03-10 00:00")
        story.then(WeeklySampleDrawn, as_committed=said).is_in("drawn")
        assert story.case.as_committed is said


def visit(origin: str, state: str = ASSIGNED, **fields: Any) -> FollowUp:
    return FollowUp(id="follow_up-1", office="XH", state=state, origin_id=origin, **fields)


IN_VAIN = tuple(instant(f"2025-03-{day} {hour}") for day, hour in ((17, "10:00"), (17, "19:00"), (18, "10:00")))


def replaced(story: Story, of: FollowUp) -> Story:
    command = SubstituteSample(follow_up=of.id, reason="三次无人")
    assert command.related() == {"visit": of.id}
    return story.when(command, as_=ASSISTANT, related={"visit": of})


def test_who_cannot_be_reached_is_replaced_by_the_next_in_the_same_order() -> None:
    story = drawn(11)
    first = story.case.chosen[0]
    replaced(story, visit("repair_order-x", attempts=IN_VAIN)).refused(RuleBroken, code="not-chosen", clause="5.2.B")
    story.when(SubstituteSample(follow_up="x", reason="x"), as_=ASSISTANT, related={"visit": story.case})
    story.refused(RuleBroken, code="not-chosen")
    following = in_order(story.case.population, story.case.seed)[3]
    replaced(story, visit(first, attempts=IN_VAIN)).then(
        SampleSubstituted, unreachable=first, replacement=following, follow_up="follow_up-1"
    )
    assert first not in story.case.chosen
    assert (len(story.case.chosen), story.case.replaced) == (3, (first,))


def test_nobody_is_replaced_who_was_not_tried_or_was_asked() -> None:
    story = drawn(11)
    first = story.case.chosen[0]
    asked = date(2025, 3, 18)
    for of in (
        visit(first, attempts=IN_VAIN[:2]),
        visit(first, attempts=IN_VAIN[:1] * 3),
        visit(first, CONDUCTED, attempts=IN_VAIN),
        visit(first, EXITED, conducted_at=start_of_day(asked)),
    ):
        replaced(story, of).refused(RuleBroken, code="not-unreachable", clause="5.2.B")
    replaced(story, visit(first, EXITED)).then(SampleSubstituted)  # the resident refused to be asked


def test_when_nobody_is_left_the_refusal_says_so() -> None:
    story = drawn(1)
    replaced(story, visit(story.case.chosen[0], attempts=IN_VAIN)).refused(RuleBroken, code="nobody-left")


def test_a_week_without_repairs_chooses_nobody() -> None:
    assert drawn(0).case.chosen == ()
