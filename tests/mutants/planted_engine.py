"""Bugs of the engine and of the registers."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["ENGINE", "REGISTERS"]

_HANDLE, _CLOCK, _CAUSES = (
    ("tests/workflows/test_handle.py",), ("tests/workflows/test_clock.py",), ("tests/workflows/test_causes.py",),
)  # fmt: skip
_LAW, _FIGURES = ("tests/projections/test_law.py",), ("tests/projections/test_standards.py",)
_NOTICES = ("tests/workflows/test_notices.py",)

ENGINE = (
    Bug(
        "what has not happened yet is accepted",
        "workflows/engine/decision.py",
        "    if occurred > request.now:",
        "    if occurred > request.now.replace(year=9000):",
        _CAUSES,
    ),
    Bug(
        "a stale version is accepted",
        "workflows/engine/decision.py",
        "if request.expected is not None and request.expected != case.version:",
        "if request.expected is not None and not case.version:",
        _CAUSES,
    ),
    Bug(
        "what follows from a late entry is refused",
        "workflows/engine/draft.py",
        "            occurred = max(occurred, opened.case.opened_at)",
        "            occurred = max(occurred, occurred)",
        ("tests/workflows/test_late_entries.py",),
    ),
    Bug(
        "consequences do not say because of which",
        "workflows/engine/draft.py",
        "causation_id=cause.event_id if cause else None,",
        "causation_id=None,",
        _CAUSES,
    ),
    Bug(
        "the settings of today decide about yesterday",
        "workflows/engine/decision.py",
        "        numbers=settings.at(local_date(occurred)),",
        "        numbers=settings.at(local_date(request.now)),",
        _CAUSES,
    ),
    Bug(
        "two cases of one draft hold the same thing",
        "workflows/engine/differences.py",
        "if claim in self.claimed or append.claims.setdefault(claim, case_id) != case_id:",
        "if claim in self.claimed or append.claims.setdefault(claim, case_id) is None:",
        _HANDLE,
    ),
    Bug(
        "a forbidden consequence is passed over",
        "workflows/engine/draft.py",
        "        except WrongState:\n            if consequence.must:",
        "        except (WrongState, Exception):\n            if consequence.must:",
        (*_HANDLE, "-k", "consequence"),
    ),
    Bug(
        "another request with the same key gets the stored answer",
        "workflows/engine/idempotency.py",
        "    if fingerprint != _fingerprint(request):",
        "    if not fingerprint:",
        _HANDLE,
    ),
    Bug(
        "a command that is overtaken once gives up",
        "workflows/engine/handler.py",
        "            for _ in range(_ATTEMPTS):",
        "            for _ in range(1):",
        (*_HANDLE, "-k", "overtaken"),
    ),
    Bug(
        "a repeated request that now meets a refusal is refused instead of answered",
        "workflows/engine/handler.py",
        "        except (Refusal, RepeatedKey, psycopg.OperationalError):",
        "        except (RepeatedKey, psycopg.OperationalError):",
        _HANDLE,
    ),
    Bug(
        "a broken line is taken for a refusal, though the key stands in the book",
        "workflows/engine/handler.py",
        "        except (Refusal, RepeatedKey, psycopg.OperationalError):",
        "        except (Refusal, RepeatedKey):",
        ("tests/workflows/test_broken_lines.py",),
    ),
    Bug(
        "a breach bears the time at which the clock came round",
        "workflows/engine/clock.py",
        "occurred_at=min(leased.due_at, now),",
        "occurred_at=now,",
        _CLOCK,
    ),
    Bug(
        "a superseded deadline is fired",
        "workflows/engine/decision.py",
        "    if deadline not in owed:\n",
        "    if deadline not in owed and not owed and case is None:\n",
        _CLOCK,
    ),
    Bug(
        "a lease is not respected",
        "workflows/engine/clock.py",
        "and d.due_at <= %(now)s and (d.leased_until is null or d.leased_until <= %(now)s)",
        "and d.due_at <= %(now)s",
        _CLOCK,
    ),
    Bug(
        "a later deadline is fired while an earlier one is at work",
        "workflows/engine/clock.py",
        "and e.due_at < d.due_at and e.office = d.office and e.attempts = 0)",
        "and e.due_at < d.due_at and e.office = d.office and e.attempts < 0)",
        _CLOCK,
    ),
    Bug(
        "a poisoned deadline is tried for ever",
        "workflows/engine/clock.py",
        "again = PARKED if attempts >= MOST_ATTEMPTS else",
        "again = PARKED if attempts < 0 else",
        _CLOCK,
    ),
    Bug(
        "a late entry is drawn from twice",
        "workflows/engine/gather.py",
        'values | {"drawn_at": found[0] if found else 0}',
        'values | {"drawn_at": 0}',
        ("tests/workflows/test_late_entries.py",),
    ),
    Bug(
        "people are called in their quiet hours once a delivery has failed",
        "workflows/engine/notices.py",
        "        awake = [office for office in waiting if self._awake(office, now)]",
        "        awake = waiting",
        _NOTICES,
    ),
    Bug(
        "a broken promise never goes up",
        "workflows/engine/notices.py",
        "    while above is not None and now >= owed.due_at + span:",
        "    while above is not None and now < owed.due_at:",
        _NOTICES,
    ),
    Bug(
        "a failed delivery is taken for a delivered one",
        "workflows/engine/notices.py",
        "                failed += 1\n                self._put_off(delivery, now, error)",
        '                failed += 1\n                self._note(delivery, "delivered_at = %s", [now])',
        _NOTICES,
    ),
    Bug(
        "today's list ends before midnight",
        "api/routes/deadlines.py",
        "        return now, end_of_day(today) + _WITH_IT",
        "        return now, end_of_day(today)",
        ("tests/api/test_tasks.py",),
    ),
)

REGISTERS = (
    Bug(
        "an older version of a row stays open",
        "projections/engine/tables.py",
        "  if not p_fresh then\n",
        "  if not p_fresh and p_from < 0 then\n",
        _LAW,
    ),
    Bug(
        "a row that was replaced within an append stays open",
        "projections/engine/tables.py",
        "    if p_to is not null then\n",
        "    if p_to < 0 then\n",
        _LAW,
    ),
    Bug(
        "a row that is gone stays in the register",
        "workflows/engine/differences.py",
        "            if at not in after:\n                self._replace_row",
        "            if at in after and not after:\n                self._replace_row",
        _LAW,
    ),
    Bug(
        "the replay forgets to end a row that is gone",
        "projections/engine/replay.py",
        "        if len(before) != len(after):\n",
        "        if len(before) < len(after):\n",
        _LAW,
    ),
    Bug(
        "a rebuild does not notice what was altered",
        "projections/engine/rebuild.py",
        "    differing = 0 if live is None or live ==",
        "    differing = 0 if live is None or live !=",
        _LAW,
    ),
    Bug(
        "a bulk write leaves the rows it replaces",
        "projections/engine/writing.py",
        "    if closing:\n",
        "    if not closing:\n",
        ("tests/importing/test_import_run.py",),
    ),
    Bug(
        "a register as of a page shows the page before",
        "projections/engine/standard.py",
        'return "from_number <= %(number)s and (to_number is null or to_number > %(number)s)"',
        'return "from_number < %(number)s and (to_number is null or to_number > %(number)s)"',
        _FIGURES,
    ),
    Bug(
        "what was said at an instant changes with late entries",
        "projections/engine/standard.py",
        'return "recorded_from <= %(instant)s and (recorded_to is null or recorded_to > %(instant)s)"',
        'return "to_number is null and %(instant)s::timestamptz is not null"',
        _FIGURES,
    ),
    Bug(
        "what is not yet due counts as missed",
        "projections/engine/standard.py",
        """"not-yet-due": f"(not ({excluded}) and not {met} and {not_due})",
        "missed": f"(not ({excluded}) and not {met} and not {not_due})",""",
        """"not-yet-due": f"(not ({excluded}) and not {met} and {not_due})",
        "missed": f"(not ({excluded}) and not {met})",""",
        _FIGURES,
    ),
    Bug(
        "nothing of nothing is everything",
        "projections/engine/standard.py",
        "ratio=Fraction(met, counted) if counted else None,",
        "ratio=Fraction(met, counted) if counted else Fraction(1),",
        _FIGURES,
    ),
    Bug(
        "exactly the target is not enough",
        "projections/engine/standard.py",
        "else self.ratio >= self.target",
        "else self.ratio > self.target",
        _FIGURES,
    ),
    Bug(
        "a report of the past uses the target of today",
        "api/routes/standards.py",
        'case = handler.case(code, f"office-{code}", until=page)',
        'case = handler.case(code, f"office-{code}")',
        _FIGURES,
    ),
    Bug(
        "another system's promises are chased by our clock",
        "projections/engine/deadlines.py",
        "    if case.imported:\n",
        "    if case.imported and not case.id:\n",
        ("tests/projections/test_rows.py",),
    ),
    Bug(
        "a key on loan is shown nowhere",
        "projections/registers/homes/vacant_homes.py",
        "keys_out=len(case.with_custody(Custody.LENT)),",
        "keys_out=0,",
        ("tests/projections/test_rows.py",),
    ),
)
