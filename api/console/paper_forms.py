"""The handbook's paper forms 表格 as declarations: what stands where, and who signs below it.

A field names a column of the case's own register; its label is the column's unless the form has its own word. A kind
of case without a form of the handbook is printed as what its register knows, two to a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["FORMS", "Block", "Box", "Field", "Form", "Table", "forms_of"]


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled cell. ``wide`` takes the line; ``tall`` leaves room to write; ``signs`` sign at its foot."""

    column: str
    label: str = ""
    wide: bool = False
    tall: bool = False
    signs: tuple[tuple[str, str], ...] = ()
    """Who signs: the word and, where it is known, the column."""


@dataclass(frozen=True, slots=True)
class Box:
    """A choice with all its boxes, the chosen one filled."""

    column: str
    label: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Value and word, where the column's choices are not its own."""
    settled: str = ""
    """The column without which «no» is not known yet."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines with one word beside them."""

    title: str
    cells: tuple[Field | Box, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of another register that name this case, or of the case's own lines."""

    title: str
    register: str
    by: str
    """The column that names the case; ``case_id`` for its own lines."""
    columns: tuple[tuple[str, str], ...]
    """Column and head; a column that is no column stays blank, to be written in."""
    blanks: int = 4
    """Empty rows that stand below."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the handbook."""

    slug: str
    title: str
    clause: str
    path: str
    parts: tuple[Block | Table, ...]


def _tall(column: str, label: str = "", *signs: tuple[str, str]) -> Field:
    return Field(column, label, wide=True, tall=True, signs=signs)


def _wide(column: str, label: str = "") -> Field:
    return Field(column, label, wide=True)


_SATISFIED: Final = (("satisfied", "满意"), ("unsatisfied", "不满意"))
_VERDICT: Final = (("conforming", "合格"), ("nonconforming", "不合格"))
_YES: Final = (("True", "是"), ("False", "否"))

# fmt: off
FORMS: Final[tuple[Form, ...]] = (
    Form(
        "complaint",
        "投诉记录",
        "4.2、4.6",
        "complaints",
        (
            Block(
                "接待",
                (
                    Field("complainant", "投诉人"), Field("home", "房屋"), Field("contact", "联系方式"), Field("opened_at", "接待时间"),
                    Box("channel", "方式"), Field("category", "类别"), _wide("matter", "事项"),
                    _tall("content", "投诉内容", ("接待人", "")),
                ),
            ),
            Block("承诺", (_tall("measure", "解决办法"), Field("promised_by", "处理时限"), Field("told_at", "告知住户"))),
            Block(
                "办理",
                (
                    _tall("findings", "调查结果"), _wide("root_cause", "根源"), Field("department", "派办部门"), Field("responsible", "责任人"),
                    _tall("result", "处理结果", ("处理人", "done_by")), Field("resolved_at", "处理时间"),
                    Box("late", "是否逾期", _YES, "resolved_at"), Field("letter_sent_at", "函复日期"), Field("letter_arrived_on", "送达日期"),
                ),
            ),
            Table(
                "回访", "follow-ups", "origin_id",
                (("conducted_on", "日期"), ("mode", "方式"), ("satisfaction", "满意度"), ("verdict", "结论"), ("shortcomings", "不足"),
                 ("visitor", "回访人"), ("-", "住户签名")), 1,
            ),
            Block("归档", (Box("outcome", "结果", _SATISFIED), Field("closed_at", "归档时间"), _tall("-", "经理意见", ("归档人", ""), ("经理", ""), ("日期", "")))),
        ),
    ),
    Form(
        "repair-order",
        "维修单",
        "1.11、5.2.B",
        "repair-orders",
        (
            Block(
                "报修",
                (
                    Field("home", "房屋"), Field("opened_at", "报修时间"), Box("channel", "方式"), Field("fault_kind", "故障类型"),
                    Field("common_area", "公共部位"), Field("priority", "紧急程度"), _tall("description", "故障描述", ("报修人", ""), ("接报人", "")),
                ),
            ),
            Block("派工", (Field("worker", "维修人"), Field("dispatched_at", "派工时间"), Field("due_by", "完成时限"), Field("started_at", "开工时间"))),
            Block("完成", (_wide("means_used", "材料与做法"), Field("completed_at", "完成时间"), Field("fee_fen", "费用"), _tall("-", "说明", ("维修人", "done_by")))),
            Block("验收", (Field("accepted_at", "验收时间"), Field("unsigned_reason", "未签原因"), _tall("-", "住户意见", ("住户", ""), ("日期", "")))),
            Block("回访", (Field("visited_at", "回访时间"), Box("outcome", "结果", _SATISFIED))),
        ),
    ),
    Form(
        "follow-up",
        "回访记录表",
        "5.2.5",
        "follow-ups",
        (
            Block(
                "安排",
                (
                    Box("type", "回访事由"), Field("home", "房屋"), Field("round", "第几次"), Field("opens_on", "可回访自"), Field("closes_on", "截止日期"),
                    Field("visitor", "回访人"), Field("appointed_at", "预约时间"),
                ),
            ),
            Block(
                "回访",
                (
                    Field("conducted_at", "回访时间"), Box("mode", "方式"), Field("quality", "质量评价"), Field("effect", "服务效果"),
                    Field("satisfaction", "满意度"), Box("verdict", "结论", _VERDICT), _tall("shortcomings", "缺点与不足"),
                    _tall("suggestions", "建议", ("住户（电话除外）", ""), ("回访人", "visitor")),
                ),
            ),
            Block("交存", (Field("submitted_at", "交存时间"), Field("submit_by", "交存期限"))),
            Block(
                "审核",
                (
                    _tall("comment", "主任意见", ("主任", ""), ("日期", "")), Field("responsible", "责任人"), Field("rectify_by", "整改期限"),
                    Field("chain_outcome", "最后结果"), Field("retained_until", "保管至"),
                ),
            ),
        ),
    ),
    Form(
        "key-loan",
        "空房（托管、空置）钥匙取领登记表",
        "3.3",
        "key-loans",
        (
            Block(
                "登记",
                (
                    Field("home", "房屋"), Field("opened_at", "登记时间"), Field("borrower", "取用人"), Field("organisation", "单位"),
                    Field("identity_document", "证件"), Field("expected_return", "预计归还"), Box("purpose", "用途"), _wide("keys", "钥匙编号"),
                ),
            ),
            Block("取走", (Field("issued_at", "取走时间"), _tall("-", "说明", ("当班者", "issued_by"), ("取用人", "")))),
            Block("归还", (Field("returned_at", "归还时间"), Box("condition", "钥匙状况"), _tall("lost_keys", "遗失", ("归还人", "returner"), ("当班者", "")))),
        ),
    ),
    Form(
        "vacant-home",
        "空房（托管、空置）管理登记表",
        "3.1、3.5",
        "vacant-homes",
        (
            Block(
                "房屋",
                (
                    Field("home", "房屋"), Box("kind", "类别"), Field("area", "建筑面积"), Field("owner", "业主"), Field("taken_over_on", "接管日期"),
                    Field("agreement_signed_on", "托管协议"), Field("entrusted_from", "托管自"), Field("entrusted_until", "托管至"),
                    Field("keys", "钥匙把数"), Field("keys_out", "借出"), _wide("other_keys", "其他钥匙"),
                ),
            ),
            Table(
                "每月检查", "inspections", "case_id",
                (("month", "月份"), ("inspected_on", "检查日期"), ("items", "项目"), ("defects", "问题"), ("inspected_by", "检查人"), ("-", "签名")), 6,
            ),
            Block("移交", (Field("handed_over_on", "移交日期"), Box("hand_over_reason", "原因"), _tall("-", "说明", ("接收人", ""), ("管理员", "")))),
        ),
    ),
    Form(
        "quarterly-review",
        "回访统计表",
        "5.2.5(6)",
        "quarterly-reviews",
        (
            Block("季度", (Field("quarter", "季度"), Field("compiled_at", "统计时间"))),
            Table(
                "统计", "review-figures", "case_id",
                (("type", "事由"), ("planned", "应回访"), ("conducted", "已回访"), ("in_window", "按时"), ("conforming", "合格"),
                 ("nonconforming", "不合格"), ("exited", "终止")), 0,
            ),
            Table("检出", "review-detections", "case_id", (("kind", "种类"), ("matter", "事项"), ("home", "房屋"), ("-", "处理程序")), 2),
            Block("分析", (_tall("analysis", "统计分析", ("分析人", "analysed_by")), _tall("improvements", "改进办法"), _tall("remark", "审批意见", ("主任", "approved_by"), ("日期", "")))),
        ),
    ),
    Form(
        "patrol",
        "日常巡视记录",
        "2",
        "patrols",
        (
            Block(
                "巡视",
                (
                    Field("day", "日期"), Field("done_by", "巡视人"), Field("begun_at", "开始时间"), Field("completed_at", "完成时间"),
                    Field("points", "应到点数"), Field("points_seen", "已到点数"), Box("complete", "是否完整", _YES, "completed_at"), Field("findings", "发现"),
                ),
            ),
            Table(
                "发现", "patrol-findings", "case_id",
                (("number", "序号"), ("subject", "内容"), ("place", "地点"), ("matter", "事项"), ("handling", "处理")), 6,
            ),
            Block("签名", (_tall("-", "备注", ("巡视人", "done_by"), ("负责人", "")),)),
        ),
    ),
    Form(
        "notice-board",
        "宣传栏记录",
        "1.7",
        "notice-boards",
        (
            Block("宣传栏", (Field("name", "名称"), Field("place", "地点"), Field("title", "本期题目"), Field("posted_at", "张贴时间"))),
            Table(
                "各月", "board-months", "case_id",
                (("month", "月份"), ("wanted", "应换期数"), ("posted", "已换期数"), ("posted_at", "张贴时间"), ("-", "经办人")), 3,
            ),
        ),
    ),
)
# fmt: on


def forms_of(path: str) -> tuple[Form, ...]:
    """The handbook's forms of a kind of case."""
    return tuple(form for form in FORMS if form.path == path)
