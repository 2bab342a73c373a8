"""Bugs of mended mistakes: a figure made better by calling things mistakes, planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

_MENDING, _ASK, _STANDARD = (
    "domain/kernel/mending.py",
    "domain/kernel/lifecycle/ask.py",
    "projections/engine/standard.py",
)
_DOMAIN, _OFFICE = ("tests/domain/kernel/test_mending.py",), ("tests/workflows/test_mending.py",)

MISTAKES = (
    Bug(
        "whoever entered it withdraws it himself",
        _MENDING,
        "    return second_person(who, case.acted, _CLAUSE) or case.why_it_stands()\n",
        "    return case.why_it_stands()\n",
        _DOMAIN,
    ),
    Bug(
        "a follow-up is withdrawn while its complaint stands",
        _MENDING,
        "    if case.opened_by is None:\n",
        "    if case.opened_by == '':\n",
        _DOMAIN,
    ),
    Bug(
        "a matter that was missed is merged into one that is entered afterwards",
        _MENDING,
        "if _began(other) > _began(case):",
        "if _began(other) > at.now:",
        _DOMAIN,
    ),
    Bug(
        "an entry is corrected alone for ever",
        _MENDING,
        "if at.recorded - entry.at <= timedelta(minutes=minutes):",
        "if at.recorded - entry.at <= timedelta(days=minutes):",
        _DOMAIN,
    ),
    Bug(
        "a backdated entry was written long ago",
        _MENDING,
        "    entered = max(fact.occurred_at, fact.recorded_at)\n",
        "    entered = fact.occurred_at\n",
        _DOMAIN,
    ),
    Bug(
        "a corrected name stands in clear",
        _MENDING,
        "made = PersonalEntryCorrected if personal else EntryCorrected",
        "made = EntryCorrected if personal else EntryCorrected",
        (*_DOMAIN, *_OFFICE),
    ),
    Bug(
        "what was withdrawn counts until the day on which it was",
        _MENDING,
        "    return said.speaks_of if isinstance(said, WithdrawnAsMistaken | MarkedDuplicate) else of_late_entries(fact)\n",
        "    return of_late_entries(fact)\n",
        _OFFICE,
    ),
    Bug(
        "what was withdrawn goes on counting",
        _STANDARD,
        "    return own | _set_aside(standard)\n",
        "    return own\n",
        _OFFICE,
    ),
    Bug(
        "what followed from a mistake goes on",
        "workflows/engine/draft.py",
        "            if ends_what_followed(fact.event):\n",
        "            if ends_what_followed(fact.event) and not self.append.facts:\n",
        _OFFICE,
    ),
    Bug(
        "the keys of a mistaken loan stay lent",
        "workflows/policies/homes.py",
        "    if isinstance(loan, KeyLoan) and loan.out:\n",
        "    if isinstance(loan, KeyLoan) and not loan.out:\n",
        _OFFICE,
    ),
    Bug(
        "what was withdrawn can be referred to",
        "workflows/engine/draft.py",
        "        if opened.case is not None and opened.case.set_aside is not None and not lacks:\n",
        "        if False:\n",
        _OFFICE,
    ),
    Bug(
        "what was opened again rightly stays out of the figures",
        _ASK,
        "                case.set_aside = None  # what was withdrawn may be opened again, rightly\n",
        "                pass\n",
        _DOMAIN,
    ),
)
