"""Bugs of the pursuit of arrears, planted one by one (§8): what the faults of before were, and what must not come back."""

from __future__ import annotations

from tests.mutants.planting import Bug

_COMMANDS = "domain/arrears/debt_case/commands"
_CASE, _OWED = "domain/arrears/debt_case/case.py", "domain/arrears/owed.py"
_POLICIES = "workflows/policies/arrears.py"
_DUNNING, _DEBT = ("tests/domain/arrears/test_dunning.py",), ("tests/domain/arrears/test_debt_case.py",)
_DISPUTES, _SUITS = ("tests/domain/arrears/test_debt_disputes.py",), ("tests/domain/arrears/test_lawsuit.py",)
_LIMITATION, _LINES = ("tests/domain/arrears/test_limitation.py",), ("tests/domain/fees/test_bank_line.py",)
_ASCENTS = ("tests/domain/arrears/test_ascents.py",)
_COMMITTEE = ("tests/domain/arrears/test_committee.py",)
_COURT, _IMPORTS = ("tests/workflows/test_court.py",), ("tests/importing/test_import_run.py",)

PURSUIT = (
    Bug(
        "a payment that bounces after the ladder began anew begins at the bottom",
        f"{_COMMANDS}/opening.py",
        "climbed = _climbed(debt, self.bill) if debt is not None and self.resumes else None",
        "climbed = debt if debt is not None and self.resumes and debt.state == SETTLED else None",
        _ASCENTS,
    ),
    Bug(
        "who is pursued further on another ascent falls back",
        f"{_COMMANDS}/opening.py",
        "_height(before, before.left_off) > now",
        "_height(before, before.left_off) >= now",
        _ASCENTS,
    ),
    Bug(
        "two ascents bear one number",
        "domain/arrears/letters.py",
        "1 + max(self.ladder, *(letter.ladder for letter in self.past), 0), 0",
        "1 + self.ladder, 0",
        _ASCENTS,
    ),
    Bug(
        "an earlier ascent forgets what interrupted the limitation",
        "domain/arrears/ascents.py",
        "set(ascent.bills), {**self.claims, **ascent.claims}",
        "set(ascent.bills), {**self.claims}",
        _ASCENTS,
    ),
    Bug(
        "a pursuit that goes on has no next date",
        f"{_COMMANDS}/opening.py",
        "next_step(at) if debt.notice2_at is not None and act_by is None else None",
        "None",
        _ASCENTS,
    ),
    Bug(
        "a court lowers no more than is left",
        f"{_COMMANDS}/lawsuit.py",
        "known = each.bill in debt.bills and",
        "known = each.principal_fen <= debt.bills.get(each.bill, 0) and",
        (*_SUITS, *_COURT),
    ),
    Bug(
        "a court's costs open a settled case anew",
        _POLICIES,
        "if decided.costs_fen and debt.unpaid:",
        "if decided.costs_fen and debt.unpaid and not decided.reductions:",
        _COURT,
    ),
    Bug(
        "the second stage begins in the minute of a first notice that was late",
        f"{_COMMANDS}/dunning.py",
        "after = max(noticed, debt.notice1_by or noticed)",
        "after = debt.notice1_by or noticed",
        _DUNNING,
    ),
    Bug(
        "a visit in the minute of the second notice begins the three days",
        f"{_COMMANDS}/dunning.py",
        "at.day_of(debt.notice2_at) < at.today",
        "at.day_of(debt.notice2_at) <= at.today",
        _DUNNING,
    ),
    Bug(
        "a call at night says something else",
        f"{_COMMANDS}/dunning.py",
        "        return ContactLimit.QUIET_HOURS\n",
        "        return ContactLimit.WEEKLY_CAP\n",
        _DUNNING,
    ),
    Bug(
        "one contact too many is planned",
        f"{_COMMANDS}/dunning.py",
        "        if max(weeks) > most:\n",
        "        if max(weeks) > most + 1:\n",
        _DUNNING,
    ),
    Bug(
        "services stay suspended through an approved plan",
        f"{_COMMANDS}/concession.py",
        "            if debt.services:\n",
        "            if debt.services and debt.disputed:\n",
        _DEBT,
    ),
    Bug(
        "a disputed bill is dunned with the others",
        "domain/arrears/composing.py",
        "return [bill for bill in debt.unpaid if not debt.is_disputed(bill)]",
        "return list(debt.unpaid)",
        _DISPUTES,
    ),
    Bug(
        "the clocks run on over bills that are all disputed",
        _OWED,
        "return bool(unpaid) and self.disputed_bills.issuperset(unpaid)",
        "return False",
        _DISPUTES,
    ),
    Bug(
        "a suit does not hold a claim open beyond its term",
        f"{_COMMANDS}/limitation.py",
        "lapses_on=add_years(self.ended_on or self.on, years)",
        "lapses_on=add_years(self.on, years)",
        _LIMITATION,
    ),
    Bug(
        "the limitation does not run anew when a suit is withdrawn",
        f"{_COMMANDS}/lawsuit.py",
        'lapses_on = add_years(self.on, at.numbers.integer("arrears.limitation_years"))',
        "lapses_on = add_years(self.on, 0)",
        _SUITS,
    ),
    Bug(
        "a court's decision does not reach the bills",
        _POLICIES,
        "    for each in decided.reductions:\n",
        "    for each in decided.reductions[:0]:\n",
        _COURT,
    ),
    Bug(
        "what was written off is pursued again when some of it is recovered",
        _POLICIES,
        " or bill.written_off_on is not None or bill.set_aside",
        " or bill.set_aside",
        _COURT,
    ),
    Bug(
        "a later export of a case is taken twice",
        "workflows/importing/told_before.py",
        "        if left[mark.all] > 0:\n            left",
        "        if left[mark.all] > 1:\n            left",
        _IMPORTS,
    ),
    Bug(
        "a case that says otherwise what was taken is added to",
        "workflows/importing/told_before.py",
        "    otherwise = any(mark.when in instants for _, mark in fresh)\n",
        "    otherwise = False\n",
        _IMPORTS,
    ),
    Bug(
        "of a changed case one row is told of",
        "workflows/importing/batches.py",
        "for line in sorted({fact.line for fact in facts} or {case.facts[0].line})",
        "for line in sorted({case.facts[0].line})",
        _IMPORTS,
    ),
    Bug(
        "the manager compiles a part whenever he likes",
        "domain/fees/bill_run/commands/compiling.py",
        "if at.role is Role.MANAGER and at.today < day:",
        "if at.role is Role.MANAGER and at.today > day:",
        ("tests/domain/fees/test_bill_run_parts.py",),
    ),
    Bug(
        "who paid what was set aside is kept for ever",
        "domain/fees/bank_line.py",
        "return end_of_day(self.papers_until) if self.is_personal and self.papers_until is not None else None",
        "return end_of_day(self.papers_until) if self.papers_until is None else None",
        _LINES,
    ),
    Bug(
        "the owners' committee is asked again and again",
        f"{_COMMANDS}/committee.py",
        "if in_question and each not in debt.committee]",
        "if in_question]",
        _COMMITTEE,
    ),
    Bug(
        "services are suspended while the committee may still answer",
        f"{_COMMANDS}/committee.py",
        "asked.answer is None and at.today <= until",
        "asked.answer is None and at.today < until",
        _COMMITTEE,
    ),
    Bug(
        "the committee's objection is passed over in silence",
        f"{_COMMANDS}/committee.py",
        "    if asked.answer is CommitteeAnswer.OBJECTS:\n",
        "    if asked.answer is CommitteeAnswer.NO_VIEW:\n",
        _COMMITTEE,
    ),
    Bug(
        "a claim lapses while the committee is asked",
        f"{_COMMANDS}/committee.py",
        "measure is LastMeasure.LEGAL_ACTION and pressing",
        "measure is None and pressing",
        _COMMITTEE,
    ),
    Bug(
        "waiting for the committee makes the manager late",
        f"{_COMMANDS}/measures.py",
        "max(at.today, debt.committee_until or at.today) + days",
        "at.today + days",
        _COMMITTEE,
    ),
    Bug(
        "a plan of instalments puts a debt aside for ever",
        f"{_COMMANDS}/concession.py",
        "any(part.due_on > latest for part in instalments)",
        "any(part.due_on < at.today for part in instalments)",
        _DEBT,
    ),
    Bug(
        "a clerk's visit to a large account begins the three days",
        f"{_COMMANDS}/dunning.py",
        "at.waived or at.role is Role.MANAGER or manager_visit(debt) is None",
        "at.role is not None",
        _DEBT,
    ),
    Bug(
        "a plan that is granted in dispute leaves the debt without a date",
        "domain/arrears/debt_case/case.py",
        "        ) if not debt.stands_still:\n",
        "        ):\n",
        ("tests/domain/arrears/test_next_step.py",),
    ),
    Bug(
        "what has no date takes that of a dispute away",
        "domain/arrears/debt_case/case.py",
        "and (e.next_by is not None or not debt.stands_still):",
        "and True:",
        ("tests/domain/arrears/test_next_step.py",),
    ),
    Bug(
        "a suspension rests on a paper that nobody filed",
        "domain/arrears/debt_case/commands/measures.py",
        "if self.document is not None and self.document not in debt.papers:",
        "if self.document is not None and not debt.bills:",
        ("tests/domain/arrears/test_suspension.py",),
    ),
)
