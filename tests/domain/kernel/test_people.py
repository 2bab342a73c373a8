"""Persons are compared, never texts: whoever acts is known by every name that his account goes by."""

from __future__ import annotations

import pytest

from domain.kernel.people import Actor, Role, outsider, person_key
from domain.kernel.rules import own_work, second_person

ZHAO = Actor("u-1", Role.ADMINISTRATOR, frozenset({"u-1", "plumber", "赵师傅"}))


@pytest.mark.parametrize(
    "written", ["u-1", "plumber", "plumber ", "ｐlumber", "PLUMBER", "赵 师傅", "外:赵师傅", "outsider: Plumber"]
)
def test_however_the_book_calls_him_it_is_his_own_work(written: str) -> None:
    assert own_work(ZHAO, {"li", written}, "1.1") is not None
    assert second_person(ZHAO, {written}, "1.1") is not None


def test_another_is_another() -> None:
    assert own_work(ZHAO, {"plumber-2", "u-11", ""}, "1.1") is None
    assert own_work(Actor("Plumber", Role.ADMINISTRATOR), {"plumber "}, "1.1") is not None, (
        "without an account, by his id"
    )
    assert own_work(Actor("plumber", Role.ADMINISTRATOR), set(), "1.1") is None


def test_an_outsider_is_marked() -> None:
    assert outsider("外:王师傅") == outsider(" 外： 王师傅") == outsider("Outsider:王师傅") == "外:王师傅"
    assert outsider("王师傅") is None
    assert outsider("外: ") is None, "nobody is no outsider"
    assert person_key("外:王师傅") == person_key("王 师傅")
