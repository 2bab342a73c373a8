"""References 引用: what a command refers to exists in the office, is of the right kind and fits its companions (§9).

Which fields refer, to what, and what of it has to fit, is said here once, by the word that a field is called. Whoever
carries a command out looks the cases up and asks these rules; imported histories are excused, and that is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from domain.kernel.errors import NotFound, RuleBroken
from domain.kernel.fact import Command
from domain.kernel.record import restated
from domain.kernel.spelling import same

__all__ = [
    "BEARS_HOME",
    "REFERENCES",
    "Reference",
    "Referred",
    "completed",
    "misfit",
    "references",
    "refers",
    "related_set_aside",
    "unknown",
    "unknown_home",
]


@dataclass(frozen=True, slots=True)
class Reference:
    """To what a field refers: a kind of case, None: of any kind; and what of it is the same as in its companions."""

    kind: str | None
    fits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """What a case that is referred to is known by: it was said when the case was opened, unless it was corrected since."""

    kind: str
    home: str | None = None
    household: str | None = None
    vacant_home: str | None = None


_HOUSEHOLD: Final = Reference("household", ("home",))
_ANY: Final = Reference(None)

REFERENCES: Final[Mapping[str, Reference]] = {
    "household": _HOUSEHOLD,
    "households": Reference("household"),
    "respondent": Reference("household"),
    "vacant_home": Reference("vacant_home", ("home",)),
    "move_in": Reference("move_in", ("home",)),
    "renovation": Reference("renovation", ("home",)),
    "loan": Reference("key_loan", ("home", "vacant_home")),
    "bill": Reference("bill", ("household",)),
    "bills": Reference("bill", ("household",)),
    "weights": Reference("household"),
    "claims": Reference("bill", ("household",)),
    "service_item": Reference("service_item"),
    "statement": Reference("bank_statement"),
    "bank_line": Reference("bank_line"),
    "payment": Reference("payment"),
    "found_payment": Reference("payment"),
    "patrol_route": Reference("patrol_route"),
    "complaint": Reference("complaint"),
    "follow_up": Reference("follow_up"),
    "review": Reference("quarterly_review"),
    "origin_id": Reference(None, ("home", "household")),
    "of_case": _ANY,
    "case": _ANY,
    "cases": _ANY,
}
"""The fields that refer to cases in every command. Where the program alone fills one in, nobody else may (``told_origin``)."""

BEARS_HOME: Final = frozenset({"OpenHousehold", "TakeOverHome", "ApplyForMoveIn"})
"""The commands by which a home comes onto the roster 房屋名册: somebody lives there, or moves in, or it is kept empty."""

_LIVES_THERE: Final = frozenset(
    {"RegisterComplaint", "RaiseRepairOrder", "OrderService", "SignServiceContract", "IssueBill"}
)
"""What a household asks for, or owes, is about the home in which it lives, unless another place is named."""
_FOUND: Final[dict[type, tuple[str, ...]]] = {}


def _referring(command: type[Command]) -> tuple[str, ...]:
    """The fields of a command that refer to cases."""
    names = _FOUND.get(command)
    if names is None:
        borne = (each.name for each in fields(command))  # type: ignore[arg-type]
        names = _FOUND[command] = tuple(name for name in borne if name in REFERENCES)
    return names


def refers(command: type[Command]) -> bool:
    """Whether commands of this class can refer to a case, or to a home that has to be on the roster."""
    return bool(_referring(command)) or any(each.name == "home" for each in fields(command))  # type: ignore[arg-type]


def references(command: Command) -> Iterator[tuple[str, Reference, str]]:
    """What a command refers to: field, to what, the id of the case."""
    for name in _referring(type(command)):
        value = getattr(command, name)
        for each in value if isinstance(value, tuple) else (value,):
            case_id = _named_by(each)
            if case_id is not None:
                yield name, REFERENCES[name], case_id


def _named_by(value: Any) -> str | None:
    """A line of what is claimed names its bill, a home's share of a cost the household that pays it.

    A number is none: the third payment on a bill is no case of its own.
    """
    if isinstance(value, str):
        return value
    if not is_dataclass(value):
        return None
    return getattr(value, "bill", None) or getattr(value, "household", None)


def unknown(field: str, reference: Reference, clause: str) -> NotFound:
    """There is no such case in the office, or it is of another kind."""
    kind = "" if reference.kind is None else f"{reference.kind.replace('_', ' ')} "
    zh, en = "本管理处没有所引用的这一件", f"the office has no such {kind or 'case '}to refer to"
    return NotFound("related-unknown", clause, zh=zh, en=en, field=field)


def not_there(command: Command, case_id: str) -> NotFound:
    """A decision reads a case that there is not, or that no case can be called."""
    zh, en = "所引用的事项不存在", "the case referred to does not exist"
    return NotFound("related-unknown", None, zh=zh, en=en, field=named_in(command, case_id))


def named_in(command: Command, case_id: str) -> str | None:
    """The field in which a command names a case, itself or in a line of it; None where something else led to it."""
    said = (each.name for each in fields(command) if _says(getattr(command, each.name), case_id))  # type: ignore[arg-type]
    return next(said, None)


def _says(value: Any, case_id: str) -> bool:
    if isinstance(value, tuple):
        return any(_says(each, case_id) for each in value)
    if is_dataclass(value):
        return any(_says(getattr(value, each.name), case_id) for each in fields(value))
    return bool(value == case_id)


def related_set_aside(field: str | None = None, clause: str | None = None) -> RuleBroken:
    """What is referred to should not have been entered, or was entered twice."""
    zh, en = "所引用的事项已撤销或已并入他件", "the case referred to was withdrawn or merged into another"
    return RuleBroken("related-set-aside", clause, zh=zh, en=en, field=field)


def unknown_home(clause: str) -> RuleBroken:
    """The roster of homes is complete and does not have this one."""
    zh = "房屋名册中没有此房号：请核对，或先建立住户档案、接管空房或办理入住"
    en = "no such home in the roster: check the number, or open its household, take it over or apply for its move-in first"
    return RuleBroken("home-unknown", clause, zh=zh, en=en, field="home")


def misfit(command: Command, case: Any, found: Mapping[tuple[str, str], Referred], clause: str) -> RuleBroken | None:
    """Why what a command refers to does not fit together: a home is the household's, a bill its own.

    ``found`` has every case that the command refers to, by field and id; ``case`` is the one that it is given to.
    """
    known: dict[str, str] = {}
    for field, what, value in _said(command, case, found):
        if not same(known.setdefault(what, value), value):
            zh, en = "所引用的事项与本件的房屋、住户不符", "what is referred to is of another home or household"
            return RuleBroken("reference-misfit", clause, zh=zh, en=en, field=field)
    return None


def _said(command: Command, case: Any, found: Mapping[tuple[str, str], Referred]) -> Iterator[tuple[str, str, str]]:
    """What is said of home, household and vacant home: by which field, of what, and what."""
    own = {what: getattr(command, what, None) for what in ("home", "household")}
    if case is not None:
        # A command that names the home or the household anew speaks for the case.
        said = {what: own[what] or getattr(case, what, None) for what in own}
        said["vacant_home"] = case.id if case.id.startswith("vacant_home-") else None
    else:
        said = own
    yield from ((what, what, value) for what, value in said.items() if value)
    for (field, _), referred in found.items():
        for what in REFERENCES[field].fits:
            value = getattr(referred, what)
            if value is not None:
                yield field, what, value


def completed(command: Command, found: Mapping[tuple[str, str], Referred]) -> Command:
    """The command with the home of its household, where it speaks of the household alone."""
    if type(command).__name__ not in _LIVES_THERE or getattr(command, "common_area", None):
        return command
    household: str | None = getattr(command, "household", None)
    if household is None or getattr(command, "home", "") is not None:
        return command
    lives = found.get(("household", household))
    return restated(command, home=lives.home) if lives is not None and lives.home else command
