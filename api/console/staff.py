"""Who works here 人员: everybody who has a role in the office, whether he is there, and who stands in for him (§1).

Accounts and roles are a system administrator's business; that somebody is there, absent or gone is a case of the office.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from api.console.formatting import day
from api.console.page import Kit, Page, office_page
from api.console.people import role_name
from api.routes.actions import slug_of
from domain.kernel.people import HANDBOOK_ROLES, Role
from domain.office.staff import ABSENT, LIFECYCLE, EnrolStaff

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["routes"]

_ACCOUNTS: Final = """
select u.user_id, u.name, array_agg(distinct g.role)
  from wuye.users u join wuye.grants g using (user_id)
 where g.office in (%s, '*') and g.role <> %s and u.disabled_at is null
 group by u.user_id order by u.name limit 2000
"""
_STAFF: Final = """
select person, case_id, state, until, deputy from wuye.r_staff where office = %s and to_number is null
"""
_STATES: Final = {"active": "st-kept", "absent": "st-wait", "left": "st-file"}
_THERE: Final = frozenset(role.value for role in HANDBOOK_ROLES if role is not Role.COMPANY)
"""Who is there day by day; the company and the auditors look in from outside."""
_ORDER: Final = {role.value: number for number, role in enumerate(Role, 1)}
"""Roles that this version does not know are not among them: a newer one has given them."""


def routes(kit: Kit) -> list[Route]:
    """One page."""
    return [office_page(kit, "/people", _people)]


def _people(page: Page) -> Response:
    with page.connect() as connection:
        accounts = connection.execute(_ACCOUNTS, [page.office, Role.SYSTEM_ADMINISTRATOR.value]).fetchall()
        staff = {row[0]: row[1:] for row in connection.execute(_STAFF, [page.office]).fetchall()}
    enrols = {role for row in LIFECYCLE.steps if row.command is EnrolStaff for role in row.who}
    return page.show(
        "people.html",
        rows=[
            _row(
                page,
                user_id,
                name,
                sorted(filter(_ORDER.get, roles), key=lambda role: -_ORDER[role]),
                staff.get(user_id),
            )
            for user_id, name, roles in accounts
        ],
        may=not enrols.isdisjoint(page.roles),
        register=page.at("registers", LIFECYCLE.path),
    )


def _row(page: Page, user_id: str, name: str, roles: list[str], staff: tuple[Any, ...] | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "roles": page.t("、", ", ").join(role_name(Role(role), page.lang) for role in roles),
        "enrol": page.at("open", LIFECYCLE.path, slug_of(EnrolStaff), person=user_id),
        "enrols": not _THERE.isdisjoint(roles),
        "href": "",
        "deputy": "",
    }
    if staff is not None:
        case_id, state, until, deputy = staff
        row |= {
            "href": page.at("case", case_id),
            "state": page.t(*LIFECYCLE.states[state]) if state in LIFECYCLE.states else "",
            "css": _STATES.get(state, "st-none"),
            "deputy": page.kit.people.name(deputy, page.lang) if state == ABSENT and deputy else "",
            "until": day(until, page.lang, page.now) if state == ABSENT and until else "",
        }
    return row
