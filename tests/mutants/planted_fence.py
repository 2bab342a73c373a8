"""Bugs of the fence in the database: keys, rights, what is verified, what is restored."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["FENCE"]

_KEYS, _RIGHTS = "tests/attacks/test_keys.py", "tests/attacks/test_rights.py"
_VERIFY, _RESTORE = "tests/attacks/test_verify.py", "tests/attacks/test_restore.py"

FENCE = (
    Bug(
        "the application may destroy keys beside the facts",
        "journal/schema/0002_rights.sql",
        "grant select on wuye.offices, wuye.facts,",
        "grant update on wuye.keys to wuye_app;\ngrant select on wuye.offices, wuye.facts,",
        (_KEYS, "-k", "destroys_and_replaces"),
    ),
    Bug(
        "the fact of an erasure among others destroys nothing",
        "journal/schema/0001_book.sql",
        "  if p_names && wuye.erasures() then",
        "  if p_names <@ wuye.erasures() then",
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
    Bug(
        "the application may empty a register",
        "projections/engine/tables.py",
        'made = [f"grant select on wuye.{table} to wuye_app"',
        'made = [f"grant select, truncate on wuye.{table} to wuye_app"',
        (_RIGHTS,),
    ),
    Bug(
        "a locked deadline can be changed",
        "projections/engine/tables.py",
        "for update using (true) with check (false)",
        "for update using (true) with check (true)",
        (_RIGHTS, "-k", "application_cannot"),
    ),
    Bug(
        "a register stands before the fence",
        "projections/engine/tables.py",
        """to wuye_app", f"select wuye.fence('wuye.{table}')"]""",
        """to wuye_app"]""",
        (_RIGHTS, "-k", "fence"),
    ),
    Bug(
        "an office's transaction writes for another",
        "journal/schema/0001_book.sql",
        """  if p_office <> coalesce(nullif(current_setting('wuye.office', true), ''), p_office) then
    raise exception 'this transaction is of another office' using errcode = 'WY008';
  end if;
  if current_setting('synchronous_commit') = 'off' then -- what is acknowledged is kept, whatever the caller has chosen
    perform set_config('synchronous_commit', 'on', true);
  end if;
  select * into head""",
        "  select * into head",
        (_RIGHTS, "-k", "writes_for_no_other or acknowledged"),
    ),
    Bug(
        "whoever is given roles gives them himself",
        "journal/schema/0003_services.sql",
        "  if p_user = p_by then",
        "  if p_user is null then",
        (_RIGHTS, "-k", "himself"),
    ),
    Bug(
        "a view reads with its owner's rights",
        "projections/engine/late_entries.py",
        "create or replace view wuye.entries with (security_invoker = true) as",
        "create or replace view wuye.entries as",
        (_RIGHTS, "-k", "fence or forgets"),
    ),
    Bug(
        "a long append forgets what it closes",
        "projections/engine/tables.py",
        "from generate_series(v_from, v_to) u(n) where p_places[u.n + 2 * p_rows] in (0, 2)",
        "from generate_series(v_from, v_to) u(n) where p_places[u.n + 2 * p_rows] in (4, 5)",
        ("tests/projections/test_rows.py", "-k", "long_append"),
    ),
    Bug(
        "an altered row of a register is passed over",
        "projections/engine/book_check.py",
        "        elif _stands(connection, office, register, read) != read.sums[register.name]:",
        "        elif _stands(connection, office, register, read)[0] != read.sums[register.name][0]:",
        (_VERIFY, "-k", "rests"),
    ),
    Bug(
        "an answer is not held against its facts",
        "projections/engine/book_check.py",
        "fits = fits and tuple(read.names[number - len(names) : number]) == names",
        "fits = fits and len(read.names) >= number",
        (_VERIFY, "-k", "rests"),
    ),
    Bug(
        "a key that was destroyed without a fact is passed over",
        "projections/engine/book_check.py",
        "elif wrapped is None and subject not in read.erased and key_id not in restored:",
        "elif wrapped is None and key_id is None:",
        (_VERIFY, "-k", "rests"),
    ),
    Bug(
        "a key that opens nothing is passed over",
        "projections/engine/book_check.py",
        "            open_token(sealed.token, sealed.case_id, lambda _: key)\n",
        "            assert key\n",
        (_VERIFY, "-k", "made_anew"),
    ),
    Bug(
        "a trigger that is off looks like one that is on",
        "projections/engine/catalogue.py",
        "pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text",
        "pg_get_triggerdef(t.oid)",
        (_VERIFY, "-k", "guards"),
    ),
    Bug(
        "a comparison swaps the tables in",
        "projections/engine/rebuild.py",
        "        if not keep:\n",
        "        if not keep and not found:\n",
        (_VERIFY, "-k", "looking"),
    ),
    Bug(
        "rows that no fact explains are mended without a word",
        "projections/engine/rebuild.py",
        "            if mend is None:\n",
        "            if mend == '':\n",
        (_VERIFY, "-k", "owners_word"),
    ),
    Bug(
        "a restore brings an erased household back",
        "journal/backups.py",
        "        erased = apply_erasures(owner, destroyed)\n",
        "        erased: list[str] = []\n",
        (_RESTORE, "-k", "stays_erased"),
    ),
    Bug(
        "an altered backup is restored",
        "journal/backups.py",
        "    if _digest(file) != digest:\n",
        "    if not _digest(file):\n",
        (_RESTORE, "-k", "altered_backup"),
    ),
    Bug(
        "a line of the list of erasures can be made up",
        "journal/erasures.py",
        "            if not hmac.compare_digest(signature, last):\n",
        "            if not signature:\n",
        (_RESTORE, "-k", "taken_out"),
    ),
    Bug(
        "a restore writes over an office at work",
        "journal/backups.py",
        '        for table in ("offices", "facts", "users"):\n',
        "        for table in ():\n",
        (_RESTORE, "-k", "altered_backup"),
    ),
    Bug(
        "another master key unmakes what was committed to",
        "journal/confidential.py",
        'base64.b64encode(os.urandom(32)) + b" " + base64.b64encode(self._secrets)',
        'base64.b64encode(os.urandom(32)) + b" " + base64.b64encode(os.urandom(32))',
        (_RESTORE, "-k", "old_copies"),
    ),
    Bug(
        "the master key is changed under a running program",
        "journal/key_rotation.py",
        "        if row is None or row[0]:\n",
        "        if row is None:\n",
        (_RESTORE, "-k", "old_copies"),
    ),
    Bug(
        "a rotation that was cut off leaves the old key in place",
        "journal/key_rotation.py",
        "    if row is None or bytes(row[0]) != new.id:\n",
        "    if row is None or bytes(row[0]) == new.id:\n",
        (_RESTORE, "-k", "cut_off"),
    ),
    Bug(
        "a book that was cut off is as long as it says",
        "journal/hash_chain.py",
        "        yield from map(_not_as_known, sorted(number for number in self.known if number))\n",
        "",
        (_RESTORE, "-k", "rewritten and tail"),
    ),
    Bug(
        "a link that is kept elsewhere is not looked at",
        "journal/hash_chain.py",
        "            if self.known.pop(self.number, self.chain.hex()) != self.chain.hex():\n",
        "            if not self.known.pop(self.number, self.chain.hex()):\n",
        (_RESTORE, "-k", "rewritten and recomputed"),
    ),
    Bug(
        "what was erased again is still found by what it said",
        "journal/erasures.py",
        'delete from wuye.found_by where office = %s and subject = %s", [office, subject]',
        'delete from wuye.found_by where office = %s and subject = %s and false", [office, subject]',
        (_RESTORE, "-k", "stays_erased"),
    ),
    Bug(
        "verify does not look at names",
        "projections/engine/index_check.py",
        "            if made.get(name) != stored.get(name) and",
        "            if False and",
        (_VERIFY, "-k", "name"),
    ),
    Bug(
        "verify does not look at the blind index",
        "projections/engine/index_check.py",
        "            if made != stored.get(at) and",
        "            if False and",
        (_VERIFY, "-k", "found"),
    ),
    Bug(
        "a reader goes on in a restored book as if nothing were gone",
        "api/http/epochs.py",
        "        if self.after <= common:\n",
        "        if True:\n",
        ("tests/api/test_feed.py", "-k", "go_on or turned_away"),
    ),
    Bug(
        "the stream of a restored book counts as before",
        "api/http/epochs.py",
        'return b"%d-%d" % (self.epoch, number) if self.epoch else b"%d" % number',
        'return b"%d" % number',
        ("tests/api/test_feed.py", "-k", "turned_away"),
    ),
    Bug(
        "a restored book does not say so",
        "api/cli/commands_backup.py",
        "    for office, page, link, clock in heads.fetchall():\n",
        "    for office, page, link, clock in heads.fetchall()[:0]:\n",
        (_RESTORE, "-k", "stays_erased"),
    ),
    Bug(
        "whoever reads several offices reads all",
        "journal/schema/0006_fence_of_several.sql",
        "    or office = any((select string_to_array(current_setting('wuye.office', true), chr(31)))::text[]))$f$, p_table);",
        "    or current_setting('wuye.office', true) like '%%' || chr(31) || '%%'"
        " or office = (select current_setting('wuye.office', true)))$f$, p_table);",
        (_RIGHTS, "-k", "across_offices"),
    ),
    Bug(
        "whoever may read no office reads all",
        "journal/office_transaction.py",
        "_JOINED.join(offices) or _JOINED",
        "_JOINED.join(offices)",
        (_RIGHTS, "-k", "across_offices"),
    ),
)
