"""Bank statements over HTTP (§7): a file is taken once, its lines have proposals, and what is confirmed is a payment."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import get, post

CLERK, MANAGER, AUDITOR, OFFICER = Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR, Role.DUTY_OFFICER
ACCOUNT = "3300161678100012345"
HEAD = "交易日期,借方发生额（元）,贷方发生额（元）,对方户名,对方账号,摘要,交易流水号"


def file_of(*rows: str, said: str = "") -> bytes:
    """A bank's file, as Chinese banks write them."""
    return f"中国建设银行账户明细\n账号：,{ACCOUNT},{said}\n{HEAD}\n{chr(10).join(rows)}\n".encode("gb18030")


def bring(api: ApiClient, data: bytes, role: Role = CLERK, status: int = 200, **asked: str) -> Any:
    answer = api.ask("POST", "/offices/SIM/bank-files", role, "SIM", content=data, params=asked)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def homes(api: ApiClient) -> dict[str, str]:
    """Three households with a bill of 300.00 each, the third with two."""
    api.simulated("SIM", "2025-01-31 16:00")
    lives = {}
    for home, name in (("7-2-1403", "王小明"), ("7-2-1404", "李四"), ("3-1-201", "赵敏")):
        lives[home] = str(post(api, "households", {"home": home, "name": name}, status=201)["id"])
        bill = {"household": lives[home], "period": "2025-01", "amount_fen": 30_000, "item": "物业服务费"}
        post(api, "bills", bill, status=201)
    second = {"household": lives["3-1-201"], "period": "2025-02", "amount_fen": 20_000, "item": "物业服务费"}
    post(api, "bills", second, status=201)
    api.until("SIM", "2025-02-05 09:00")
    return lives


def proposals(api: ApiClient, statement: str, role: Role = CLERK) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = get(api, f"/offices/SIM/bank-statements/{statement}/proposals", role)["lines"]
    return lines


def test_a_confirmed_line_is_a_payment_of_the_banks_day(api: ApiClient, homes: dict[str, str]) -> None:
    taken = bring(
        api,
        file_of(
            "20250203,,300.00,王小明,6222020200001111,1月物业费 7栋2单元1403,T001",
            "20250203,,300.00,陈先生,6222020200002222,转账,T002",
            "20250204,99.00,,自来水公司,33009,水费,T003",
            "20250204,,500.00,赵敏,6222020200003333,,T004",
            "2月4日,,10.00,某,,,T005",
            "20250206,,10.00,某,,,T006",
            said="贷方总笔数：4",
        ),
    )
    assert (taken["rows_taken"], taken["rows_known"], taken["rows_refused"]) == (4, 0, 2)
    assert [(each["row"], each["code"]) for each in taken["rows"]] == [(8, "day-unreadable"), (9, "day-ahead")]
    assert (taken["credits_fen"], taken["debits_fen"]) == (110_000, 9_900)
    first, unknown, out, both = proposals(api, taken["statement"])
    best, other, third = first["candidates"]
    assert (other["household"], [each["ground"] for each in other["match_grounds"]]) == (
        homes["7-2-1404"],
        ["all-owed"],
    )
    assert (third["household"], [each["ground"] for each in third["match_grounds"]]) == (homes["3-1-201"], ["one-bill"])
    assert (best["household"], best["sure"]) == (homes["7-2-1403"], True)
    assert [each["ground"] for each in best["match_grounds"]] == ["home-named", "payer-lives-there", "all-owed"]
    assert all(each["zh"] and each["en"] for each in best["match_grounds"])
    assert not any(each["sure"] for each in unknown["candidates"]), "an amount alone is nobody's"
    assert out["candidates"] == []
    assert [each["ground"] for each in both["candidates"][0]["match_grounds"]] == ["payer-lives-there", "all-owed"]
    said = {"matches": [{"bank_line": first["case_id"], "household": homes["7-2-1403"]}]}
    path = f"/offices/SIM/bank-statements/{taken['statement']}/matches"
    made = api.post(path, said, CLERK, office="SIM", headers={"Idempotency-Key": "k"}).json()
    [done] = made["matched"]
    again = api.post(path, said, CLERK, office="SIM", headers={"Idempotency-Key": "k"}).json()
    assert again == made, "a double click"
    late = api.post(path, said, CLERK, office="SIM").json()
    assert [each["code"] for each in late["left_out"]] == ["state"]
    payment = get(api, f"/offices/SIM/payments/{done['payment']}", CLERK)["data"]
    assert (payment["amount_fen"], payment["method"], payment["value_date"]) == (30_000, "transfer", "2025-02-03")
    assert (payment["reference"], payment["bank_line"]) == ("T001", first["case_id"])
    assert payment["taken_by"] == api.users["SIM", CLERK]
    [row] = [r for r in get(api, "/offices/SIM/bills", CLERK)["rows"] if r["household"] == homes["7-2-1403"]]
    assert row["outstanding_fen"] == 0


