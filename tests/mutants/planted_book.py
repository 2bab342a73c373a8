"""Bugs of the book."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["BOOK"]

_TAMPERING, _FOLLOWERS = (
    ("tests/journal/test_tampering.py",),
    ("tests/journal/test_followers.py", "-k", "second or leaves_no_gap"),
)
_HANDLE, _CLOCK, _CAUSES = (
    ("tests/workflows/test_handle.py",), ("tests/workflows/test_clock.py",), ("tests/workflows/test_causes.py",),
)  # fmt: skip
_LAW, _FIGURES = ("tests/projections/test_law.py",), ("tests/projections/test_standards.py",)
_NOTICES = ("tests/workflows/test_notices.py",)

BOOK = (
    Bug(
        "a link of one fact forgets the links before it",
        "journal/schema/0007_append.sql",
        "chain = sha256(o.chain || wuye.leaf(",
        "chain = sha256(wuye.leaf(",
        _TAMPERING,
    ),
    Bug(
        "the leaves of a longer append bear the wrong numbers",
        "journal/schema/0007_append.sql",
        "wuye.leaf(p_office, head.number + r.n, r.case_id",
        "wuye.leaf(p_office, head.number, r.case_id",
        _TAMPERING,
    ),
    Bug(
        "the book can be rewritten by its owner",
        "journal/schema/0001_book.sql",
        "create trigger facts_never_change before update or delete on wuye.facts",
        "create trigger facts_never_change before update on wuye.facts",
        _TAMPERING,
    ),
    Bug(
        "the application may rewrite the head",
        "journal/schema/0001_book.sql",
        "grant select on wuye.offices,",
        "grant update on wuye.offices to wuye_app;\ngrant select on wuye.offices,",
        _TAMPERING,
    ),
    Bug(
        "recorded times run backwards when the wall's clock does",
        "journal/schema/0007_append.sql",
        "         recorded_at = greatest(o.recorded_at, case when o.simulated then coalesce(p_now, v_clock) else v_clock end),\n",
        "         recorded_at = case when o.simulated then coalesce(p_now, v_clock) else v_clock end,\n",
        ("tests/journal/test_book.py",),
    ),
    Bug(
        "the page that was taken at an instant was not in the book yet",
        "journal/schema/0001_book.sql",
        "select f.recorded_at <= p_instant from",
        "select f.recorded_at < p_instant from",
        ("tests/journal/test_book.py",),
    ),
    Bug(
        "settings that have changed meanwhile are not noticed",
        "journal/schema/0007_append.sql",
        "  if p_settings <> v_settings then",
        "  if p_settings > v_settings then",
        _HANDLE,
    ),
    Bug(
        "the answer is not stored with the facts",
        "journal/schema/0007_append.sql",
        "    insert into wuye.answers values (p_office, p_key, p_fingerprint, p_answer, v_last, v_recorded);",
        "    v_last := v_last;",
        _HANDLE,
    ),
    Bug(
        "a case that a decision rests on moves on unnoticed",
        "journal/schema/0007_append.sql",
        "           <> g.version::integer",
        "           < g.version::integer",
        _HANDLE,
    ),
    Bug(
        "what is sealed with a destroyed key is written",
        "journal/schema/0007_append.sql",
        "k.subject = p_subject and k.wrapped is not null",
        "k.subject = p_subject",
        ("tests/journal/test_confidential.py",),
    ),
    Bug(
        "an erasure leaves the key",
        "journal/schema/0007_append.sql",
        "  if p_more ? 'destroyed' then\n",
        "  if p_more ? 'nothing' then\n",
        ("tests/workflows/test_duties.py", "-k", "erasure"),
    ),
    Bug(
        "a destroyed key can be made again",
        "journal/schema/0002_keys.sql",
        "values (p_office, p_subject, p_wrapped, null) on conflict do nothing;",
        "values (p_office, p_subject, p_wrapped, null) on conflict (office, subject) do update set wrapped = p_wrapped;",
        ("tests/journal/test_confidential.py",),
    ),
    Bug(
        "verify passes over a missing page",
        "journal/seal.py",
        "        elif number != self.number + 1:",
        "        elif number > self.number + 1_000_000:",
        (*_TAMPERING, "-k", "moved_under"),
    ),
    Bug(
        "verify does not look at the head",
        "journal/seal.py",
        "        findings += reader.close(head)\n",
        "",
        _TAMPERING,
    ),
    Bug(
        "verify does not look at the links",
        "journal/seal.py",
        "            if self.chain != bytes(link):\n",
        "            if not link:\n",
        _TAMPERING,
    ),
    Bug(
        "verify passes over an office whose head is gone",
        "journal/seal.py",
        "select office from wuye.offices union select office from written where office is not null",
        "select office from wuye.offices",
        (*_TAMPERING, "-k", "moved_under"),
    ),
    Bug(
        "a schema of the future is read as if it were today's",
        "journal/codec.py",
        "    if schema > cls.SCHEMA:",
        "    if schema > cls.SCHEMA + 9:",
        ("tests/journal/test_codec.py",),
    ),
    Bug(
        "the allow-list is not asked",
        "journal/codec.py",
        "    cls = EVENTS.get(name)\n",
        "    cls = EVENTS.get(name) or next(iter(EVENTS.values()))\n",
        ("tests/journal/test_codec.py",),
    ),
    Bug(
        "a sealed value opens at another version",
        "journal/confidential.py",
        'return f"{case_id}|{version}|{name}".encode()',
        'return f"{case_id}|{name}".encode()',
        ("tests/journal/test_confidential.py",),
    ),
    Bug(
        "the library's readers get a page twice",
        "journal/recorder.py",
        "first = 1 if start is None else start if inclusive_of_start else start + 1",
        "first = 1 if start is None else start",
        ("tests/journal/test_library.py",),
    ),
    Bug(
        "a stale pid file keeps the server from starting",
        "journal/embedded.py",
        "        if file.exists() and not self._lives():\n",
        "        if file.exists() and self._lives():\n",
        ("tests/journal/test_embedded.py", "-k", "stale"),
    ),
    Bug(
        "a server that forgets what it acknowledged is accepted",
        "journal/server_check.py",
        '    if found["synchronous_commit"] == "off":',
        '    if found["synchronous_commit"] == "never":',
        ("tests/journal/test_embedded.py", "-k", "forget"),
    ),
    Bug(
        "what is done is done again when its answer was lost",
        "journal/schema/0007_append.sql",
        "    insert into wuye.answers values (p_office, p_key, p_fingerprint, p_answer, head.number + v_count, v_recorded);",
        "    head.number := head.number;",
        ("tests/workflows/test_crashes.py",),
    ),
    Bug(
        "a killed server has not kept what it acknowledged",
        "journal/embedded.py",
        "            **({} if self._durable else _NOT_DURABLE),",
        "            **_NOT_DURABLE,",
        ("tests/workflows/test_crashes.py",),
    ),
    Bug(
        "a server that recovers is started a second time",
        "journal/embedded.py",
        "            if not self._answers() and not self._comes_to():\n",
        "            if not self._answers():\n",
        ("tests/journal/test_embedded.py", "-k", "recovers"),
    ),
    Bug(
        "an older program takes over a newer database",
        "journal/migrate.py",
        "    if unknown:\n",
        "    if unknown and not done:\n",
        ("tests/journal/test_migrate.py",),
    ),
    Bug(
        "a word with a quotation mark splits a row",
        "journal/append.py",
        '    if "\\\\" in text or \'"\' in text:\n',
        "    if text == '':\n",
        ("tests/projections/test_rows.py",),
    ),
)
