"""The handbook by its clauses."""

import re

import pytest

from domain.handbook.clauses import CLAUSES, UnknownClause, clause
from domain.handbook.wording import HANDBOOK, LAW

IDS = [
    "1",
    "1.1",
    "1.2",
    "1.3",
    "1.4",
    "1.5",
    "1.6",
    "1.7",
    "1.8",
    "1.9",
    "1.10",
    "1.11",
    "2",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
    "3",
    "3.1",
    "3.2",
    "3.3",
    "3.4",
    "3.5",
    "3.6",
    "4",
    "4.1",
    "4.2",
    "4.3",
    "4.4",
    "4.5",
    "4.6",
    "4.7",
    "4.8",
    "4.9",
    "5",
    "5.1",
    "5.2",
    "5.2.A",
    "5.2.B",
    "5.2.C",
    "5.2.D",
    "5.2.E",
    "5.2.1",
    "5.2.2",
    "5.2.3",
    "5.2.3(1)",
    "5.2.3(2)",
    "5.2.3(3)",
    "5.2.3(4)",
    "5.2.3(5)",
    "5.2.3(6)",
    "5.2.3(7)",
    "5.2.3(8)",
    "5.2.4",
    "5.2.5",
    "5.2.5(1)",
    "5.2.5(2)",
    "5.2.5(3)",
    "5.2.5(4)",
    "5.2.5(5)",
    "5.2.5(6)",
    "5.2.5(7)",
    "5.2.6",
    "5.2.6(1)",
    "5.2.6(2)",
    "5.2.6(3)",
    "5.2.6(4)",
    "5.2.6(5)",
    "5.2.6(6)",
    "6",
    "7",
    "7.1",
    "7.2",
    "7.2a",
    "7.2b",
    "7.2c",
    "8",
    "8.A",
    "8.A(1)",
    "8.A(2)",
    "8.B",
    "8.B(1)",
    "8.B(2)",
    "8.B(3)",
    "8.B(4)",
    "8.B(5)",
    "9",
    "9.1",
    "9.2",
]
LAW_IDS = [
    "民法典944",
    "民法典1033",
    "民法典201",
    "民法典560",
    "民法典561",
    "民法典585",
    "民法典188",
    "民法典195",
    "PIPL47",
    "PIPL56",
    "ESL13",
]
KINDS = {"record", "rule", "deadline", "role", "rate", "form", "lookup", "group"}


def test_every_clause_of_the_handbook_stands_in_its_order() -> None:
    assert [c.id for c in CLAUSES.values() if not c.is_law] == IDS


def test_a_clause_is_found_by_its_number() -> None:
    found = clause("5.2.3(2)")
    assert (found.id, found.kinds, found.chapter) == ("5.2.3(2)", ("deadline",), "5")
    assert "三天" in found.zh
    assert "three days" in found.en


@pytest.mark.parametrize("id", LAW_IDS)
def test_an_article_of_law_is_cited_like_a_clause(id: str) -> None:
    found = clause(id)
    assert found.is_law
    assert found.kinds == ("law",)


def test_no_id_stands_twice() -> None:
    assert len(CLAUSES) == len(HANDBOOK) + len(LAW)


@pytest.mark.parametrize("id", CLAUSES)
def test_every_clause_speaks_both_languages_and_says_what_it_asks(id: str) -> None:
    found = CLAUSES[id]
    assert found.id == id
    assert re.search(r"[\u4e00-\u9fff]", found.zh)
    assert not re.search(r"[\u4e00-\u9fff]", found.en)
    assert found.is_law or (found.kinds and set(found.kinds) <= KINDS)
    assert found.is_law or found.chapter == id[0]


def test_a_clause_that_is_not_there_is_named_in_both_languages() -> None:
    with pytest.raises(UnknownClause) as refused:
        clause("10.1")
    assert isinstance(refused.value, KeyError)
    assert refused.value.id == "10.1"
    assert str(refused.value) == "手册中没有条款「10.1」 / the handbook has no clause “10.1”"
