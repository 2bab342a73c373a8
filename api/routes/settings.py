"""Settings 设定 in force, each with its clause and from when; changing one is a command like any other."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response

from api.http.context import Counter, json
from api.http.documents import ANSWER, answered, ref
from api.http.text import Day, tighten
from api.routes.actions import ActingRole, IdempotencyKey, IfMatch, act
from domain.handbook.settings import SETTINGS, Settings
from domain.kernel.calendar import local_date
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import ChangeSetting

__all__ = ["router", "setting_views"]


def router(counter: Counter) -> APIRouter:
    """Read and change."""
    made = APIRouter(tags=["settings"])
    tighten(ChangeSetting)
    give = act(counter, OFFICE, ChangeSetting, status=200)

    @made.get(
        "/settings",
        operation_id="settings",
        summary="现行设定及依据 / the settings in force, and what they rest on",
        responses=answered(ref("Settings")),
        response_model=None,
    )
    def settings(
        request: Request,
        office: Annotated[str | None, Query(description="缺省为手册的默认值 / the handbook's own if left out")] = None,
        on: Annotated[Day | None, Query(description="哪一天，缺省为今天 / on which day, if not today")] = None,
    ) -> Response:
        day = on or local_date(counter.now())
        if office is None:
            return json({"office": None, "on": day, "settings": setting_views(Settings(), day)})
        counter.roles(request, office)
        return json({"office": office, "on": day, "settings": setting_views(counter.handler.settings(office), day)})

    @made.put(
        "/settings",
        operation_id="change_setting",
        summary=f"{ChangeSetting.ZH} / {ChangeSetting.EN}",
        responses=answered(ANSWER),
        response_model=None,
    )
    def change(
        request: Request,
        office: Annotated[str, Query()],
        body: Annotated[ChangeSetting, Body()],
        key: IdempotencyKey = None,
        match: IfMatch = None,
        role: ActingRole = None,
    ) -> Response:
        return give(request, office, f"office-{office}", body, None, key, match, role)

    return made


def setting_views(settings: Settings, day: date) -> list[dict[str, Any]]:
    """Every setting as it is on a day."""
    numbers = settings.at(day)
    views = []
    for setting in SETTINGS.values():
        source = numbers.source(setting.name)
        views.append(
            {
                "name": setting.name,
                "zh": setting.zh,
                "en": setting.en,
                "clause": source.clause,
                "kind": setting.kind,
                "unit": setting.unit,
                "value": str(source.value),
                "default": str(setting.default),
                "valid_from": source.valid_from,
                "changed": source.changed,
                "minimum": setting.minimum,
                "maximum": setting.maximum,
                "choices": setting.choices,
            }
        )
    return views
