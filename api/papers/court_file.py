"""The court file 起诉材料 (§8): one bundle from the arrears case, every page of which names the pages of the book it rests on.

Contract basis, bills, notices with proof of arrival, calls, visits and offers, the household's complaints, payments and
where they went, the claim at the agreed rate and at the reference rate, the limitation, and every fact in its order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from api.http.context import Reader
from api.papers.court_claim import claim_blocks, claimed, limitation_blocks
from api.papers.court_money import payment_blocks
from api.papers.court_parts import (
    basis_blocks,
    bill_blocks,
    complaint_blocks,
    fact_blocks,
    notice_blocks,
    pursuit_blocks,
)
from api.papers.court_sources import Sources, read_sources
from api.papers.paper import Block, Paper, chinese_day, heading, note, pairs, total
from api.papers.scans import scan_blocks
from api.papers.words import paper_number
from domain.kernel.money import capital, yuan
from domain.residents.printed_paper import PaperKind

__all__ = ["court_file"]


def court_file(reader: Reader, case_id: str, on: date, name: str) -> Paper:
    """The file of one arrears case as of a day. Raises :class:`~domain.kernel.errors.NotFound`."""
    sources = read_sources(reader, case_id, on)
    return Paper(
        kind=PaperKind.COURT_FILE,
        number=paper_number("QS", on, case_id),
        office=name,
        title="起诉材料",
        under=f"物业费欠缴　计至{chinese_day(on)}",
        day=on,
        case_id=case_id,
        blocks=tuple(_blocks(sources, name)),
        facts=sources.cited,
        by_page=True,
        files={scan.document: scan.data for scan in sources.scans if scan.data is not None},
    )


def _blocks(sources: Sources, name: str) -> Iterator[Block]:
    yield from _cover(sources, name)
    yield {"block": "contents"}
    yield {"block": "leaf"}
    parts = [
        ("合同与收费依据", basis_blocks(sources)),
        ("账单", bill_blocks(sources)),
        ("催款通知与送达", notice_blocks(sources)),
        ("催缴、上门与协商", pursuit_blocks(sources)),
        ("住户的投诉与处理", complaint_blocks(sources)),
        ("缴款与冲抵", payment_blocks(sources)),
        ("请求金额", claim_blocks(sources)),
        ("诉讼时效", limitation_blocks(sources)),
        ("事实清单", fact_blocks(sources)),
    ]
    if sources.scans:
        parts.append(("附件", scan_blocks(sources.scans)))
    for number, (title, made) in zip("一二三四五六七八九十", parts, strict=False):
        yield heading(f"{number}、{title}")
        yield from made


def _cover(sources: Sources, name: str) -> Iterator[Block]:
    principal, agreed, reference = claimed(sources)
    yield pairs(
        (
            ("案　由", "物业服务合同纠纷（欠缴物业费）"),
            ("请求方", name, "被请求方", sources.person or "（见住户档案）"),
            (
                "房　号",
                sources.home,
                "欠费账单",
                f"{sum(any(each.owed.values()) for each in sources.kept.bills.values())} 张",
            ),
            ("计算截至", f"{chinese_day(sources.on)}（含当日）", "立案编号", sources.debt.id[-12:].upper()),
        ),
        facts=[sources.facts[0].number],
    )
    yield total("请求合计（约定利率）", capital(principal + agreed), f"¥{yuan(principal + agreed)}")
    yield note(
        f"其中本金及追讨费用 {yuan(principal)} 元，违约金（滞纳金）按约定利率 {yuan(agreed)} 元；"
        f"按参照利率则违约金为 {yuan(reference)} 元，请求合计 {yuan(principal + reference)} 元。",
        "本材料由台账逐条生成。每页页脚列明所依据的台账页；台账每一页以哈希相连，任何改动均可验出。"
        "页脚指纹为本材料数据的 SHA-256（前 64 位），可据以核对本件与台账是否一致。",
        small=False,
    )
    yield note("目　录", small=False)
