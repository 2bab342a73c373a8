"""Bugs of matters that were written down under a wrong household or home, planted one by one."""

from __future__ import annotations

from tests.mutants.planting import Bug

_WHOSE, _MENDED = "domain/kernel/whose.py", "workflows/engine/mended.py"
_DOMAIN, _OFFICE = ("tests/domain/kernel/test_whose.py",), ("tests/workflows/test_whose.py",)

WHOSE = (
    Bug(
        "a complaint of another household stays in the wrong home",
        _WHOSE,
        "    if home is not None or not before:\n",
        "    if home is None and not before:\n",
        _DOMAIN,
    ),
    Bug(
        "a renovation moves to another home",
        _WHOSE,
        "    if HOME not in type(case).CORRECTS:\n",
        "    if HOME == type(case).CORRECTS:\n",
        _DOMAIN,
    ),
    Bug(
        "what a caller said stays sealed under the wrong household's key",
        _MENDED,
        "            if is_token(token):\n",
        "            if token is None:\n",
        _OFFICE,
    ),
    Bug(
        "a follow-up goes on asking the wrong household",
        _MENDED,
        "        if other.set_aside is None and (getattr(other, said.field) or None) != said.after:\n",
        "        if other.set_aside is not None and (getattr(other, said.field) or None) != said.after:\n",
        _OFFICE,
    ),
    Bug(
        "a visit that was made is another household's afterwards",
        _MENDED,
        "            if other.stays_behind():\n",
        "            if other.stays_behind is None:\n",
        _OFFICE,
    ),
    Bug(
        "what was withdrawn since it was opened can be referred to",
        "workflows/engine/references.py",
        "        self._open_mended(case_ids)\n",
        "",
        _OFFICE,
    ),
    Bug(
        "attempts to reach another household count",
        "domain/visits/follow_up/case.py",
        "            visit.attempts, visit.unreachable = (), 0\n",
        "            visit.exits_refused += 0\n",
        _DOMAIN,
    ),
    Bug(
        "the link of the wrong household speaks for the right one",
        "domain/visits/resident_word.py",
        "            word.invited += 1  # the link",
        "            word.invited += 0  # the link",
        _DOMAIN,
    ),
    Bug(
        "the program becomes the writer of what it seals anew",
        "domain/kernel/mended.py",
        "        if fact.role is not Role.POLICY:  # what the program",
        "        if fact.role:  # what the program",
        _DOMAIN,
    ),
    Bug(
        "a key loan is extended for ever by the duty officer",
        "domain/homes/key_loan/commands.py",
        "        self._check_in_all(loan, at)\n",
        "",
        ("tests/domain/homes/test_key_loan_extended.py",),
    ),
    Bug(
        "a borrower takes the keys back from himself",
        "domain/homes/key_loan/commands.py",
        "        return _nothing_out(loan) or _own_loan(loan, who)\n\n    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:\n"
        '        """All keys that are out',
        "        return _nothing_out(loan)\n\n    def decide(self, loan: KeyLoan, at: Moment) -> Iterator[Event]:\n"
        '        """All keys that are out',
        ("tests/domain/homes/test_key_loan_extended.py",),
    ),
    Bug(
        "an extended loan is back as first agreed",
        "projections/standards/homes.py",
        'met="returned_at < first_expected_return and lost_at is null"',
        'met="returned_at < expected_return and lost_at is null "',
        ("tests/workflows/test_put_off.py",),
    ),
    Bug(
        "a board that is retired takes its month along",
        "projections/registers/rounds/daily_work.py",
        "        if retired is not None and month > retired and found",
        "        if retired is not None and month >= retired and found",
        ("tests/workflows/test_put_off.py",),
    ),
    Bug(
        "a rectification that was only said to be done met its deadline",
        "domain/rounds/rectification/case.py",
        "            _breached(work, fact)  # what was said",
        "            _breached  # what was said",
        ("tests/domain/rounds/test_rectification.py",),
    ),
    Bug(
        "work that is returned has as much time again",
        "domain/rounds/work_order.py",
        '        ahead = standing(order.due_by, at)\n        due_by = deadline_from(self.due_by or ahead, "work_orders.default_days", "1.11", at)\n        if ',
        '        ahead = None\n        due_by = deadline_from(self.due_by or ahead, "work_orders.default_days", "1.11", at)\n        if ',
        ("tests/domain/rounds/test_daily_work.py",),
    ),
    Bug(
        "a file is kept up once a year",
        "domain/handbook/settings_bounds.py",
        '"households.update_every_months": Bound(1, 3,',
        '"households.update_every_months": Bound(1, 12,',
        ("tests/api/test_settings.py",),
    ),
    Bug(
        "quiet hours cover the day",
        "domain/handbook/settings_bounds.py",
        '"notifications.quiet_until": Bound("05:00", "10:00",',
        '"notifications.quiet_until": Bound("05:00", "20:30",',
        ("tests/api/test_settings.py",),
    ),
    Bug(
        "a household is withdrawn from under its complaints",
        "workflows/engine/found.py",
        "    WithdrawAsMistaken: _matters_of,\n",
        "",
        _OFFICE,
    ),
    Bug(
        "who did a repair takes it out of the draw",
        "domain/rounds/repair_order/commands.py",
        "    if order.started_at is None or (who.role in HEADS and not who.is_any(order.doers)):\n",
        "    if order.started_at is None or who.role:\n",
        ("tests/domain/rounds/test_repair_order.py",),
    ),
    Bug(
        "an ambulance came for a false alarm",
        "domain/rounds/emergency_aid.py",
        "_GIVEN = {AidStep.FIRST_AID, AidStep.AMBULANCE_ARRIVED}",
        "_GIVEN = {AidStep.FIRST_AID}",
        ("tests/domain/moving/test_moving.py",),
    ),
    Bug(
        "a visit is led to a friendly household",
        "workflows/engine/references.py",
        "        self._as_its_origin(command, case, clause)\n",
        "",
        _OFFICE,
    ),
    Bug(
        "who reported a fault is forgotten",
        "domain/rounds/repair_order/case.py",
        "            order.raised_by, order.dispatch_by = e.raised_by, e.dispatch_by\n",
        "            order.dispatch_by = e.dispatch_by\n",
        _OFFICE,
    ),
)
