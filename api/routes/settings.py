"""Settings 设定 in force, each with its clause and from when; changing one is a command like any other, confirmed by two."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response

from api.http.context import ApiContext, json
from api.http.documents import ANSWER, answered, ref
from api.http.text import Day, tighten
from api.routes.actions import ActingRole, IdempotencyKey, IfMatch, act
from domain.handbook.settings import SETTINGS, Settings
from domain.kernel.calendar import local_date
from domain.office.office import LIFECYCLE as OFFICE
from domain.office.office import ChangeSetting, ConfirmSettingChange, Proposal, RefuseSettingChange

__all__ = ["proposal_view", "router", "setting_views"]


def router(context: ApiContext) -> APIRouter:
    """Read and change."""
    made = APIRouter(tags=["settings"])
    for command in (ChangeSetting, ConfirmSettingChange, RefuseSettingChange):
        tighten(command)
    give = act(context, OFFICE, ChangeSetting, status=200)
    confirming = act(context, OFFICE, ConfirmSettingChange, status=200)
    refusing = act(context, OFFICE, RefuseSettingChange, status=200)

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
        if office is None:
            day = on or local_date(context.now())
            return json({"office": None, "on": day, "settings": setting_views(Settings(), day), "proposals": []})
        context.roles(request, office)
        day = on or local_date(context.time_in(office))
        case = context.handler.case(office, f"office-{office}")
        return json(
            {
                "office": office,
                "on": day,
                "settings": setting_views(case.settings, day),
                "proposals": [proposal_view(proposal) for proposal in case.proposals.values()],
            }
        )

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

    @made.post(
        "/settings/confirm",
        operation_id="confirm_setting_change",
        summary=f"{ConfirmSettingChange.ZH} / {ConfirmSettingChange.EN}",
        description="须由提出者以外的经理或公司审批人确认 / by another manager or company approver than who proposed it",
        responses=answered(ANSWER),
        response_model=None,
    )
    def confirm(
        request: Request,
        office: Annotated[str, Query()],
        body: Annotated[ConfirmSettingChange, Body()],
        key: IdempotencyKey = None,
        match: IfMatch = None,
        role: ActingRole = None,
    ) -> Response:
        return confirming(request, office, f"office-{office}", body, None, key, match, role)

    @made.post(
        "/settings/refuse",
        operation_id="refuse_setting_change",
        summary=f"{RefuseSettingChange.ZH} / {RefuseSettingChange.EN}",
        responses=answered(ANSWER),
        response_model=None,
    )
    def refuse(
        request: Request,
        office: Annotated[str, Query()],
        body: Annotated[RefuseSettingChange, Body()],
        key: IdempotencyKey = None,
        match: IfMatch = None,
        role: ActingRole = None,
    ) -> Response:
        return refusing(request, office, f"office-{office}", body, None, key, match, role)

    return made


def proposal_view(proposal: Proposal) -> dict[str, Any]:
    """A change that waits for a second person."""
    setting = SETTINGS[proposal.name]
    return {
        "number": proposal.number,
        "name": proposal.name,
        "zh": setting.zh,
        "en": setting.en,
        "value": proposal.value,
        "valid_from": proposal.valid_from,
        "reason": proposal.reason,
        "proposed_by": proposal.by,
        "proposed_at": proposal.at,
    }


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
                "minimum": None if setting.bound is None else str(setting.bound.least),
                "maximum": None if setting.bound is None else str(setting.bound.greatest),
                "ground_zh": None if setting.bound is None else setting.bound.zh,
                "ground_en": None if setting.bound is None else setting.bound.en,
                "choices": setting.choices,
                "needs_two": setting.needs_two,
            }
        )
    return views
