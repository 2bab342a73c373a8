"""What the making of a page has at hand 页面: who asks, in which office, in which language, and at what time there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.routing import Route

from api.console.errors import HOME
from api.console.people import People
from api.console.rendering import html
from api.console.static_files import StaticFiles
from api.console.text import Language, begins, cited, language_of, says, theme_of
from api.http.authentication import who
from api.http.context import ApiContext, Reader
from api.http.multipart import KIND as MULTIPART
from api.http.multipart import Upload, parts
from api.identity import Identity
from api.routes.command_route import Give
from domain.kernel.errors import Malformed
from domain.kernel.people import Role

if TYPE_CHECKING:
    import psycopg
    from starlette.requests import Request

__all__ = ["Form", "Kit", "Make", "Page", "first", "office_page", "route", "sent"]

_WRITTEN: Final = (
    "select number from wuye.facts where office = %s and name <> 'PersonalDataRead' order by number desc limit 1"
)

_MOST_FIELDS: Final = 5_000
"""Of a form: the largest has a line for each key of a cabinet."""

Form = list[tuple[str, str]]
"""What a form sent: names may stand more than once."""


@dataclass
class Kit:
    """What all pages share."""

    context: ApiContext
    files: StaticFiles
    people: People
    givers: dict[str, Give] = field(default_factory=dict)
    """How the API gives each command, made when a form first wants it."""
    _kept: dict[Any, Any] = field(default_factory=dict)
    _kept_of: Any = None

    @property
    def kept(self) -> dict[Any, Any]:
        """What pages need not ask for again; nothing of it outlives the connection that it was read by."""
        if self._kept_of is not self.context.connect:
            self._kept, self._kept_of = {}, self.context.connect
        return self._kept

    def office_name(self, office: str) -> str:
        """What an office is called: it keeps its name."""
        return self._office(office)[0]

    def is_simulated(self, office: str) -> bool:
        """Whether an office is one to practise in, with a clock of its own."""
        return self._office(office)[1]

    def _office(self, office: str) -> tuple[str, bool]:
        if ("office", office) not in self.kept:
            case = self.context.handler.case(office, f"office-{office}")
            self.kept["office", office] = (case.name, case.simulated)
        known: tuple[str, bool] = self.kept["office", office]
        return known


@dataclass
class Page:
    """One page being made."""

    kit: Kit
    request: Request
    form: Form
    files: dict[str, Upload]
    office: str = ""
    roles: tuple[Role, ...] = ()
    moment: datetime | None = None
    began: datetime | None = None
    """When what a form is about began, for times that are written in whole minutes."""

    @property
    def context(self) -> ApiContext:
        """The API's context: pages read and write by the same ways."""
        return self.kit.context

    @property
    def identity(self) -> Identity:
        """Who asks."""
        return who(self.request.scope)

    @cached_property
    def lang(self) -> Language:
        """The page's language."""
        return language_of(self.request.headers.get("cookie", ""))

    def t(self, zh: str, en: str) -> str:
        """In the page's language."""
        return says(self.lang, zh, en)

    def begins(self, zh: str, en: str) -> str:
        """In the page's language, at the beginning of a line."""
        return begins(self.lang, zh, en)

    @property
    def now(self) -> datetime:
        """What time it is in the office."""
        assert self.moment is not None
        return self.moment

    @property
    def reader(self) -> Reader:
        """Whoever asks, as a reader of the office."""
        return Reader(self.context, self.identity, self.office, self.roles)

    def connect(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A connection for one transaction that sees the page's office alone."""
        return self.context.within(self.office)

    @cached_property
    def written(self) -> int:
        """The last page of the office's book that changes a figure or a task: who reads writes one, and changes none."""
        with self.connect() as connection:
            row = connection.execute(_WRITTEN, [self.office]).fetchone()
        return int(row[0]) if row is not None else 0

    @property
    def is_part(self) -> bool:
        """Whether a script asks for a part of a page; going back in the history wants the whole."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-history-restore-request" not in headers

    def query(self, name: str) -> str:
        """A parameter of the address, or nothing."""
        return self.request.query_params.get(name, "").strip()

    def day(self, name: str) -> date | None:
        """A day of the address; None for what cannot be read as a day."""
        try:
            return date.fromisoformat(self.query(name))
        except ValueError:
            return None

    def register_name(self, word: str) -> str:
        """What was read or handed out: a register's or a kind's name, with what of it."""
        path, _, part = word.partition("/")
        name, _, form = path.partition(".")
        register = self.context.registers.by_name.get(name)
        if register is None:
            return self.t("查找", "search") if name == "search" else word
        parts = {
            "facts": ("的记录", ", facts"),
            "export": ("的导出", ", export"),
            "documents": ("的资料", ", documents"),
        }
        more = self.t(*parts[part]) if part in parts else ""
        return f"{self.t(register.zh, register.en)}{more}{f' {form}' if form else ''}"

    def at(self, *words: str, **query: Any) -> str:
        """An address of the console in this office."""
        path = "/".join((HOME, quote(self.office, safe=""), *(quote(word, safe="") for word in words)))
        asked = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{path}?{urlencode(asked)}" if asked else path

    def here(self, **changed: Any) -> str:
        """This page's address with some parameters changed; None takes one away."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name not in changed]
        added = [(name, value) for name, value in changed.items() if value not in (None, "")]
        path: str = self.request.url.path
        return f"{path}?{urlencode([*kept, *added])}" if kept or added else path

    def show(self, template: str, status: int = 200, *, framed: bool = True, **values: Any) -> Response:
        """The page as it is sent; ``framed`` with what stands around every page of an office."""
        from api.console.navigation import frame  # noqa: PLC0415 -- it asks pages for addresses

        common = {
            "page": self,
            "t": self.t,
            "cites": partial(cited, self.lang),
            "lang": self.lang,
            "theme": theme_of(self.request.headers.get("cookie", "")),
            "asset": self.kit.files.address,
            "at": self.at,
        }
        around = {"frame": frame(self)} if framed and self.office and not self.is_part else {}
        return html(template, {**common, **around, **values}, status)


Make = Callable[[Page], Response]


def route(kit: Kit, path: str, make: Make, methods: tuple[str, ...] = ("GET",)) -> Route:
    """A page of no office."""

    async def endpoint(request: Request) -> Response:
        form, files = await sent(request)
        return await run_sync(lambda: make(Page(kit, request, form, files)))

    return Route(path, endpoint, methods=list(methods))


def office_page(kit: Kit, path: str, make: Make, methods: tuple[str, ...] = ("GET",)) -> Route:
    """A page of an office: whoever has no role there finds nothing, as through the API."""

    def made(request: Request, form: Form, files: dict[str, Upload]) -> Response:
        office = request.path_params["office"]
        roles = kit.context.roles(request, office)
        return make(Page(kit, request, form, files, office, roles, kit.context.time_in(office)))

    async def endpoint(request: Request) -> Response:
        form, files = await sent(request)
        return await run_sync(lambda: made(request, form, files))

    return Route("/{office}" + path, endpoint, methods=list(methods))


async def sent(request: Request) -> tuple[Form, dict[str, Upload]]:
    """What a form says, and the files that came with it. Raises Malformed for one of more fields than any of ours has."""
    if request.method != "POST":
        return [], {}
    body, kind = await request.body(), request.headers.get("content-type", "")
    if kind.startswith(MULTIPART):
        return parts(kind, body)
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS), {}
    except ValueError as many:
        raise Malformed("too-many-fields", None, zh="表单字段过多", en="the form has too many fields") from many


def first(form: Form, name: str) -> str:
    """The first value of a name in a form, or nothing."""
    return next((value for each, value in form if each == name), "")
