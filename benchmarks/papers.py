"""``python -m benchmarks.papers [--quick]``: payment notices set in batches of a hundred, in pages a second of one processor.

Every notice has a home, lines, amounts and a code of its own, as in a month's run; nothing is read from a database. Processor
time is counted, not the clock on the wall, so a busy neighbour costs little.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from api.papers.paper import Column, Paper, chinese_day, note, pairs, table, total
from api.papers.typesetting import AT_ONCE, compiled, prepared
from benchmarks.measure import Verdict, show, verdicts
from domain.kernel.money import capital, yuan
from domain.residents.printed_paper import PaperKind

__all__ = ["main"]

_LINES = (
    Column("序", align="center"),
    Column("收费项目", 4),
    Column("计费期间", 5),
    Column("计算（数量 × 单价 × 系数 × 天数）", 8),
    Column("金额（元）", align="right"),
)
_SAID = (
    "每行金额只取整一次，四舍五入；计费期间首尾两日均计入。",
    "逾期未缴的，自缴费期限届满次日起按未缴本金逐日计收滞纳金，日率 0.05%，最高不超过本金的 30%。",
    "缴费方式：管理处前台（现金、刷卡、微信、支付宝），或银行转账并注明房号和本单编号；缴费后请索取收据。",
    "对本单有异议的，请在缴费期限前向管理处提出；有争议的部分核对期间，其余部分请按期缴纳。",
)


def notice(number: int) -> Paper:
    """The notice of one of many homes."""
    area = 6_000 + number * 37 % 9_000
    fees = [("物业服务费", area * 235 // 100), ("公共照明分摊", 731 + number % 97), ("车位服务费", 8_000)]
    billed, on = sum(fen for _, fen in fees), date(2025, 3, 31)
    rows = [
        (str(place), item, "2025-03-01 至 2025-03-31", f"{yuan(area)} × 2.35 = {yuan(fen)}", yuan(fen))
        for place, (item, fen) in enumerate(fees, 1)
    ]
    return Paper(
        kind=PaperKind.BILL_NOTICE,
        number=f"JF-20250331-{number:08X}",
        office="云锦花园物业管理处",
        title="缴费通知单",
        under="2025年3月",
        day=on,
        case_id=f"bill-0192a1b2-c3d4-7e5f-8a6b-{number:012x}",
        blocks=(
            pairs(
                (
                    (
                        "房　号",
                        f"{number // 60 + 1}-{number % 60 // 4 + 1:02}{number % 4 + 1:02}",
                        "账单期间",
                        "2025年3月",
                    ),
                    ("出账日期", chinese_day(on), "缴费期限", chinese_day(on + timedelta(days=15))),
                )
            ),
            table(_LINES, rows, foot=("", "本期合计", "", "", yuan(billed))),
            pairs((("本期合计", f"{yuan(billed)} 元", "以前欠缴", "0.00 元"),)),
            total("应缴金额", capital(billed), f"¥{yuan(billed)}"),
            note(*_SAID),
        ),
        facts=(1_000 + number, 2_000 + number),
    )


def main(arguments: Sequence[str] | None = None) -> list[Verdict]:
    """Set several batches, after one to warm up."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.papers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="too few rounds to quote")
    given = parser.parse_args(arguments)
    rates = []
    for batch in range(4 if given.quick else 11):
        papers = [notice(batch * AT_ONCE + place) for place in range(AT_ONCE)]
        began = time.process_time()
        pdf = compiled(prepared(papers, lambda case_id: f"http://localhost:8000/console/YJ/case/{case_id}"))
        spent = time.process_time() - began
        assert pdf.startswith(b"%PDF-")
        rates.append(AT_ONCE / spent)
    print(f"pages a processor second, in batches of {AT_ONCE}: {show(rates[1:])}\n")
    return [Verdict("payment notices a processor second", median(rates[1:]), 250, "pages")]


if __name__ == "__main__":
    print(verdicts(main()))
