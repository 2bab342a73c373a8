"""Settings 设定 on a page: every number of the handbook with its clause, since when, within which bounds, and its changes."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response

from api.console.form_values import Written, read
from api.console.form_view import form_view
from api.console.formatting import day, instant, money
from api.console.page import Kit, Page, first, office_page
from api.routes.actions import act
from api.routes.settings import proposal_view, setting_views
from domain.handbook.settings import NONE, SETTINGS, Setting
from domain.kernel.calendar import local_date
from domain.kernel.errors import Malformed, NotFound, NotPermitted, Refusal
from domain.kernel.fact import Command
from domain.kernel.money import parse_yuan, yuan
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import ChangeSetting, ConfirmSettingChange, RefuseSettingChange

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["called", "origin", "routes", "setting_value"]

_UNITS: Final = {
    "days": ("天", "days"),
    "hours": ("小时", "hours"),
    "minutes": ("分钟", "minutes"),
    "months": ("个月", "months"),
    "years": ("年", "years"),
    "day": ("日", "(day of the month)"),
}
_READINGS: Final = {
    "homes": ("按套数", "by homes"),
    "end-of-day": ("当日终了", "at the end of the day"),
    "later-of-promised-and-dispatched": ("两者中较晚者", "the later of the two"),
    "counted": ("计入", "counted"),
    "completed-in-iso-week": ("上周完成的", "completed in the week before"),
    "calendar": ("日历天", "calendar days"),
    "working": ("工作日", "working days"),
    "none": ("不设", "not at all"),
    "told": ("事先告知", "told"),
    "asked": ("事先征询", "asked"),
    "stays": ("不顺延", "stays"),
    "moves": ("顺延", "moves on"),
    "same-household-and-category": ("同一住户、同一类别", "same household and category"),
    "same-home-and-fault": ("同一房屋、同一故障", "same home and fault"),
    "costs-penalty-principal": ("费用、违约金、本金", "costs, penalty, principal"),
    "principal-penalty-costs": ("本金、违约金、费用", "principal, penalty, costs"),
}
"""How the handbook's open sentences are read."""
_DECIDING: Final[dict[str, type[Command]]] = {"confirm": ConfirmSettingChange, "refuse": RefuseSettingChange}


def routes(kit: Kit) -> list[Route]:
    """All settings; one with its form; and the second person's word."""
    return [
        office_page(kit, "/settings", _all),
        office_page(kit, "/settings/{name}", _one, ("GET", "POST")),
        office_page(kit, "/settings/{name}/{word}", _decide, ("POST",)),
    ]


_BESIDE: Final = re.compile(r"（自定）|（公司规定）|，公司规定(?=）)|,? in fen| \((?:ours|the company's rule)\)")
_PER_CENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*[%％]")


_DAY: Final = re.compile(r"(\d{4})(?:-|, )(\d{1,2})(?:-|, )(\d{1,2})")
"""A day, as a value is written or as the program names it."""


def setting_value(page: Page, setting: Setting, value: Any) -> str:
    """A value with its unit, as people say it."""
    if setting.kind == "fraction":
        ratio = Fraction(str(value)) if not isinstance(value, Fraction) else value
        hundredths = ratio * 10_000
        if hundredths.denominator == 1:
            whole, rest = divmod(int(hundredths), 100)
            return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"
        return str(ratio)
    if setting.kind == "choice":
        pair = _READINGS.get(str(value))
        return page.t(*pair) if pair is not None else str(value)
    if setting.kind == "dates":
        days = (date(*map(int, each)) for each in _DAY.findall(str(value)))
        return page.t("、", ", ").join(day(each, page.lang, page.now) for each in days) or page.t("无", "none")
    if setting.kind == "text":
        return str(value) if value and value != NONE else page.t("无", "none")
    if setting.kind == "time":
        return str(value)[:5]
    if setting.kind == "amount":
        return money(int(value))
    unit = _UNITS.get(setting.kind)
    if unit is None:
        return str(value)
    return f"{value} {page.t(unit[0], unit[1].removesuffix('s') if str(value) == '1' else unit[1])}"


