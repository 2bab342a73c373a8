"""Who acts: roles 角色 as the handbook names them, and the actor 经办人 of one command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from domain.kernel.spelling import canonical
from domain.kernel.words import choice_names

__all__ = [
    "HANDBOOK_ROLES",
    "KNOWN_ROLES",
    "OUTSIDER",
    "SEALED",
    "Actor",
    "Role",
    "is_sealed",
    "outsider",
    "person_key",
]

OUTSIDER: Final = "外:"
"""How a name begins that is nobody's of the office 外部人员."""
_OUTSIDER_EN: Final = "outsider:"
SEALED: Final = "wuye:sealed:1:"
"""How a value begins that stands in the book sealed: whoever decides knows that there is one, and not what it says."""


class Role(StrEnum):
    """A role in one office 管理处. The value is what the book stores for ever."""

    ADMINISTRATOR = "administrator"  # 管理员
    ASSISTANT = "assistant"  # 管理处助理
    DUTY_OFFICER = "duty-officer"  # 当班者
    DEPARTMENT_HEAD = "department-head"  # 部门负责人
    MANAGER = "manager"  # 管理处经理 / 主任
    COMPANY = "company"  # 公司审批人
    AUDITOR = "auditor"  # 审计: reads everything, changes nothing
    SYSTEM_ADMINISTRATOR = "system-administrator"  # 系统管理员: accounts and offices, no case data
    CLOCK = "clock"  # 时钟: gives the command of a deadline that has passed
    POLICY = "policy"  # 规程: gives the consequence that the handbook prescribes
    IMPORTER = "importer"  # 历史导入: says of another system's past what people here never say themselves
    RESIDENT = "resident"  # 住户: says by a link what only the resident can say, and is nobody's account

    @property
    def zh(self) -> str:
        """The Chinese name that people read."""
        return choice_names(self)[0]

    is_person: bool
    """Whether an account can hold this role: the clock, the policies and the importer are the program itself, and
    residents have no account. Said once, since every command asks for it several times.
    """


_NO_PEOPLE: Final = (Role.CLOCK, Role.POLICY, Role.IMPORTER, Role.RESIDENT)
for _role in Role:
    _role.is_person = _role not in _NO_PEOPLE

KNOWN_ROLES: Final = frozenset(role.value for role in Role)
"""By their words: a newer version may have given others."""
HANDBOOK_ROLES = (
    Role.ADMINISTRATOR,
    Role.ASSISTANT,
    Role.DUTY_OFFICER,
    Role.DEPARTMENT_HEAD,
    Role.MANAGER,
    Role.COMPANY,
)
"""The roles that give commands on cases, in the handbook's order."""


@dataclass(frozen=True, slots=True)
class Actor:
    """One who gives a command: ``user_id`` never names a person in clear, ``role`` is what he acts as.

    ``known_as`` are the other names by which he may stand in the book, as they are compared: his log-in, his display name.
    """

    user_id: str
    role: Role
    known_as: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    def is_any(self, whose: Iterable[str]) -> bool:
        """Whether one of these, as the book names people, is he: persons are compared, never texts."""
        keys = set(map(person_key, whose))
        return person_key(self.user_id) in keys or not keys.isdisjoint(self.known_as)


def person_key(text: str) -> str:
    """By what two spellings of a person are compared; one who is marked as an outsider is compared like any other."""
    return canonical(text).removeprefix(OUTSIDER).removeprefix(_OUTSIDER_EN).strip()


def outsider(text: str) -> str | None:
    """The name of somebody from outside, marked so for the book; None for a name that is not marked."""
    said = text.strip().replace("：", ":")
    for mark in (OUTSIDER, _OUTSIDER_EN):
        if said.lower().startswith(mark) and canonical(said[len(mark) :]):
            return f"{OUTSIDER}{said[len(mark) :].strip()}"
    return None


def is_sealed(text: object) -> bool:
    """Whether a name stands in the book sealed: an outsider's, who is nobody that this office could give work to."""
    return isinstance(text, str) and text.startswith(SEALED)
