"""Proposals as orders: which command, which case, which role. Here the importer meets the lifecycles."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any, Final, NoReturn

import msgspec

from domain.cases import BY_PATH, COMMAND_OF
from domain.kernel.errors import Malformed, Refusal
from domain.kernel.fact import COMMANDS, Command
from domain.kernel.lifecycle.ask import Lifecycle
from domain.kernel.names import as_called_now
from domain.kernel.people import Actor, Role
from journal.ids import derived_id
from workflows.engine.request import CommandRequest
from workflows.importing.document import MappingInvalid
from workflows.importing.expressions import CaseLink, Reference
from workflows.importing.interpret import ProposedFact
from workflows.importing.mapping import Mapping
from workflows.importing.problems import Problem
from workflows.importing.rules import FactRule, Opens

__all__ = ["Orders"]

_PLACE: Final = re.compile(r"`\$\.(\w+)")
_LONGEST_TEXT: Final = 600
"""Characters of a text that stands open in a register: it may be indexed, and an index entry has at most 2,704 bytes."""


class Orders:
    """What a mapping's proposals are in this office. Raises :class:`MappingInvalid` for what no lifecycle knows."""

    def __init__(self, mapping: Mapping, office: str, now: datetime) -> None:
        """Check every fact rule of the mapping against the command it names."""
        self._mapping = mapping.name
        self._office = office
        self.now = now
        self._user = f"import:{mapping.name}"
        self._roles: dict[tuple[str, type[Command]], Actor] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self.pursues = {"bills", "debt-cases"} <= {target.kind for target in mapping.targets.values()}
        """Whether the mapping tells of bills and of who pursues them."""
        for s, step in enumerate(mapping.steps):
            for f, rule in enumerate(step.facts):
                _check(mapping, rule, f"step[{s}].facts[{f}]")
                for name, expression in as_called_now(COMMANDS[rule.do], rule.fields).items():
                    if isinstance(expression, Reference):
                        label = mapping.columns[expression.columns[0]].label
                        self._labels.setdefault((rule.do, name), label)

    def case_id(self, kind_path: str, source_id: str) -> str:
        """The id that this source case always has in this office: a resumed import finds it again."""
        return derived_id(BY_PATH[kind_path].kind, "import", self._office, self._mapping, kind_path, source_id)

    def order(self, fact: ProposedFact, case_id: str, state: str) -> CommandRequest:
        """The order that the proposal asks for of a case in this state.

        Raises :class:`~domain.kernel.errors.Malformed` for unusable fields.
        """
        command = COMMANDS[fact.command_or_event]
        return CommandRequest(
            office=self._office,
            command=self._command(command, fact.fields),
            actor=self._actor(command, state),
            now=self.now,
            case_id=case_id,
            occurred_at=fact.occurred_at,
            source_id=fact.source_id if fact.opens else None,
            imported=True,
            term=fact.term or None,
            line=fact.line,
        )

    def _command(self, command: type[Command], said: Table[str, object]) -> Command:
        given, links = as_called_now(command, said), dict[str, str]()
        for name, value in given.items():
            if value.__class__ is CaseLink:
                links[name] = self.case_id(value.kind_path, value)
            elif value.__class__ is str and len(value) > _LONGEST_TEXT and name not in command.PERSONAL:
                raise Malformed(
                    "text-too-long",
                    None,
                    zh=f"文本过长（至多{_LONGEST_TEXT}字）",
                    en=f"the text is too long (at most {_LONGEST_TEXT} characters)",
                    field=name,
                )
        try:
            return msgspec.convert({**given, **links} if links else given, command)
        except msgspec.ValidationError as error:
            place = _PLACE.search(str(error))
            raise Malformed(
                "field-unusable",
                None,
                zh=f"「{command.ZH}」不能接受此值：{error}",
                en=f"“{command.EN}” cannot take this value: {error}",
                field=place[1] if place else None,
            ) from None

    def _actor(self, command: type[Command], state: str) -> Actor:
        """Whoever the table lets give this command in this state: the importer where only it may, else the first person."""
        found = self._roles.get((state, command))
        if found is None:
            life = COMMAND_OF[command]
            rows = life.open_to(state, command) or [row for row in life.steps if row.command is command]
            acting = next((role for row in rows for role in row.who if _may_import(role)), Role.IMPORTER)
            found = self._roles[state, command] = Actor(self._user, acting)
        return found

    def problem(self, refusal: Refusal, fact: ProposedFact, case: str) -> Problem:
        """What the book would not take, at its line and, where one field is at fault, its column."""
        field = refusal.field or ""
        told = COMMANDS[fact.command_or_event]
        value = as_called_now(told, fact.fields).get(field)
        clause = refusal.clause
        return Problem(
            fact.line,
            self._labels.get((fact.command_or_event, field), field),
            "" if value is None else str(value),
            refusal.code,
            zh=f"「{told.ZH}」：{refusal.zh}" + (f"（依据 {clause}）" if clause else ""),
            en=f"“{told.EN}”: {refusal.en}" + (f" (clause {clause})" if clause else ""),
            case=case,
        )


