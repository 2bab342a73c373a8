"""Whose a bank line may be (§7): each ground by itself, what is sure, and what never is."""

from __future__ import annotations

from datetime import date

import pytest

from domain.fees.matching import BookedMoney, Ground, HouseholdSeen, LineSeen, Proposal, places, proposed

DAY = date(2025, 3, 3)


def line(fen: int = 30_000, **said: str) -> LineSeen:
    return LineSeen(amount_fen=fen, booked_on=DAY, **said)


def lives(home: str = "7-2-1403", **known: object) -> HouseholdSeen:
    return HouseholdSeen(household=f"h-{home}", home=home, **known)  # type: ignore[arg-type]


def asked(seen: LineSeen, *known: HouseholdSeen) -> list[Proposal]:
    return proposed(seen, known, sure_points=75, sure_lead=25, same_money_days=3)


def grounds(seen: LineSeen, known: HouseholdSeen) -> tuple[Ground, ...]:
    return next((each.grounds for each in asked(seen, known)), ())


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("7栋2单元1403室 3月物业费", "7-2-1403"),
        ("物业费7-2-1403", "7-2-1403"),
        ("7号楼 2 单元 1403", "7-2-1403"),
        ("7幢1403 王", "7-2-1403"),
        ("A座1203", "A-1203"),
        ("７－２－１４０３", "7-2-1403"),
    ],
)
def test_a_home_is_found_however_it_is_written(text: str, home: str) -> None:
    assert grounds(line(narration=text), lives(home)) == (Ground.HOME,)
    assert grounds(line(payer=text), lives(home)) == (Ground.HOME,)


@pytest.mark.parametrize(
    "text", ["1403", "5-3-1403", "17-2-1403", "7-2-140", "2025年3月", "7楼的王先生交2个月共1403元", ""]
)
def test_another_number_is_no_home(text: str) -> None:
    assert grounds(line(narration=text), lives()) == ()


def test_a_home_without_parts_is_never_found_by_a_number() -> None:
    assert grounds(line(narration="3-101"), lives("101")) == ()
    assert places("12 3-4") == {"12-3", "12-3-4", "3-4"}


def test_who_paid_speaks_for_where_he_lives_and_for_whom_he_paid_before() -> None:
    known = lives(names=("王小明", "王芳"), accounts=frozenset({"62220202"}), payers=frozenset({"周公司"}))
    assert grounds(line(payer="王 芳"), known) == (Ground.NAME,)
    assert grounds(line(payer="王芳芳"), known) == ()
    assert grounds(line(payer_account="6222 0202"), known) == (Ground.ACCOUNT,)
    assert grounds(line(payer="周公司"), known) == (Ground.PAYER,)
    assert grounds(line(payer="周公司", payer_account="6222-0202"), known) == (Ground.ACCOUNT,), "one ground, not two"


def test_an_amount_speaks_for_whoever_owes_just_that() -> None:
    owing = lives(bills=(20_000, 0, 10_000, 5_000))
    assert grounds(line(35_000), owing) == (Ground.ALL_OWED,)
    assert grounds(line(30_000), owing) == (Ground.BILLS,)
    assert grounds(line(5_000), owing) == (Ground.BILL,)
    assert grounds(line(20_000), owing) == (Ground.BILL,), "the earliest alone is one of its bills"
    assert grounds(line(15_000), owing) == ()
    assert grounds(line(1), lives()) == ()


def test_two_grounds_that_nobody_else_has_are_sure() -> None:
    [best, other] = asked(
        line(narration="7-2-1403", payer="王芳"), lives("7-2-1404", bills=(30_000,)), lives(bills=(30_000,))
    )
    assert (best.home, best.points, best.sure) == ("7-2-1403", 80, True)
    assert (other.home, other.points, other.sure) == ("7-2-1404", 30, False)
    assert not asked(line(narration="7-2-1403"), lives())[0].sure, "one ground is not enough"
    two = [lives(home, names=("王芳",), bills=(30_000,)) for home in ("7-2-1403", "8-1-201")]
    assert [each.sure for each in asked(line(payer="王芳"), *two)] == [False, False], "somebody owns two homes"


def test_money_that_is_in_the_book_is_recognised_and_never_sure_to_be_new() -> None:
    def book(**said: object) -> HouseholdSeen:
        money = {"payment": "payment-1", "amount_fen": 30_000, "value_date": DAY} | said
        return lives(bills=(30_000,), booked=(BookedMoney(**money),))  # type: ignore[arg-type]

    numbered = line(reference="T1", narration="7-2-1403")
    [best] = asked(numbered, book(reference="T1", value_date=date(2025, 1, 1)))
    assert (best.payment, best.sure, best.grounds[-1]) == ("payment-1", True, Ground.REFERENCE)
    [best] = asked(line(narration="7-2-1403"), book(value_date=date(2025, 3, 6)))
    assert (best.payment, best.sure, best.grounds[-1]) == ("payment-1", False, Ground.SAME_MONEY)
    for other in (book(value_date=date(2025, 3, 7)), book(amount_fen=29_999), book(value_date=None)):
        [best] = asked(numbered, other)
        assert (best.payment, best.sure) == (None, True)


def test_money_that_went_out_is_nobodys() -> None:
    assert asked(line(-30_000, narration="7-2-1403"), lives()) == []
    assert asked(line()) == []
