"""The parts of a court file 起诉材料各部分 (§8): each row names the page of the book on which it stands."""

from __future__ import annotations

from collections.abc import Iterator

from api.papers.court_money import change_blocks
from api.papers.court_sources import Sources
from api.papers.fact_lines import instant_word
from api.papers.paper import PAGE, Block, Column, note, table
from api.papers.words import bill_word, days_of, how_of, percent
from domain.arrears.debt_case import events
from domain.arrears.shared_events import Notice
from domain.cases import lifecycle_of
from domain.kernel.fact import Case, Fact
from domain.kernel.late_fee import in_force
from domain.kernel.money import yuan
from domain.kernel.words import choice_names

__all__ = [
    "basis_blocks",
    "bill_blocks",
    "complaint_blocks",
    "fact_blocks",
    "notice_blocks",
    "pursuit_blocks",
]

_PRICES = (
    Column("收费标准", 5),
    Column("自何日起", 3),
    Column("单价（元）", 2, "right"),
    Column("制定理由与文件", 7),
    PAGE,
)
_LINES = (
    Column("账单", 3),
    Column("收费项目", 3),
    Column("计费期间", 5),
    Column("计算", 6),
    Column("金额（元）", 2, "right"),
    PAGE,
)
_TOLD = (Column("时间", 3), Column("事项", 4), Column("内容", 11), Column("经办", 2), PAGE)
_COMPLAINTS = (Column("时间", 3), Column("类别与事由", 4), Column("内容", 6), Column("处理结果", 5), PAGE)
_FACTS = (PAGE, Column("发生时间", 3), Column("记入时间", 3), Column("事实", 7), Column("经办", 3))
_NOTICES = (events.DunningNoticeIssued, events.SecondNoticeIssued, events.NoticeDelivered, events.NoticeLate)
_PURSUIT = (
    events.DebtorClassified,
    events.ArrearsReasonFound,
    events.ContactPlanned,
    events.ReminderGiven,
    events.SecondStageBegun,
    events.HomeVisited,
    events.ConcessionProposed,
    events.ConcessionApproved,
    events.ConcessionRefused,
    events.ReliefGranted,
    events.InstalmentBroken,
    events.InstalmentBrokenInFirstStage,
    events.InstalmentBrokenBeforeNotice,
    events.DisputeRaised,
    events.DisputeStepRecorded,
    events.DisputeReleased,
    events.PaymentInTransitNoted,
    events.InterruptionRecorded,
    events.CommitteeConsulted,
    events.CommitteeAnswered,
    events.CommitteeSilent,
    events.ServicesSuspended,
    events.SuspensionAmended,
    events.SuspensionLifted,
    events.ServicesRestored,
    events.NextStepRecorded,
    events.LegalActionStarted,
    events.LegalStepRecorded,
    events.LegalActionEnded,
)


def basis_blocks(sources: Sources) -> Iterator[Block]:
    """By which standards it was charged, who set them and on what document; the late fee's terms."""
    rows, facts = [], []
    for standard, several in sources.standards:
        for version in standard.versions:
            why = "；".join(each for each in (version.reason, version.document or "") if each)
            rows.append((standard.name, str(version.valid_from), version.price, why, str(several[0].number)))
            facts.append([several[0].number])
    if rows:
        yield table(_PRICES, rows, facts=facts)
    else:
        yield note("账单各行未引用收费标准，见账单及所附合同。")
    homes = [
        f"{attached.home}：计费面积（数量）{yuan(attached.quantity)}，自 {attached.first} 起"
        f"{f'至 {attached.last} 止' if attached.last else ''}适用{standard.name}"
        for standard, _ in sources.standards
        for attached in standard.attachments.values()
        if attached.household == sources.debt.household
    ]
    on = sources.on
    yield note(
        *homes,
        f"违约金（滞纳金）：日率 {percent(in_force(sources.agreed.rates, on))}，上限为本金的 {percent(in_force(sources.agreed.caps, on))}；"
        f"截至 {on} 有效的设定。物业服务合同、收费公示等书证原件另附。",
    )


