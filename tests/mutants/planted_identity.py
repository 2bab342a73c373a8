"""Bugs of what things are called, what is referred to, who is who, and who is found."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["IDENTITY"]

_NAMES = ("tests/api/test_names.py",)

IDENTITY = (
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
