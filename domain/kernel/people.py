"""Who acts: roles 角色 as the handbook names them, and the actor 经办人 of one command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.kernel.words import choice_names

__all__ = ["HANDBOOK_ROLES", "Actor", "Role"]


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

    @property
    def zh(self) -> str:
        """The Chinese name that people read."""
        return choice_names(self)[0]

    @property
    def is_person(self) -> bool:
        """Whether a person can hold this role; the clock, the policies and the importer are the program itself."""
        return self not in (Role.CLOCK, Role.POLICY, Role.IMPORTER)


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
    """One who gives a command: ``user_id`` never names a person in clear, ``role`` is what he acts as."""

    user_id: str
    role: Role
