"""Bugs of the fence in the database: keys, rights, what is verified, what is restored."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["FENCE"]

_KEYS, _RIGHTS = "tests/attacks/test_keys.py", "tests/attacks/test_rights.py"

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
        "where u.name = '{register.name}' and u.fresh = 0",
        "where u.name = '{register.name}' and u.fresh = 2",
        ("tests/projections/test_rows.py", "-k", "long_append"),
    ),
)
