"""The button beside a task does what is owed: it never leads back, never refuses, never sets the matter aside."""

from __future__ import annotations

import pytest

from api.console.next_step import fulfilling
from api.routes.actions import offered
from domain.cases import BY_PATH


def step_of(path: str, task: str, state: str) -> str | None:
    """The Chinese name of the action that is offered for this task to whoever may do everything."""
    lifecycle = BY_PATH[path]
    owed = next(row for row in lifecycle.deadlines if row.zh == task)
    every = [command for command in offered(lifecycle)[1] if lifecycle.open_to(state, command)]
    found = fulfilling(lifecycle, owed.gives.__name__, state, every)
    return found.ZH if found is not None else None


@pytest.mark.parametrize(
    ("path", "task", "state", "action"),
    [
        ("complaints", "投诉回访、函复后归档", "resolved", "归类存档"),
        ("complaints", "投诉回访、函复后归档", "followed-up", "归类存档"),
        ("repair-orders", "请住户验收维修", "completed", "验收签字"),
        ("repair-orders", "维修单结案", "accepted", "维修单结案"),
        ("key-loans", "发放或拒绝所借钥匙", "requested", "当班者签字发放钥匙"),
        ("service-orders", "请住户验收服务", "performed", "服务验收"),
        ("work-orders", "验收工单", "done", "验收工单"),
        ("rectifications", "验证整改结果", "done", "验证整改合格"),
        ("rectifications", "关闭整改", "verified", "关闭整改"),
        ("bill-runs", "当月关账", "delivered", "关账"),
        ("renovations", "验收装修", "finished", "装修验收合格"),
    ],
)
def test_what_waits_is_led_on(path: str, task: str, state: str, action: str) -> None:
    assert step_of(path, task, state) == action


@pytest.mark.parametrize(
    ("path", "task", "state"),
    [
        ("move-outs", "办结迁出", "notice-given"),
        ("takeovers", "按计划接管项目", "planned"),
        ("households", "决定是否销毁个人信息", "erasure-requested"),
    ],
)
def test_withdrawing_and_refusing_are_nobodys_next_step(path: str, task: str, state: str) -> None:
    assert step_of(path, task, state) is None


def test_of_several_that_would_do_the_one_that_asks_least_is_offered() -> None:
    assert step_of("households", "每季更新住户档案", "resident") == "核对档案"
    assert step_of("meters", "按期抄表", "in-use") == "抄表"
    assert step_of("debt-cases", "追讨下一步", "stage-1") == "登记追讨下一步"


def test_a_complaint_that_is_new_is_promised_before_it_is_solved_on_the_spot() -> None:
    lifecycle = BY_PATH["complaints"]
    owed = next(row for row in lifecycle.deadlines if row.zh == "按时限处理投诉")
    # What is permitted there and then: the result is reported once the resident has been told by when.
    every = [
        command
        for command in offered(lifecycle)[1]
        if lifecycle.open_to("registered", command) and command.ZH != "报告处理结果"
    ]
    found = fulfilling(lifecycle, owed.gives.__name__, "registered", every)
    assert found is not None
    assert found.ZH == "定办法并告知时限"


def test_a_deadline_of_its_own_goes_by_the_order_of_its_answers() -> None:
    assert step_of("complaints", "按时限处理投诉", "assessed") == "报告处理结果"
    assert step_of("repair-orders", "派工并定期限", "raised") == "派工"
    assert step_of("debt-cases", "第三个月再次发出催款通知", "stage-2") == "发出催款通知"
    assert step_of("notice-boards", "过期内容及时撤换", "in-use") == "撤下张贴内容"
