"""Bugs of the vocabulary, of the API's document and of its pages."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["DOCUMENT"]

_OPENAPI, _PAGES = "tests/api/test_openapi.py", ("tests/api/test_pages.py",)

DOCUMENT = (
    Bug(
        "what a word means in its own record is not looked up",
        "domain/kernel/words/__init__.py",
        'return WORDS.get(f"{record}.{field}") or WORDS[field]',
        'return WORDS.get(field) or WORDS[f"{record}.{field}"]',
        ("tests/domain/kernel/test_words.py",),
    ),
    Bug(
        "a word may stand twice",
        "domain/kernel/words/__init__.py",
        "        if twice:",
        "        if twice and not made:",
        ("tests/domain/kernel/test_words.py",),
    ),
    Bug(
        "other wording changes the contract",
        "api/http/parts.py",
        "        if names or word not in _WORDING",
        "        if names or word",
        (f"{_OPENAPI}::test_a_change_of_the_contract_is_told_operation_by_operation",),
    ),
    Bug(
        "the whole document refers to what it leaves out",
        "api/http/parts.py",
        '"parameters": parameters | _LOOSE_PARAMETERS,',
        '"parameters": _loosened(parameters | _LOOSE_PARAMETERS, parameters),',
        (f"{_OPENAPI}::test_every_reference_of_a_part_leads_somewhere_and_nothing_is_left_over",),
    ),
    Bug(
        "an example leaves out what is required",
        "api/http/examples.py",
        "        if field in required or _is_personal(document, each)",
        "        if _is_personal(document, each)",
        (f"{_OPENAPI}::test_every_example_fits_its_schema",),
    ),
    Bug(
        "the document is sent again to who has it",
        "api/http/reference.py",
        'if content.etag in request.headers.get("if-none-match", ""):',
        'if content.etag == request.headers.get("if-match", ""):',
        (f"{_OPENAPI}::test_the_document_is_sent_small_and_not_twice",),
    ),
    Bug("text becomes markup", "api/http/markup.py", "else escape(each)", "else each", _PAGES),
    Bug(
        "a page takes scripts from within",
        "api/http/manual.py",
        "script-src 'self'",
        "script-src 'unsafe-inline'",
        _PAGES,
    ),
)