def bill_blocks(sources: Sources) -> Iterator[Block]:
    """Every bill as it was issued, line by line."""
    rows, facts = [], []
    for bill, fact in sources.bills:
        for line in bill.lines:
            days = days_of(line.first, line.last)
            rows.append(
                (bill_word(bill.period), line.item, days, how_of(line), yuan(line.amount_fen), str(fact.number))
            )
            facts.append([fact.number])
    amount = sum(bill.original_fen for bill, _ in sources.bills)
    yield table(_LINES, rows, foot=("合计", "", "", "", yuan(amount), ""), facts=facts, small=True)
    yield from change_blocks(sources)


def notice_blocks(sources: Sources) -> Iterator[Block]:
    """What the notices claimed, how they went and who signed for them."""
    yield from _told(sources, _NOTICES, "没有发出催款通知。")


def pursuit_blocks(sources: Sources) -> Iterator[Block]:
    """Calls, visits, offers and disputes, in their order."""
    yield from _told(sources, _PURSUIT, "没有其他催缴记录。")


def complaint_blocks(sources: Sources) -> Iterator[Block]:
    """What the household complained of, and what became of it: a defence that is known beforehand."""
    if not sources.complaints:
        yield note("该户没有投诉记录。")
        return
    rows, facts = [], []
    for case, several, data in sources.complaints:
        result = f"{data.get('result') or ''}　{_state(case)}".strip()
        about = "　".join(each for each in (case.category, case.matter) if each)
        rows.append((_when(several[0]), about, str(data.get("content") or ""), result, str(several[0].number)))
        facts.append([fact.number for fact in several])
    yield table(_COMPLAINTS, rows, facts=facts, small=True)


def fact_blocks(sources: Sources) -> Iterator[Block]:
    """Every fact of the arrears case in its order: when it happened, when the book took it, and by whom."""
    rows = [
        (
            str(fact.number),
            _when(fact),
            instant_word(fact.recorded_at),
            type(fact.event).ZH,
            _by(sources, fact),
        )
        for fact in sources.facts
    ]
    yield table(_FACTS, rows, facts=[[fact.number] for fact in sources.facts], small=True)
    yield note("记入时间晚于发生时间的，是补记；台账只增不改，补记与原记并存。")


def _told(sources: Sources, kinds: tuple[type, ...], none: str) -> Iterator[Block]:
    found = [fact for fact in sources.facts if isinstance(fact.event, kinds)]
    if not found:
        yield note(none)
        return
    rows = [
        (_when(fact), type(fact.event).ZH, _content(sources, fact), _by(sources, fact), str(fact.number))
        for fact in found
    ]
    yield table(_TOLD, rows, facts=[[fact.number] for fact in found], small=True)


def _content(sources: Sources, fact: Fact) -> str:
    """Of a notice what it claimed, bill by bill; of anything else all that was said."""
    said, data = fact.event, sources.opened[fact.version]
    if not isinstance(said, Notice):
        return sources.teller.line(fact, data)
    claims = [
        f"{bill_word(claim.period)} 本金 {yuan(claim.principal_fen)}、滞纳金 {yuan(claim.late_fee_fen)}"
        + (f"、费用 {yuan(claim.charges_fen)}" if claim.charges_fen else "")
        for claim in said.claims
    ]
    more = [f"本月费用 {yuan(said.current_fen)}"] if said.current_fen else []
    means = [f"方式：{choice_names(said.means)[0]}"] if said.means is not None else []
    whom = [f"收件人：{data['addressee']}"] if data.get("addressee") else []
    in_all = [f"合计 {yuan(said.total_fen)} 元"] if said.total_fen is not None else []
    return "；".join([*claims, *more, *in_all, *means, *whom])


def _state(case: Case) -> str:
    return lifecycle_of(case.id).states[case.state][0]


def _when(fact: Fact) -> str:
    return instant_word(fact.occurred_at)


def _by(sources: Sources, fact: Fact) -> str:
    return sources.teller.people.get(fact.user_id, "程序" if not fact.role.is_person else fact.role.zh)
