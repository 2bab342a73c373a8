"""What may be referred to, said without a book."""

from __future__ import annotations

from domain.kernel.references import REFERENCES, related_set_aside, unknown


def test_what_was_withdrawn_is_refused_where_it_was_named_and_with_the_clause() -> None:
    refusal = related_set_aside("household", "4.2")
    assert (refusal.code, refusal.field, refusal.clause) == ("related-set-aside", "household", "4.2")


def test_what_is_nowhere_is_named_by_its_kind() -> None:
    refusal = unknown("household", REFERENCES["household"], "4.2")
    assert (refusal.code, refusal.field) == ("related-unknown", "household")
    assert "household" in refusal.en