def test_files_may_overlap_and_one_may_be_sent_twice(api: ApiClient, homes: dict[str, str]) -> None:
    rows = [
        "20250203,,300.00,王小明,6222020200001111,7-2-1403,T001",
        "20250203,,50.00,周先生,,停车,",
        "20250203,,50.00,周先生,,停车,",
    ]
    assert bring(api, file_of(*rows[:2]))["rows_taken"] == 2
    again = bring(api, file_of(*rows, "20250204,,20.00,吴,,,T009"))
    assert (again["rows_taken"], again["rows_known"]) == (2, 2), "two that say the same are two"
    same = bring(api, file_of(*rows).decode("gb18030").encode("utf-8-sig"))
    assert (same["statement"], same["rows_taken"], same["rows_known"]) == (None, 0, 3)
    lines = get(api, "/offices/SIM/bank-lines", CLERK)["rows"]
    assert len(lines) == 4
    assert bring(api, f"{HEAD}\n{rows[0]}\n".encode(), status=409)["code"] == "bank-account-missing"
    assert bring(api, f"{HEAD}\n{rows[0]}\n".encode(), bank_account="3300 1616 7810 0012 345")["rows_known"] == 1
    assert bring(api, "姓名,电话\n王,1\n".encode(), status=409)["code"] == "bank-file-unreadable"


def test_what_the_counter_took_already_is_matched_and_never_booked_twice(api: ApiClient, homes: dict[str, str]) -> None:
    paid = {"household": homes["7-2-1403"], "amount_fen": 30_000, "method": "transfer", "reference": "T001"}
    payment = str(post(api, "payments", paid, status=201)["id"])
    taken = bring(api, file_of("20250203,,300.00,王小明,6222020200001111,7-2-1403,T001"))
    [line] = proposals(api, taken["statement"])
    best = line["candidates"][0]
    assert (best["payment"], best["sure"]) == (payment, True)
    assert "same-number" in [each["ground"] for each in best["match_grounds"]]
    address = f"bank-lines/{line['case_id']}"
    double = post(api, f"{address}/confirm-bank-line", {"household": homes["7-2-1403"]}, CLERK, 409)
    assert double["code"] == "already-held"
    post(api, f"{address}/link-bank-line", {"found_payment": payment})
    assert get(api, f"/offices/SIM/payments/{payment}", CLERK)["data"]["bank_line"] == line["case_id"]
    assert post(api, f"{address}/confirm-bank-line", {"household": homes["7-2-1403"]}, CLERK, 409)["code"] == "state"
    post(api, f"{address}/reopen-bank-line", {"reason": "对错了"})
    assert get(api, f"/offices/SIM/payments/{payment}", CLERK)["data"]["bank_line"] is None
    post(api, f"{address}/link-bank-line", {"found_payment": payment})
    post(api, f"payments/{payment}/reverse-receipt", {"reason": "误登"}, MANAGER)
    assert get(api, f"/offices/SIM/{address}", CLERK)["state"] == "open", "it is to be dealt with again"


