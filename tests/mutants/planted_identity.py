"""Bugs of what things are called, what is referred to, who is who, and who is found."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["IDENTITY"]

_NAMES = ("tests/api/test_names.py",)

_REFERENCES = ("tests/workflows/test_references.py",)

_PEOPLE = ("tests/api/test_people.py",)

_SEARCH = ("tests/api/test_search.py",)

IDENTITY = (
    Bug(
        "a name is found in characters alone",
        "journal/blind_index.py",
        "        for syllables in _readings(characters):",
        "        for syllables in ():",
        _SEARCH,
    ),
    Bug(
        "a character is read in one way",
        "journal/blind_index.py",
        "heteronym=True",
        "heteronym=False",
        _SEARCH,
    ),
    Bug(
        "an erased household is still found by name",
        "journal/schema/0001_book.sql",
        "  delete from wuye.found_by f where f.office = p_office and f.subject = p_subject",
        "  delete from wuye.found_by f where f.office = p_office and f.subject = p_office",
        _SEARCH,
    ),
    Bug(
        "who may not see names finds by them",
        "api/routes/search.py",
        "index.asked(words, rooms_alone=rooms_alone)",
        "index.asked(words)",
        _SEARCH,
    ),
    Bug(
        "a search that opens names is no reading",
        "api/routes/search.py",
        '    reader.open(found, "search")\n',
        "",
        _SEARCH,
    ),
    Bug(
        "an old name goes on being found",
        "workflows/engine/differences.py",
        "            if value != was:",
        "            if was is None:",
        _SEARCH,
    ),
    Bug(
        "one word of those that are looked for is enough",
        "projections/engine/search.py",
        "{' and ' + wheres if wheres else ''}",
        "",
        _SEARCH,
    ),
    Bug(
        "a display name is nobody's account",
        "workflows/engine/people.py",
        "[(name, user_id) for user_id, _, name in accounts]",
        "[(name, user_id) for user_id, _, name in accounts if not name]",
        _PEOPLE,
    ),
    Bug(
        "an office with a register takes whomever is typed",
        "workflows/engine/people.py",
        "and self._of(connection, office).keeps_register",
        "and not self._of(connection, office).keeps_register",
        _PEOPLE,
    ),
    Bug(
        "an outsider is not marked",
        "workflows/engine/people.py",
        'marks if type(command).__name__ in _ENROLS else ["person-unknown"]',
        "marks",
        _PEOPLE,
    ),
    Bug(
        "of two people of one name the first is taken",
        "workflows/engine/people.py",
        "if found is not None and len(found) > 1:",
        "if found is not None and len(found) > 99:",
        _PEOPLE,
    ),
    Bug(
        "who entered an application approves it",
        "domain/moving/renovation/commands/permit.py",
        'own_work(who, {work.applied_by} if work.applied_by is not None else set(), "1.4")',
        "None",
        ("tests/domain/moving/test_renovation.py",),
    ),
    Bug(
        "texts are compared, not persons",
        "domain/kernel/people.py",
        "        keys = set(map(person_key, whose))",
        "        keys = set(whose)",
        ("tests/domain/kernel/test_people.py",),
    ),
    Bug(
        "who conducted a visit reviews its record",
        "domain/visits/follow_up/case.py",
        "visit.recorded_by = tuple(dict.fromkeys((*visit.recorded_by, fact.user_id)))",
        "visit.recorded_by = ()",
        _PEOPLE,
    ),
    Bug(
        "another goes than was assigned, and nobody is told",
        "domain/visits/follow_up/commands/visiting.py",
        "if _instead(visit, at.who) and not at.waived:",
        "if False:",
        _PEOPLE,
    ),
    Bug(
        "a duty officer lends keys to himself",
        "domain/homes/key_loan/commands.py",
        "whose = {loan.staff_borrower} if loan.staff_borrower is not None else set()",
        "whose: set[str] = set()",
        _PEOPLE,
    ),
    Bug(
        "an answer does not name whom its ids stand for",
        "api/http/people_names.py",
        "found = names.of(each.decode() for each in ACCOUNT_ID.findall(said))",
        "found = names.of(())",
        _PEOPLE,
    ),
    Bug(
        "what nobody has is referred to",
        "workflows/engine/references.py",
        "if referred is None or reference.kind",
        "if referred is not None and reference.kind",
        _REFERENCES,
    ),
    Bug(
        "a case of another kind is referred to",
        "workflows/engine/references.py",
        "if referred is None or reference.kind not in (None, referred.kind):",
        "if referred is None:",
        _REFERENCES,
    ),
    Bug(
        "a household is billed for another's home",
        "workflows/engine/draft.py",
        "            self._references.fitting(command, opened.case, clause)",
        "            pass",
        _REFERENCES,
    ),
    Bug(
        "a complaint does not know the home of its household",
        "workflows/engine/references.py",
        "        command = completed(command, found)\n",
        "",
        _REFERENCES,
    ),
    Bug(
        "a complete roster takes any home",
        "workflows/engine/references.py",
        "return type(command).__name__ in BEARS_HOME or self._look_up_home(home)",
        "return True",
        _REFERENCES,
    ),
    Bug(
        "an imported reference to nobody is not marked",
        "workflows/engine/references.py",
        'return ["related-unknown"] if lacking else []',
        "return []",
        _REFERENCES,
    ),
    Bug(
        "a wide character makes another home",
        "domain/kernel/spelling.py",
        'folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())',
        'folded = unicodedata.normalize("NFC", text).casefold()',
        _NAMES,
    ),
    Bug(
        "a capital letter makes another home",
        "domain/kernel/spelling.py",
        'unicodedata.normalize("NFKC", text).casefold()',
        'unicodedata.normalize("NFKC", text)',
        _NAMES,
    ),
    Bug("a long dash makes another home", "domain/kernel/spelling.py", ".translate(_DASHES)", "", _NAMES),
    Bug(
        "two homes have a key of the same number",
        "domain/homes/vacant_home/lifecycle.py",
        'None if home.imported else numbered("key-number", *home.keys)',
        "None",
        _NAMES,
    ),
    Bug(
        "a receipt is given twice by one case",
        "domain/kernel/rules.py",
        "if not any(same(receipt, other) for other in known):",
        "if True:",
        _NAMES,
    ),
    Bug(
        "a register is filtered by what was typed",
        "api/http/listing.py",
        "kind = self.plan.named.get(name)",
        "kind = None",
        _NAMES,
    ),
    Bug(
        "a rebuild leaves the names as they are",
        "projections/engine/names.py",
        "    if wrong:\n",
        "    if not stored:\n",
        _NAMES,
    ),
    Bug(
        "whoever did the work is said twice, and the later word holds",
        "domain/kernel/names.py",
        "        if names[old] not in called:\n",
        "        if True:\n",
        ("tests/domain/kernel/test_names.py",),
    ),
    Bug(
        "facts that call whoever did the work by another word lose him",
        "journal/codec.py",
        '{("done_by" if name == called else name): value',
        '{("done_by" if name == called else name): None',
        ("tests/journal/test_codec.py",),
    ),
    Bug(
        "the stream calls whoever acted by his number alone",
        "api/routes/audit.py",
        "    if found:\n",
        "    if False:\n",
        ("tests/api/test_feed.py::test_whoever_listens_reads_the_names_of_whoever_acted",),
    ),
    Bug(
        "the timeline of late entries shows all",
        "projections/engine/timeline.py",
        "            if late and about.late is None:\n",
        "            if False:\n",
        ("tests/workflows/test_late_entries.py",),
    ),
)