def _office(page: Page) -> Any:
    return page.context.handler.case(page.office, f"office-{page.office}")


def _all(page: Page) -> Response:
    case, today = _office(page), local_date(page.now)
    chapters: dict[str, list[dict[str, Any]]] = {}
    for view in setting_views(case.settings, today):
        setting = SETTINGS[view["name"]]
        chapter = view["clause"].partition(".")[0] if view["clause"][0].isdigit() else page.t("法律", "Law")
        chapters.setdefault(chapter, []).append(_row(page, setting, view))
    proposals = [_proposal(page, proposal_view(proposal)) for proposal in case.proposals.values()]
    chapters = dict(sorted(chapters.items(), key=lambda each: (not each[0].isdecimal(), each[0])))
    return page.show("settings.html", chapters=chapters, proposals=proposals, may=_may_change(page), done=_done(page))


def _row(page: Page, setting: Setting, view: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": called(page, setting),
        "origin": origin(page, setting),
        "value": setting_value(page, setting, view["value"]),
        "default": setting_value(page, setting, view["default"]),
        "changed": view["changed"],
        "since": _since(page, setting, view["valid_from"], changed=view["changed"]),
        "clause": view["clause"],
        "bounds": _bounds(page, setting, view),
        "two": view["needs_two"],
        "href": page.at("settings", setting.name),
    }


def _since(page: Page, setting: Setting, since: date, *, changed: bool) -> str:
    return day(since, page.lang, page.now) if changed else origin(page, setting)


def origin(page: Page, setting: Setting) -> str:
    """Who set a value that nobody has changed: the law, the handbook, or whoever made the program (自定)."""
    if not setting.clause[:1].isdecimal():
        return page.t("法律所定", "the law's own")
    if "公司规定" in setting.zh:
        return page.t("公司所定", "the company's rule")
    return page.t("程序所定", "ours") if "自定" in setting.zh else page.t("手册所定", "the handbook's own")


def called(page: Page, setting: Setting) -> str:
    """What it is called; whose it is and in what it is counted stands beside it."""
    zh = setting.zh.replace("（分/", "（元/").replace("（分，", "（")
    return page.begins(_BESIDE.sub("", zh), _BESIDE.sub("", setting.en))


def _bounds(page: Page, setting: Setting, view: dict[str, Any]) -> str:
    if view["minimum"] is None:
        return ""
    if setting.kind == "text":
        return page.t(f"至多 {view['maximum']} 字", f"{view['maximum']} characters at most")
    least, greatest = (setting_value(page, setting, view[end]) for end in ("minimum", "maximum"))
    return f"{least} – {greatest}"


def _proposal(page: Page, view: dict[str, Any]) -> dict[str, Any]:
    setting = SETTINGS[view["name"]]
    return {
        "number": view["number"],
        "name": called(page, setting),
        "value": setting_value(page, setting, view["value"]),
        "since": day(view["valid_from"], page.lang, page.now),
        "by": page.kit.people.name(view["proposed_by"], page.lang),
        "at": instant(view["proposed_at"], page.lang, page.now),
        "reason": view["reason"],
        "own": view["proposed_by"] == page.identity.user_id,
        "confirm": page.at("settings", view["name"], "confirm"),
        "refuse": page.at("settings", view["name"], "refuse"),
    }


def _may_change(page: Page) -> bool:
    return any(row.command is ChangeSetting and not set(row.who).isdisjoint(page.roles) for row in OFFICE.steps)


def _done(page: Page) -> str:
    return page.query("done") if page.query("done").isdecimal() else ""


# -- one -------------------------------------------------------------------------------------------------------------


def _setting(page: Page) -> Setting:
    setting = SETTINGS.get(page.request.path_params["name"])
    if setting is None:
        raise NotFound("setting-unknown", None, zh="没有这项设定", en="there is no such setting")
    return setting


