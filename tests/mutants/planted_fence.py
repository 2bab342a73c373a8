"""Bugs of the fence in the database: keys, rights, what is verified, what is restored."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["FENCE"]

_KEYS = "tests/attacks/test_keys.py"

FENCE = (
    Bug(
        "the application may destroy keys beside the facts",
        "journal/schema/0001_book.sql",
        "grant select on wuye.offices, wuye.facts,",
        "grant update on wuye.keys to wuye_app;\ngrant select on wuye.offices, wuye.facts,",
        (_KEYS, "-k", "destroys_and_replaces"),
    ),
    Bug(
        "the fact of an erasure among others destroys nothing",
        "journal/schema/0001_book.sql",
        "  if 'HouseholdErased' = any (p_names) then",
        "  if 'HouseholdErased' = all (p_names) then",
        (_KEYS, "-k", "among_other_facts"),
    ),
    Bug(
        "a key is made for whoever is named",
        "journal/schema/0001_book.sql",
        "   where exists (select from wuye.facts f where f.case_id = p_subject and f.office = p_office) on conflict",
        "   where exists (select from wuye.facts f where f.office = p_office) on conflict",
        (_KEYS, "-k", "of_the_book_only"),
    ),
    Bug(
        "one broken key stops a list",
        "api/http/context.py",
        "open_cell(token, of, key_of))  # type: ignore[misc]",
        "key_of(subject_of(token)) and open_cell(token, of, key_of))  # type: ignore[misc]",
        (_KEYS, "-k", "spoils"),
    ),
    Bug(
        "a missing key looks like an erasure",
        "workflows/engine/household_keys.py",
        "                if subject not in wrapped:\n",
        "                if not wrapped and False:\n",
        (_KEYS, "-k", "spoils and gone"),
    ),
    Bug(
        "what was asked can be tried after an erasure",
        "workflows/engine/household_keys.py",
        "    for key in keys:\n        digest = hmac.digest(key,",
        "    for key in ():\n        digest = hmac.digest(key,",
        (_KEYS, "-k", "does_not_tell_what_was_asked"),
    ),
    Bug(
        "an import's mark outlives its household",
        "workflows/importing/batches.py",
        "return len(known) < len(keys) or mark.digest == self._digest(case, known)",
        "return mark.digest == self._digest(case, known)",
        (_KEYS, "-k", "imported_case"),
    ),
    Bug(
        "zeros are taken for a key",
        "journal/confidential.py",
        "        if not any(key):\n",
        "        if not key:\n",
        (_KEYS, "-k", "zeros"),
    ),
    Bug(
        "a second master key is taken for the first",
        "journal/key_store.py",
        "        if bytes(registered[0]) != master.id:\n",
        "        if not registered[0]:\n",
        (_KEYS, "-k", "first_start"),
    ),
)
