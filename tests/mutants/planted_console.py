"""Bugs of the console: what leaks, what is written twice or lost, what says less than it should."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["CONSOLE"]

_PRIVACY, _FORMS, _PAGES, _WEIGHT, _ACCOUNTS, _IMPORTS, _RESIDENTS, _PAPERS, _VIEWS, _PRACTICE = (
    ("tests/console/test_privacy.py",),
    ("tests/console/test_forms.py",),
    ("tests/console/test_pages.py",),
    ("tests/console/test_weight.py",),
    ("tests/console/test_accounts.py",),
    ("tests/console/test_imports.py", "tests/importing/test_sheets.py"),
    ("tests/console/test_residents.py",),
    ("tests/console/test_case_papers.py",),
    ("tests/console/test_saved_views.py",),
    ("tests/console/test_practice.py",),
)

CONSOLE = (
    Bug(
        "one practises in a real office",
        "api/console/practice.py",
        "    if not page.kit.is_simulated(page.office):\n",
        "    if page.kit.is_simulated(page.office) is None:\n",
        _PRACTICE,
    ),
    Bug(
        "what was searched for is kept with a view",
        "api/console/saved_views.py",
        'frozenset({"q", "cursor", "as_of", "done"})',
        'frozenset({"cursor", "as_of", "done"})',
        _VIEWS,
    ),
    Bug(
        "whatever a form sends is a signature",
        "api/console/case_papers.py",
        "            if data.startswith(_PNG):\n",
        "            if data:\n",
        _PAPERS,
    ),
    Bug(
        "papers stand on the page of whoever may not see them",
        "api/console/case_papers.py",
        " or not page.reader.sees_personal(lifecycle_of(case.id).kind):",
        ":",
        _PAPERS,
    ),
    Bug(
        "a resident's link is good that nobody made",
        "api/console/resident_links.py",
        "    if not right:\n        return None\n",
        "",
        _RESIDENTS,
    ),
    Bug(
        "a resident's old link still opens",
        "api/console/residents.py",
        " or word.invited != link.round or word.state == LAPSED:",
        " or word.state == LAPSED:",
        _RESIDENTS,
    ),
    Bug(
        "staff answers for the resident",
        "api/console/residents.py",
        "    if _is_staff(page):\n",
        "    if False:\n",
        _RESIDENTS,
    ),
    Bug(
        "a rehearsal writes",
        "api/console/imports.py",
        "            dry_run=dry_run,\n",
        "            dry_run=False,\n",
        _IMPORTS,
    ),
    Bug(
        "an upload opens for whoever knows its address",
        "api/console/imports.py",
        "    _allowed(page)\n    found = _store",
        "    found = _store",
        _IMPORTS,
    ),
    Bug(
        "a date of a workbook is the number of a day",
        "workflows/importing/sheets.py",
        'if int(cell.get("s", "0")) in dates:',
        "if not dates:",
        _IMPORTS,
    ),
    Bug(
        "a person ends another's log-in",
        "api/identity.py",
        '"delete from wuye.sessions where hash = %s and user_id = %s", [hashed, of]',
        "\"delete from wuye.sessions where hash = %s and user_id <> ''\", [hashed]",
        _ACCOUNTS,
    ),
    Bug(
        "a person calls himself as another is called",
        "api/identity.py",
        "where name = %s and user_id <> %s and disabled_at is null",
        "where name = %s and user_id <> %s and false",
        _ACCOUNTS,
    ),
    Bug(
        "anybody keeps accounts",
        "api/console/accounts.py",
        "    by = page.context.system_administrator(page.request)\n",
        "    by = page.identity\n",
        _ACCOUNTS,
    ),
    Bug(
        "a register's file has names in it",
        "api/console/registers.py",
        "            hide(rows)\n",
        "            page.reader.open(rows, register.name)\n",
        _PRIVACY,
    ),
    Bug(
        "what a list does not show is read all the same",
        "api/console/registers.py",
        "    page.reader.open(cut, register.name)\n",
        "    page.reader.open(rows, register.name)\n    page.reader.open(cut, register.name)\n",
        _PRIVACY,
    ),
    Bug(
        "a form has a new key each time it is sent",
        "api/console/acts.py",
        "return key if re.fullmatch(IDEMPOTENCY_KEY, key) else None",
        "return None if re.fullmatch(IDEMPOTENCY_KEY, key) else None",
        _FORMS,
    ),
    Bug(
        "who saw an older version overwrites",
        "api/console/acts.py",
        "version if version.isdecimal() else None",
        "None",
        _FORMS,
    ),
    Bug(
        "a log-in leads to somebody else's site",
        "api/console/log_in.py",
        'return target if inside and "\\\\" not in plain and plain.isprintable() else HOME',
        "return target or HOME",
        _FORMS,
    ),
    Bug(
        "an amount in yuan is taken for fen",
        "api/console/form_values.py",
        "return parse_area(text)",
        "return int(float(text))",
        _FORMS,
    ),
    Bug(
        "a case as of a page is shown as it stands now",
        "api/console/cases.py",
        "return number if number < facts[-1].number else None",
        "return number if number < 0 else None",
        _PAGES,
    ),
    Bug(
        "a page shows ids of cases",
        "api/console/values.py",
        "        if kind_of(value) is not None:\n            return self.case(value)\n",
        "",
        _PAGES,
    ),
    Bug(
        "a page without a log-in is a problem in JSON",
        "api/console/errors.py",
        'if problem["status"] == 401:',
        'if problem["status"] == 402:',
        _FORMS,
    ),
    Bug(
        "a file that has changed is kept for good under its old address",
        "api/console/static_files.py",
        "_FOR_EVER if current else None",
        "_FOR_EVER",
        _WEIGHT,
    ),
)
