"""References 引用: the cases that a command refers to are looked up, and held to the rules of the domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from domain.cases import BY_KIND
from domain.handbook.settings import Numbers
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Command, Fact
from domain.kernel.mending import CorrectEntry, EntryCorrected, MarkedDuplicate, WithdrawnAsMistaken
from domain.kernel.references import (
    BEARS_HOME,
    Referred,
    completed,
    misfit,
    not_there,
    references,
    related_set_aside,
    unknown,
    unknown_home,
)
from domain.kernel.spelling import same
from domain.kernel.whose import WHERE
from journal.book import Book
from journal.page import of_case, says
from workflows.engine.corrected_names import HouseholdNamed, at_value, said_by
from workflows.engine.known import Known
from workflows.engine.open_cases import OpenCases

__all__ = [
    "KnownCases",
    "LookUpCases",
    "LookUpHome",
    "LookUpMended",
    "References",
    "check_kinds",
    "mended_cases",
    "on_the_roster",
]

_BEARS: Final = " or ".join(
    f"exists (select from wuye.{table} where office = %(office)s and home = %(home)s)"
    for table in ("r_households", "r_vacant_homes", "r_move_ins")
)
_MENDED: Final = (
    "select w.id from unnest(%(cases)s::text[]) w(id)"
    f" where (select true from wuye.facts where {of_case('w.id', '%(office)s')}"
    f" and (name in ('{WithdrawnAsMistaken.__name__}', '{MarkedDuplicate.__name__}')"
    f"   or (name = '{EntryCorrected.__name__}' and ("
    + " or ".join(says("state", f'"field":"{field}"') for field in sorted(WHERE))
    + "))) limit 1)"
)
LookUpCases = Callable[[list[str]], Iterable[Fact]]
"""The opening facts of those of these cases that are in the book."""
LookUpMended = Callable[[list[str]], Iterable[str]]
"""Those of these cases of which the book says somewhere that they were withdrawn, merged, or another household's or home's."""
LookUpHome = Callable[[str], bool]
"""Whether a household, a vacant home or a move-in bears this home."""


def _referred(case_id: str, of: object) -> Referred:
    said = {name: getattr(of, name, None) for name in ("home", "household", "vacant_home")}
    return Referred(kind=case_id.partition("-")[0], **{name: value or None for name, value in said.items()})


KnownCases = Known[str, Referred]
"""Case → what is referred to in it, as it was opened: only a correction changes that, and whoever has one is read whole."""


class References:
    """The references of one draft's commands."""

    def __init__(
        self,
        office: str,
        cases: OpenCases,
        known: KnownCases,
        look_up: LookUpCases,
        look_up_mended: LookUpMended,
        look_up_home: LookUpHome,
    ) -> None:
        """``cases`` are those of the draft, which may refer to each other before they are in the book."""
        self._office = office
        self._cases = cases
        self._known = known
        self._look_up = look_up
        self._look_up_mended = look_up_mended
        self._asked: set[str] = set()
        self._look_up_home = look_up_home

    def checked(self, command: Command, numbers: Numbers, clause: str) -> Command:
        """The command, completed by what its references say.

        Raises :class:`~domain.kernel.errors.NotFound` for what is not there or of another kind, and
        :class:`~domain.kernel.errors.RuleBroken` for a home that a complete roster does not have.
        """
        if (said := said_by(command)) is not None:
            with at_value():
                self.checked(said, numbers, clause)
            return command
        found = self._found(command)
        for field, reference, case_id in references(command):
            referred = found.get((field, case_id))
            if referred is None or reference.kind not in (None, referred.kind):
                raise unknown(field, reference, clause)
        self._standing(found, clause)
        command = completed(command, found)
        home: str | None = getattr(command, "home", None)
        if home is not None and numbers.integer("homes.roster_complete") and not self._bears(command, home):
            raise unknown_home(clause)
        return command

    def fitting(self, command: Command, case: Any, clause: str) -> None:
        """Refuse what does not fit its companions, unless the kind's own rules have said so already.

        Raises :class:`~domain.kernel.errors.RuleBroken`.
        """
        self._as_its_origin(command, case, clause)
        if (said := said_by(command)) is not None:
            with at_value():
                if not isinstance(said, HouseholdNamed):  # its home comes with it
                    self._fitting_home(said, case, clause)
            return
        found = self._found(command)
        whose = getattr(case, "household", None)
        if whose and getattr(command, "home", None) is not None and not hasattr(command, "household"):
            mine = self._these({whose})  # the home is named anew: it is still the home of whose matter it is
            found |= {("household", case_id): referred for case_id, referred in mine.items()}
        refusal = misfit(command, case, found, clause)
        if refusal is not None:
            raise refusal

    def _as_its_origin(self, command: Command, case: Any, clause: str) -> None:
        """What came from another matter is whose that one is: until it was done, that one is corrected."""
        if not isinstance(command, CorrectEntry) or command.field not in WHERE or case.stays_behind():
            return
        origin: str | None = getattr(case, "origin_id", None) or getattr(case, "of_case", None)
        says = getattr(self._these({origin}).get(origin), command.field, None) if origin else None
        if says and not same(says, command.value):
            zh = f"与来源事项不符：请更正来源事项「{origin}」，本件随之更正"
            en = f"the matter that it came from says otherwise: correct {origin}, and this goes with it"
            raise RuleBroken("reference-misfit", clause, zh=zh, en=en, field="value")

    def _fitting_home(self, said: Command, case: Any, clause: str) -> None:
        try:
            self.fitting(said, case, clause)
        except RuleBroken as refused:
            if "household" not in type(case).CORRECTS:
                raise
            zh = "该房屋不是本件住户的：请更正住户，房号随之更正"
            en = "that is not its household's home: correct the household, and the home goes with it"
            raise RuleBroken(refused.code, clause, zh=zh, en=en, field=refused.field) from None

    def waived(self, command: Command) -> list[str]:
        """What would have been refused of an imported history's command."""
        wanted = {case_id for _, _, case_id in references(command)}
        lacking = {each for each in wanted if each not in self._cases or self._cases[each].case is None}
        if lacking:
            lacking -= self._known.of(self._office, lacking, self._read).keys()
        return ["related-unknown"] if lacking else []

    def _found(self, command: Command) -> dict[tuple[str, str], Referred]:
        wanted = [(field, case_id) for field, _, case_id in references(command)]
        if not wanted:
            return {}
        known = self._these({case_id for _, case_id in wanted})
        return {(field, case_id): known[case_id] for field, case_id in wanted if case_id in known}

    def _these(self, case_ids: set[str]) -> Mapping[str, Referred]:
        self._open_mended(case_ids)
        drafted = {each: self._cases[each].case for each in case_ids if each in self._cases}
        found = {each: _referred(each, case) for each, case in drafted.items() if case is not None}
        rest = case_ids - found.keys()
        return found | (self._known.of(self._office, rest, self._read) if rest else {})

    def _read(self, case_ids: set[str]) -> dict[str, Referred]:
        return {fact.case_id: _referred(fact.case_id, fact.event) for fact in self._look_up(sorted(case_ids))}

    def _open_mended(self, case_ids: set[str]) -> None:
        """Read whole what stands otherwise than it was opened; what may have been withdrawn may be open again, rightly."""
        ask = {each for each in case_ids if each not in self._cases and each not in self._asked}
        self._asked |= ask
        for case_id in self._look_up_mended(sorted(ask)) if ask else ():
            self._cases.get(case_id)

    def _standing(self, found: Mapping[tuple[str, str], Referred], clause: str) -> None:
        """What was withdrawn as mistaken, or merged into another, is referred to no more."""
        for field, case_id in found:
            case = self._cases[case_id].case if case_id in self._cases else None
            if case is not None and case.set_aside is not None:
                raise related_set_aside(field, clause)

    def _bears(self, command: Command, home: str) -> bool:
        return type(command).__name__ in BEARS_HOME or self._look_up_home(home)


def mended_cases(book: Book, case_ids: list[str]) -> list[str]:
    """Those of these cases of which the book says, at one time or another, what :data:`LookUpMended` asks."""
    rows = book.connection.execute(_MENDED, {"office": book.office, "cases": case_ids})
    return [row[0] for row in rows]


def on_the_roster(book: Book, home: str) -> bool:
    """Whether a household, a vacant home or a move-in of the office bears this home, now or at any time before."""
    row = book.connection.execute(f"select {_BEARS}", {"office": book.office, "home": home}).fetchone()
    return row is not None and bool(row[0])


def check_kinds(command: Command, named: Mapping[str, str]) -> Mapping[str, str]:
    """What a decision reads besides its own case, as it is named. Raises NotFound, with the field, for what no case can be called."""
    for case_id in named.values():
        if case_id.partition("-")[0] not in BY_KIND:
            raise not_there(command, case_id)
    return named
