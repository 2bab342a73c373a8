"""Refusals: what is not done, and why."""

import copy
import pickle

import pytest

from domain.kernel.errors import (
    AlreadyHeld,
    Erased,
    Malformed,
    NotFound,
    NotPermitted,
    Refusal,
    RuleBroken,
    Stale,
    WrongState,
)

KINDS = [NotPermitted, WrongState, RuleBroken, AlreadyHeld, Malformed, NotFound, Stale, Erased]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_says_why_in_two_languages_and_names_its_clause(kind: type[Refusal]) -> None:
    refusal = kind("key-on-loan", "3.3", zh="钥匙已借出", en="the key is on loan", field="key")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.clause, refusal.field) == ("key-on-loan", "3.3", "key")
    assert (refusal.zh, refusal.en) == ("钥匙已借出", "the key is on loan")
    assert str(refusal) == "钥匙已借出 / the key is on loan"


def test_a_refusal_need_not_rest_on_a_clause_nor_on_a_field() -> None:
    refusal = Stale("version", None, "版本已过期", "the case changed")
    assert refusal.clause is None
    assert refusal.field is None


def test_a_refusal_may_rest_on_the_law() -> None:
    assert RuleBroken("quiet-hours", "民法典1033", "安静时段", "quiet hours").clause == "民法典1033"


def test_a_refusal_on_a_clause_that_is_not_in_the_handbook_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match=r"the handbook has no clause “3\.9”"):
        RuleBroken("x", "3.9", "无", "none")


@pytest.mark.parametrize("code", ["", "Key On Loan", "key--loan", "-key", "钥匙"])
def test_a_code_that_is_no_slug_is_a_mistake_of_ours(code: str) -> None:
    with pytest.raises(ValueError, match="slug"):
        RuleBroken(code, None, "无", "none")


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_survives_copying_and_crossing_to_another_process(kind: type[Refusal]) -> None:
    refusal = kind("key-on-loan", "3.3", "钥匙已借出", "the key is on loan", "key")
    for again in (copy.copy(refusal), pickle.loads(pickle.dumps(refusal))):
        assert type(again) is kind
        assert vars(again) == vars(refusal)
