"""Who is named in the book: our people by what it calls them, outsiders and residents sealed, and nobody in between (§9.2).

Every text of every event is one of these, by the word that its field is called; a new word has to be put somewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final, get_args, get_type_hints

import pytest

from domain.cases import CASES
from domain.complaints.complaint.events import Channel
from domain.kernel.fact import Event
from domain.kernel.mending import EntryCorrected
from domain.kernel.names import FIELDS, PEOPLE, NameKind, strangers_in
from domain.kernel.people import SEALED, is_sealed
from domain.kernel.references import REFERENCES
from domain.rounds.repair_order.events import RepairRaised
from domain.services.service_order import ServiceReturned

ACCOUNTS: Final = frozenset(
    [
        "brought_by",
        "confirmed_by",
        "granted_by",
        "looked_after_by",
        "noticed_by",
        "reader",
        "requested_by",
        "who",
        "written_by",
    ]
)
"""The program writes down whoever acted: the id of an account, or what the staff register calls him."""
CASES_AND_PAGES: Final = frozenset(
    [
        "case_ids",
        "chain",
        "duplicate",
        "link",
        "original",
        "origin",
        "original_id",
        "origin_id",
        "origin_item",
        "origin_kind",
        "previous",
        "replacement",
        "replaces",
        "sample",
        "subject",
        "subjects",
        "chosen",
        "dissatisfied",
        "unreachable",
    ]
)
"""Ids of cases, and of households among them."""
HOMES: Final = frozenset(
    [
        "home",
        "homes",
        "single_homes",
        "building",
        "buildings",
        "vacant_home",
        "space",
        "common_area",
        "place",
        "point",
        "estate",
    ]
)
NUMBERS: Final = frozenset(
    [
        "factor",
        "serial",
        "bank_account",
        "code",
        "coefficient",
        "commitment",
        "fingerprint",
        "form",
        "line_mark",
        "media_type",
        "number",
        "passed",
        "payment",
        "period",
        "permit",
        "quarter",
        "rate",
        "receipt",
        "reference",
        "secret",
        "seed",
        "sha256",
        "vacancy_share",
        "value",
        "week",
        "keys",
        "retired",
        "photo",
    ]
)
"""Numbers, codes, hashes and references to papers."""
CHOICES: Final = frozenset(
    [
        "category",
        "declaration",
        "department",
        "entry",
        "fault_kind",
        "field",
        "kind",
        "lacks",
        "means",
        "method",
        "outcome",
        "priority",
        "register",
        "relation",
        "source",
        "species",
        "stage",
        "stated_channel",
        "stated_kind",
        "stated_reason",
        "stated_result",
        "step",
        "task",
        "told",
        "trade",
        "what",
        "missing",
        "document",
        "documents",
        "item",
        "matter",
        "name",
        "standard",
        "title",
        "subjects_seen",
    ]
)
"""Words that are said again and again, by which cases are counted and found alike: things, and nobody."""
PARTIES: Final = frozenset(["court", "waiting_for"])
"""Courts, authorities, companies: whom the office waits for."""
SAID: Final = frozenset(
    [
        "despite",
        "about",
        "agreement",
        "analysis",
        "basis",
        "cause",
        "comment",
        "conditions",
        "content",
        "contents",
        "done",
        "effect",
        "evidence",
        "findings",
        "ground",
        "improvements",
        "measures",
        "note",
        "proof",
        "purpose",
        "quality",
        "reason",
        "remark",
        "result",
        "root_cause",
        "scope",
        "summary",
        "unsigned_reason",
    ]
)
"""What the office says of its own acts, to those who decide on them, audit them and may see no resident's data. What a
resident says, and what is said of one, is sealed in fields of its own."""
BEFORE: Final = frozenset({"before", "after"})
"""A correction's: sealed where its field is."""
PLACES: Final = frozenset({"route", "withdrawn"})
"""What stands elsewhere in the book: the route that was walked, the steps that are taken back."""
KNOWN: Final = (
    ACCOUNTS,
    CASES_AND_PAGES,
    HOMES,
    NUMBERS,
    CHOICES,
    PARTIES,
    SAID,
    BEFORE,
    PLACES,
    PEOPLE,
    frozenset(REFERENCES),
)


def texts() -> Iterator[tuple[type[Event], str]]:
    """Every field of every event that may hold a text in clear."""
    for event in {row.event for lifecycle in CASES for row in lifecycle.steps}:
        hints = get_type_hints(event)
        for each in fields(event):  # type: ignore[arg-type]
            if each.name not in event.PERSONAL and _is_text(hints[each.name]):
                yield event, each.name


def _is_text(hint: Any) -> bool:
    return hint is str or any(map(_is_text, get_args(hint)))


def test_every_text_in_clear_is_of_a_kind_that_names_nobody_from_outside() -> None:
    homeless = sorted(
        {f"{event.__name__}.{name}" for event, name in texts() if not any(name in each for each in KNOWN)}
    )
    assert homeless == []
    said = {name for _, name in texts()}
    assert (
        sorted(set().union(*KNOWN[:-2]) - said - {"homes", "original_id", "stage", "trade", "subjects_seen", "entry"})
        == []
    )


def test_every_field_that_names_people_seals_those_from_outside() -> None:
    tried = set()
    for event, name in texts():
        if name in PEOPLE:
            listed = get_type_hints(event)[name] is not str and "tuple" in str(get_type_hints(event)[name])
            said = ("gong-1", "外:王师傅") if listed else "外:王师傅"
            made = object.__new__(event)
            for each in fields(event):  # type: ignore[arg-type]
                object.__setattr__(made, each.name, said if each.name == name else None)
            assert strangers_in(made) == (name,), (event, name)
            object.__setattr__(made, name, ("gong-1",) if listed else "gong-1")
            assert strangers_in(made) == (), "ours is called as the book calls him"
            tried.add(name)
    assert tried >= {name for name, kind in FIELDS.items() if kind is NameKind.PERSON} - {"person", "staff_borrower"}


@pytest.mark.parametrize(("field", "sealed"), [("handed_by", True), ("raised_by", True), ("matter", False)])
def test_a_correction_seals_a_name_and_no_matter_that_looks_like_one(field: str, *, sealed: bool) -> None:
    said = EntryCorrected(field=field, before="外:甲", after="外:乙", reason="写错")
    assert strangers_in(said) == (("after", "before") if sealed else ())


def test_what_is_said_beside_a_name_is_left_alone() -> None:
    raised = RepairRaised(channel=Channel.TELEPHONE, raised_by="外:路人", common_area="外:墙")
    assert strangers_in(raised) == ("raised_by",)
    assert strangers_in(RepairRaised(channel=Channel.TELEPHONE)) == ()
    assert strangers_in(ServiceReturned(reason="外:墙")) == (), "it names nobody"


def test_a_sealed_name_is_known_to_be_one_and_nothing_else_of_it() -> None:
    assert is_sealed(f"{SEALED}repair_order-1:0:person:x")
    assert not is_sealed("gong-1")
    assert not is_sealed(None)