def _one(page: Page) -> Response:
    setting = _setting(page)
    if page.request.method == "POST":
        return _change(page, setting)
    return _shown(page, setting)


def _shown(page: Page, setting: Setting, written: Written | None = None, refusal: Refusal | None = None) -> Response:
    case = _office(page)
    [view] = [each for each in setting_views(case.settings, local_date(page.now)) if each["name"] == setting.name]
    form = None
    if _may_change(page):
        known = {"name": setting.name, "value": _written(page, setting, view["value"])}
        form = form_view(
            page,
            ChangeSetting,
            view["clause"] if view["clause"][0].isdigit() else "1",
            page.at("settings", setting.name),
            written=written,
            known=known,
            version=case.version,
        )
        form.inputs = tuple(each for each in form.inputs if each.name != "name")
        form.may_be_late = False  # from when on it holds is asked for
        if refusal is not None:
            form.said, form.said_clause = page.t(refusal.zh, refusal.en), refusal.clause
    return page.show(
        "setting.html",
        200 if written is None else 409,
        row=_row(page, setting, view),
        form=form,
        history=[
            (
                setting_value(page, setting, each.before),
                setting_value(page, setting, each.value),
                day(each.valid_from, page.lang, page.now),
                instant(each.at, page.lang, page.now),
                each.reason,
                page.kit.people.name(each.requested_by, page.lang),
                page.kit.people.name(each.confirmed_by, page.lang) if each.confirmed_by else "",
            )
            for each in case.history
            if each.name == setting.name
        ],
        raw=_written(page, setting, view["value"]) or NONE,
        ground=page.t(view["ground_zh"] or "", view["ground_en"] or ""),
        done=_done(page),
    )


def _written(page: Page, setting: Setting, value: str) -> str:
    """A value as it is typed: a share in per cent, an amount in yuan, as everybody says it."""
    if setting.kind == "amount" and value:
        return yuan(int(value))
    said = setting_value(page, setting, value) if setting.kind == "fraction" and value else value
    return said if said.endswith("%") else value


def _plain(setting: Setting, value: str) -> str:
    """What was typed as the book takes it: 98 % is 0.98, ¥20.00 is 2000; anything else stays as it is, and is judged there."""
    if setting.kind == "amount":
        with suppress(Malformed):
            return str(parse_yuan(value.strip().lstrip("¥￥").replace("，", ",").strip()))
    found = _PER_CENT.fullmatch(value.strip()) if setting.kind == "fraction" else None
    return format(Decimal(found[1]).scaleb(-2), "f") if found is not None else value


def _change(page: Page, setting: Setting) -> Response:
    said = [(name, _plain(setting, value) if name == "value" else value) for name, value in page.form if name != "name"]
    form = [*said, ("name", setting.name)]
    written = read(page, ChangeSetting, form)
    if written.command is None:
        return _shown(page, setting, written)
    try:
        _give(page, ChangeSetting, written.command)
    except Refusal as refusal:
        return _shown(page, setting, written, refusal)
    return RedirectResponse(page.at("settings", setting.name, done=1), 303)


def _decide(page: Page) -> Response:
    """The second person's word; a refusal is shown as a page."""
    word = page.request.path_params["word"]
    command = _DECIDING.get(word)
    if command is None:
        raise NotFound("page-unknown", None, zh="没有这一页", en="there is no such page")
    written = read(page, command, page.form)
    if written.command is None:
        raise NotPermitted("role", None, zh="请说明理由", en="say why")
    _give(page, command, written.command)
    return RedirectResponse(page.at("settings", done=1), 303)


def _give(page: Page, command: type[Command], body: Command) -> None:
    give = act(page.context, OFFICE, command, status=200)
    key = first(page.form, "idempotency_key") or None
    give(page.request, page.office, f"office-{page.office}", body, None, key, None, None, None)
