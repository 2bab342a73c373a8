"""On to the next 接着办下一件: after one task is done, the next of one's own is there, for whoever wants it so.

The choice is kept in a cookie. The queue is that of Today, in its order: one goes on behind what was done, and begins
anew at its end; a task that nobody acts on by a form of this console, or that is of the same case, is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from api.console.errors import HOME
from api.console.own_pages import acted_at
from api.console.page import first
from api.console.today import act_of
from api.console.values import Values
from api.routes.deadlines import Due
from api.routes.tasks import tasks_of

if TYPE_CHECKING:
    from api.console.page import Page
    from domain.kernel.fact import Command

__all__ = ["Following", "following", "forgotten", "is_wanted", "led_on"]

_ONWARD: Final = "onward"
"""The box of a form; beside it ``queue`` says by when what is done there was owed."""
_QUEUE: Final = "queue"
_COOKIE: Final = "wuye_onward"
_YEAR: Final = 365 * 24 * 60 * 60
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Following:
    """The next task of whoever asks."""

    href: str
    text: str
    title: str


def is_wanted(page: Page) -> bool:
    """Whether this person wants to be led on: as the form that was refused says, else as it was chosen last."""
    if any(name == _QUEUE for name, _ in page.form):
        return bool(first(page.form, _ONWARD))
    return page.request.cookies.get(_COOKIE) == "1"


def following(page: Page, case_id: str, owed_at: str = "", **said: Any) -> Following | None:
    """The next task of one's own behind what was owed on this case by then; ``said`` is added to its address."""
    for task, act in _behind(list(_mine(page, case_id)), case_id, owed_at):
        values = Values(page)
        values.expect([task["case_id"]])
        title = values.titles.of(task["case_id"])
        return Following(
            _with(acted_at(page, act, task["case_id"]), said), page.begins(task["zh"], task["en"]), title.whole
        )
    return None


def led_on(page: Page, case_id: str, number: int) -> Response | None:
    """To the next task, if the form says so, which is remembered; None where it does not."""
    if not first(page.form, _ONWARD):
        return None
    said = {"done": number, "after": case_id}
    found = following(page, case_id, first(page.form, _QUEUE), **said)
    answer = RedirectResponse(found.href if found is not None else page.at("today", of="me", **said), 303)
    answer.set_cookie(_COOKIE, "1", max_age=_YEAR, samesite="lax", httponly=True, path=HOME)
    return answer


def forgotten(page: Page, answer: Response) -> Response:
    """The same answer; whoever left the box empty is led on no more."""
    if any(name == _QUEUE for name, _ in page.form) and _COOKIE in page.request.cookies:
        answer.delete_cookie(_COOKIE, path=HOME)
    return answer


def _mine(page: Page, case_id: str) -> Iterator[tuple[dict[str, Any], type[Command]]]:
    """What is mine and may be acted on, overdue or due within the week, in the order of its dates."""
    for due in (Due.OVERDUE, Due.THIS_WEEK):
        for task in tasks_of(page.context, [page.office], due, None, None, _MOST, mine=page.identity)[0]:
            if task["case_id"] != case_id and (act := act_of(page, task)) is not None:
                yield task, act


def _behind(
    tasks: list[tuple[dict[str, Any], type[Command]]], case_id: str, owed_at: str
) -> list[tuple[dict[str, Any], type[Command]]]:
    """The tasks from that behind this one on, then those before it."""
    try:
        place = datetime.fromisoformat(owed_at), case_id
    except ValueError:
        return tasks
    if place[0].tzinfo is None:
        return tasks
    later = [each for each in tasks if (each[0]["due_at"], each[0]["case_id"]) > place]
    return [*later, *(each for each in tasks if each not in later)]


def _with(address: str, said: dict[str, Any]) -> str:
    """An address that says more, before the place on its page."""
    path, mark, place = address.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{urlencode(said)}{mark}{place}" if said else address
