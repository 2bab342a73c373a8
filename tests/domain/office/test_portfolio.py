"""Portfolio 分管户: who looks after which homes, and since when, in sentences of the domain."""

from __future__ import annotations

from datetime import date

from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Role
from domain.office.portfolio import (
    LIFECYCLE,
    AssignPortfolio,
    ChangePortfolio,
    ClosePortfolio,
    InCare,
    PassPortfolioOn,
    Portfolio,
    PortfolioAssigned,
    PortfolioChanged,
)
from tests.domain.story import Story, given

HEAD = Role.DEPARTMENT_HEAD
FIRST = date(2025, 3, 1)


def assigned(*buildings: str, homes: tuple[str, ...] = ()) -> Story:
    """Somebody looks after these from 1 March 2025."""
    return given(LIFECYCLE).when(
        AssignPortfolio(person="li", buildings=buildings, single_homes=homes, first=FIRST), as_=HEAD
    )


def of(story: Story) -> Portfolio:
    case = story.case
    assert isinstance(case, Portfolio)
    return case


def test_an_administrator_looks_after_buildings_and_single_homes() -> None:
    story = assigned("1", "2", homes=("3-101",)).is_in("in-care")
    assert [(each.building, each.home, each.first, each.last) for each in of(story).care] == [
        ("1", None, FIRST, None),
        ("2", None, FIRST, None),
        (None, "3-101", FIRST, None),
    ]
    assert LIFECYCLE.held(story.case) == {"care:building:1", "care:building:2", "care:home:3-101"}


def test_care_begins_today_where_no_day_is_said() -> None:
    given(LIFECYCLE).when(AssignPortfolio(person="li", buildings=("1",)), as_=HEAD).then(
        PortfolioAssigned, first=date(2025, 3, 3)
    )


def test_something_is_looked_after_and_named_once() -> None:
    assigned().refused(RuleBroken, code="buildings-missing", clause="7.2a")
    assigned("1", " ").refused(RuleBroken, code="buildings-missing", clause="7.2a")
    assigned("A1", "ａ1").refused(RuleBroken, code="named-twice", clause="7.2a")
    assigned(homes=("1-101", "1－101")).refused(RuleBroken, code="named-twice")


def test_heads_say_who_looks_after_what() -> None:
    given(LIFECYCLE).when(AssignPortfolio(person="li", buildings=("1",)), as_=Role.ADMINISTRATOR).refused(NotPermitted)


def test_a_change_leaves_who_looked_after_it_before_as_it_was() -> None:
    story = assigned("1", "2").when(
        ChangePortfolio(buildings=("2", "4"), first=date(2025, 6, 1), reason="户数调整"),
        as_=HEAD,
        at="2025-06-01 09:00",
    )
    story.then(PortfolioChanged, first=date(2025, 6, 1))
    assert of(story).care == [
        InCare(person="li", building="1", first=FIRST, last=date(2025, 5, 31)),
        InCare(person="li", building="2", first=FIRST),
        InCare(person="li", building="4", first=date(2025, 6, 1)),
    ]
    again = ChangePortfolio(buildings=("1",), first=date(2025, 6, 1), reason="再调")
    story.when(again, as_=HEAD, at="2025-06-02 09:00").refused(RuleBroken, code="care-began-later")
    blank = ChangePortfolio(buildings=("1",), reason=" ")
    story.when(blank, as_=HEAD, at="2025-06-02 09:00").refused(RuleBroken)


def test_a_portfolio_is_passed_on_as_a_whole() -> None:
    story = assigned("1").when(
        PassPortfolioOn(person="chen", first=date(2025, 4, 1), reason="调岗"), as_=HEAD, at="2025-04-01 09:00"
    )
    assert of(story).person == "chen"
    assert of(story).care == [
        InCare(person="li", building="1", first=FIRST, last=date(2025, 3, 31)),
        InCare(person="chen", building="1", first=date(2025, 4, 1)),
    ]
    story.when(PassPortfolioOn(person="Ｃhen", reason="调岗"), as_=HEAD, at="2025-05-01 09:00").refused(
        RuleBroken, code="same-person"
    )


def test_a_closed_portfolio_holds_nothing_and_keeps_its_past() -> None:
    story = assigned("1").when(ClosePortfolio(last=date(2025, 2, 1), reason="撤岗"), as_=HEAD)
    story.refused(RuleBroken, code="backwards")
    story = assigned("1").when(ClosePortfolio(reason="撤岗"), as_=HEAD, at="2025-07-31 18:00").is_in("closed")
    assert LIFECYCLE.held(story.case) == set()
    [care] = of(story).care
    assert care.on(FIRST)
    assert care.on(date(2025, 7, 31))
    assert not care.on(date(2025, 8, 1))
    assert not care.on(date(2025, 2, 28))
    story.when(ChangePortfolio(buildings=("2",), reason="误撤"), as_=HEAD).refused(WrongState)
