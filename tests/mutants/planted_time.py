"""Bugs of the simulated clock, of the bounds of time, and of settings that two people change."""

from __future__ import annotations

from tests.mutants.planting import Bug

__all__ = ["TIME"]

_BOOK, _OFFICE = ("tests/journal/test_book.py",), ("tests/domain/office/test_office.py",)
_CLOCK = ("tests/api/test_clock.py",)
_BOUNDS, _FIGURES = ("tests/domain/kernel/test_bounds.py",), ("tests/projections/test_standards.py",)

TIME = (
    Bug(
        "a simulated clock goes back",
        "journal/schema/0002_append.sql",
        "  if p_to < v_clock then",
        "  if p_to < '1970-01-01' then",
        _BOOK,
    ),
    Bug(
        "a simulated office is stamped by the wall",
        "journal/schema/0002_append.sql",
        "         recorded_at = greatest(o.recorded_at, coalesce(o.clock, v_clock)),\n",
        "         recorded_at = greatest(o.recorded_at, v_clock),\n",
        _BOOK,
    ),
    Bug(
        "the serving clock fires simulated offices",
        "workflows/engine/clock.py",
        "is null and o.clock is null) o",
        "is null) o",
        _CLOCK,
    ),
    Bug(
        "a clock jumps over what falls due on its way",
        "workflows/engine/simulation.py",
        "                now = following\n",
        "                now = to\n",
        _CLOCK,
    ),
    Bug(
        "the clock of a simulated office makes no notices",
        "workflows/engine/simulation.py",
        "        done = self._clock.catch_up(now, office=office)\n        self._notices.make(now, [office])\n        return done",
        "        return self._clock.catch_up(now, office=office)",
        _CLOCK,
    ),
    Bug(
        "whoever works there moves the clock",
        "api/routes/offices.py",
        "Role.MANAGER not in identity.roles(office):",
        "not identity.roles(office):",
        _CLOCK,
    ),
    Bug(
        "commands go by the wall in a simulated office",
        "api/http/context.py",
        "            if head is not None and head.clock is not None:\n                return head.clock.astimezone(UTC)\n",
        "",
        _CLOCK,
    ),
    Bug(
        "what happened before the office is taken",
        "domain/kernel/bounds.py",
        "early = value < opened_at if isinstance(value, datetime)",
        "early = value == opened_at if isinstance(value, datetime)",
        _BOUNDS,
    ),
    Bug(
        "what lies before 1970 is taken",
        "domain/kernel/bounds.py",
        "_day(value) < EARLIEST:",
        "_day(value).year < 1:",
        _BOUNDS,
    ),
    Bug(
        "one person moves a target alone",
        "domain/office/office.py",
        "        if alone or office.opens_on(at):",
        "        if at.role is Role.MANAGER or alone or office.opens_on(at):",
        _OFFICE,
    ),
    Bug(
        "whoever asked for a change confirms it",
        "domain/office/office.py",
        '        forbid(second_person(at.who, {proposal.by}, "1", "number"))\n',
        "",
        _OFFICE,
    ),
    Bug(
        "one person reaches back alone",
        "domain/office/office.py",
        " and self.valid_from >= at.day_of(at.recorded)",
        "",
        _OFFICE,
    ),
    Bug(
        "an unlawful value is accepted",
        "domain/handbook/settings.py",
        "        _check_bound(change)\n",
        "",
        _OFFICE,
    ),
    Bug(
        "a change that reaches back stands beside no figure",
        "domain/office/office.py",
        "        return self.valid_from < changed_on and self.valid_from <= until and changed_on > since",
        "        return False",
        _FIGURES,
    ),
    Bug(
        "the company's figure is held to the handbook's target",
        "projections/engine/standard.py",
        "        if self.parts:\n            told",
        "        if self.office == '':\n            told",
        _FIGURES,
    ),
    Bug(
        "simulated offices stand in the company's figure",
        "projections/engine/company.py",
        "    return real or rows",
        "    return rows",
        ("tests/api/test_settings.py::test_the_companys_figure_is_of_each_offices_own_target",),
    ),
)
