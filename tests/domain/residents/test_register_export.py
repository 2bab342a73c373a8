"""A register leaves with personal data in clear by two people, once, and to whoever asked for it (§9.2)."""

from __future__ import annotations

import pytest

from domain.kernel.errors import NotPermitted, RuleBroken, WrongState
from domain.kernel.people import Role
from domain.residents.register_export import (
    APPROVED,
    DECLINED,
    EXPORTED,
    LIFECYCLE,
    ApproveRegisterExport,
    DeclineRegisterExport,
    HandOutRegister,
    RegisterExportApproved,
    RegisterExportDeclined,
    RegisterExported,
    RegisterExportRequested,
    RequestRegisterExport,
)
from tests.domain.story import Story

CLERK, POLICY, MANAGER = Role.ASSISTANT, Role.POLICY, Role.MANAGER
FILE = HandOutRegister(form="csv", page=7)


def asked() -> Story:
    story = Story(LIFECYCLE)
    story.when(
        RequestRegisterExport(register="households", purpose="年度核对"), as_=CLERK, by="li", at="2025-03-03 10:00"
    )
    return story.then(RegisterExportRequested, register="households", purpose="年度核对")


def test_it_is_handed_out_once_and_to_whoever_asked() -> None:
    story = asked().when(FILE, as_=POLICY, by="li").refused(WrongState)
    story.when(ApproveRegisterExport(), as_=MANAGER, by="wang").then(RegisterExportApproved)
    assert (story.case.state, story.case.asked_by, story.case.approved_by) == (APPROVED, "li", "wang")
    story.when(FILE, as_=POLICY, by="wang").refused(RuleBroken, code="not-yours", clause="9.2")
    story.when(FILE, as_=POLICY, by="li").then(RegisterExported, form="csv", page=7)
    assert (story.case.state, story.case.form, story.case.page) == (EXPORTED, "csv", 7)
    story.when(FILE, as_=POLICY, by="li").refused(WrongState)


def test_nobody_approves_what_he_asked_for_himself() -> None:
    asked().when(ApproveRegisterExport(), as_=MANAGER, by="li").refused(RuleBroken, code="second-person", clause="9.2")


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR])
def test_only_the_manager_or_the_company_lets_it_go(role: Role) -> None:
    asked().when(ApproveRegisterExport(), as_=role, by="wang").refused(NotPermitted)
    asked().when(ApproveRegisterExport(), as_=Role.COMPANY, by="wang").then(RegisterExportApproved)


def test_a_declined_export_is_handed_to_nobody() -> None:
    story = asked().when(DeclineRegisterExport(reason="无此必要"), as_=MANAGER, by="wang")
    story.then(RegisterExportDeclined, reason="无此必要")
    assert story.case.state == DECLINED
    story.when(FILE, as_=POLICY, by="li").refused(WrongState)
    withdrawn = asked().when(ApproveRegisterExport(), as_=MANAGER, by="wang")
    withdrawn.when(DeclineRegisterExport(reason="不再需要"), as_=CLERK, by="li").then(RegisterExportDeclined)