def test_a_statement_closes_when_every_line_is_dealt_with(api: ApiClient, homes: dict[str, str]) -> None:
    rows = ("20250203,,300.00,王小明,6222020200001111,,T001", "20250204,99.00,,自来水公司,33009,水费,T003")
    taken = bring(api, file_of(*rows, "合计,99.00,301.00,,,,"))
    statement = f"bank-statements/{taken['statement']}"
    credit, debit = proposals(api, taken["statement"])
    assert post(api, f"{statement}/close-bank-statement", {}, CLERK, 409)["code"] == "lines-open"
    outgoing = post(
        api, f"bank-lines/{debit['case_id']}/confirm-bank-line", {"household": homes["3-1-201"]}, CLERK, 409
    )
    assert outgoing["code"] == "outgoing"
    post(api, f"bank-lines/{debit['case_id']}/leave-bank-line-out", {"reason": "水费支出"})
    booked = post(api, f"bank-lines/{credit['case_id']}/confirm-bank-line", {"household": homes["7-2-1403"]})
    assert "PaymentTaken" in booked["facts"]
    assert post(api, f"{statement}/close-bank-statement", {}, CLERK, 409)["code"] == "reason-missing"
    post(api, f"{statement}/close-bank-statement", {"reason": "合计行手写有误"})
    payment = get(api, f"/offices/SIM/bank-lines/{credit['case_id']}", CLERK)["data"]["payment"]
    stands = post(api, f"bank-lines/{credit['case_id']}/reopen-bank-line", {"reason": "错"}, CLERK, 409)
    assert stands["code"] == "payment-stands"
    reverse = f"payments/{payment}/reverse-receipt"
    assert post(api, reverse, {"reason": "认错户"}, CLERK, 409)["code"] == "second-person"
    post(api, reverse, {"reason": "认错户"}, MANAGER)
    line = get(api, f"/offices/SIM/bank-lines/{credit['case_id']}", CLERK)
    assert (line["state"], line["data"]["household"]) == ("open", None)
    assert get(api, f"/offices/SIM/{statement}", CLERK)["state"] == "matching"
    other = post(api, f"bank-lines/{credit['case_id']}/confirm-bank-line", {"household": homes["7-2-1404"]})
    assert other["state"] == "booked", "the bank's number is free again"


def test_an_account_that_paid_before_is_remembered(api: ApiClient, homes: dict[str, str]) -> None:
    taken = bring(api, file_of("20250203,,300.00,周公司,6222020200009999,房租代付,T001"))
    [line] = proposals(api, taken["statement"])
    assert not any(each["sure"] for each in line["candidates"])
    post(api, f"bank-lines/{line['case_id']}/confirm-bank-line", {"household": homes["7-2-1404"]})
    bill = {"household": homes["7-2-1404"], "period": "2025-02", "amount_fen": 30_000, "item": "物业服务费"}
    post(api, "bills", bill, status=201)
    [next_one] = proposals(api, bring(api, file_of("20250205,,300.00,周 公司,6222 0202 0000 9999,,T002"))["statement"])
    best = next_one["candidates"][0]
    assert (best["household"], best["sure"]) == (homes["7-2-1404"], True), next_one["candidates"]
    assert [each["ground"] for each in best["match_grounds"]] == ["same-account", "all-owed"]


def test_who_paid_is_shown_to_whoever_may_see_it(api: ApiClient, homes: dict[str, str]) -> None:
    data = file_of("20250203,,300.00,王小明,6222020200001111,7-2-1403,T001")
    assert bring(api, data, AUDITOR, 403)["code"] == "role"
    statement = bring(api, data)["statement"]
    [seen] = proposals(api, statement, OFFICER)
    assert (seen["payer"], seen["payer_account"], seen["narration"]) == ("〔保密〕",) * 3
    assert not any("payer-lives-there" in [g["ground"] for g in each["match_grounds"]] for each in seen["candidates"])
    [line] = proposals(api, statement, AUDITOR)
    assert line["payer"] == "王小明"
    said = {"matches": [{"bank_line": line["case_id"], "household": homes["7-2-1403"]}]}
    path = f"/offices/SIM/bank-statements/{statement}/matches"
    assert api.post(path, said, AUDITOR, office="SIM").status_code == 403
