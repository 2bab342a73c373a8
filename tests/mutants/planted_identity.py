"""Bugs of what things are called, what is referred to, who is who, and who is found."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["IDENTITY"]

_NAMES = ("tests/api/test_names.py",)

_REFERENCES = ("tests/workflows/test_references.py",)

IDENTITY = (
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
        "domain/kernel/names.py",
        'folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())',
        'folded = unicodedata.normalize("NFC", text).casefold()',
        _NAMES,
    ),
    Bug(
        "a capital letter makes another home",
        "domain/kernel/names.py",
        'unicodedata.normalize("NFKC", text).casefold()',
        'unicodedata.normalize("NFKC", text)',
        _NAMES,
    ),
    Bug("a long dash makes another home", "domain/kernel/names.py", ".translate(_DASHES)", "", _NAMES),
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
)