def _check(mapping: Mapping, rule: FactRule, place: str) -> None:
    kind = mapping.targets[rule.of].kind
    life = BY_PATH.get(kind)
    if life is None:
        known = "、".join(BY_PATH)
        _wrong(
            f"target.{rule.of}.kind", f"没有「{kind}」这类事项（有：{known}）", f"no kind of case is called “{kind}”"
        )
    command = COMMANDS.get(rule.do)
    if command is None or COMMAND_OF.get(command) is not life:
        known = "、".join(c.__name__ for c in life.commands)
        _wrong(f"{place}.do", f"{life.zh}没有指令「{rule.do}」（有：{known}）", f"a {life.en} knows no “{rule.do}”")
    _check_fields(command, rule, place)
    for state in rule.states:
        if state not in life.states:
            known = "、".join(life.states)
            _wrong(
                f"{place}.in_state",
                f"{life.zh}没有状态「{state}」（有：{known}）",
                f"a {life.en} has no state “{state}”",
            )
    _check_may_be_given(life, command, rule, place)


def _check_fields(command: type[Command], rule: FactRule, place: str) -> None:
    known: dict[str, Any] = {each.name: each for each in fields(command)}  # type: ignore[arg-type]
    said = as_called_now(command, rule.fields)
    for name in said:
        if name not in known:
            names = "、".join(known)
            _wrong(
                f"{place}.with.{name}",
                f"「{command.ZH}」没有字段「{name}」（有：{names}）",
                f"“{command.EN}” has no field “{name}” (it has: {', '.join(known)})",
            )
    for name, each in known.items():
        if name not in said and each.default is MISSING and each.default_factory is MISSING:
            _wrong(f"{place}.with", f"「{command.ZH}」缺少字段「{name}」", f"“{command.EN}” needs the field “{name}”")


def _check_may_be_given(life: Lifecycle[Any], command: type[Command], rule: FactRule, place: str) -> None:
    if rule.opens is not Opens.NO and not life.open_to("", command):
        _wrong(f"{place}.opens", f"「{command.ZH}」不能立案", f"“{command.EN}” does not open a case")
    if not any(_may_import(role) for row in life.steps if row.command is command for role in row.who):
        _wrong(f"{place}.do", f"「{command.ZH}」只由程序办理", f"“{command.EN}” is given by the program alone")


def _may_import(role: Role) -> bool:
    """A history says what people say, and what only histories say; not what the clock and the policies do."""
    return role.is_person or role is Role.IMPORTER


def _wrong(place: str, zh: str, en: str) -> NoReturn:
    raise MappingInvalid("mapping-invalid", None, zh=f"映射 {place}：{zh}", en=f"mapping, {place}: {en}", field=place)
