"""The handbook told over HTTP, chapter by chapter, from the first call to the end of the matter, in an office whose time is set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.api.conftest import ApiClient
from tests.api.teller import CLERK, COMPANY, GUARD, HEAD, MANAGER, OFFICE, Teller, telling
from tests.office_rig import shanghai


@pytest.fixture
def teller(api: ApiClient) -> Iterator[Teller]:
    with telling(api) as teller:
        yield teller


def test_chapters_1_and_3_a_vacant_home_its_keys_and_who_moves_in(teller: Teller) -> None:
    home = teller.opened(
        CLERK,
        "vacant-homes",
        home="1-101",
        kind="unsold",
        area=9000,
        keys=[{"number": "1", "key_class": "entrance"}, {"number": "2", "key_class": "room"}],
    )
    checked = [{"item": "门窗", "good": False}]
    teller.say(
        CLERK,
        f"vacant-homes/{home}/inspect-home",
        checklist=checked,
        inspector_signature="签",
        defects=[{"item": "门窗", "matter": "锁坏", "severity": "ordinary"}],
    )
    assert teller.figure("vacancy-integrity-rate", "2025-01-01", "2025-01-31") == (0, 1)
    loan = teller.opened(
        CLERK,
        "key-loans",
        vacant_home=home,
        keys=["1"],
        purpose="repair",
        borrower="赵",
        identity_document="证1",
        expected_return=shanghai("2025-01-02 12:00").isoformat(),
    )
    teller.say(GUARD, f"key-loans/{loan}/issue-keys", officer_signature="签")
    move = teller.opened(CLERK, "move-ins", home="1-101", vacant_home=home, applicant="王", area=9000)
    teller.say(CLERK, f"move-ins/{move}/check-move-in-documents", documents=["identity", "covenant", "title"])
    teller.say(CLERK, f"move-ins/{move}/settle-move-in-fees", amount_fen=0)
    teller.say(CLERK, f"move-ins/{move}/inspect-for-move-in", signature="王")
    keys = {"keys": ["1", "2"], "signature": "王", "defects_signature": "王"}
    teller.refused(CLERK, f"move-ins/{move}/hand-over-move-in-keys", "keys-out", **keys)
    teller.say(GUARD, f"key-loans/{loan}/return-keys", keys=["1"], returner="赵", returner_signature="签")
    teller.refused(CLERK, f"move-ins/{move}/hand-over-move-in-keys", "cleaning-missing", **keys)
    teller.until("2025-01-03 09:00")
    teller.say(CLERK, f"vacant-homes/{home}/record-cleaning", scope="whole")
    teller.put_right(teller.rows("rectifications")[0]["case_id"])
    teller.until("2025-01-04 09:00")
    teller.say(CLERK, f"move-ins/{move}/hand-over-move-in-keys", **keys)
    teller.say(CLERK, f"move-ins/{move}/complete-move-in")
    [file] = teller.rows("households")
    assert (file["home"], file["state"]) == ("1-101", "resident")
    [visit] = [row for row in teller.rows("follow-ups") if row["type"] == "move-in"]
    teller.until("2025-02-05 09:00")
    teller.visit(visit["case_id"], content=True, planner=MANAGER)
    assert teller.figure("move-in-follow-ups-in-window", "2025-01-01", "2025-12-31") == (1, 1)


@pytest.mark.long
def test_chapter_1_4_a_renovation_from_its_permit_to_the_refund(teller: Teller) -> None:
    work = teller.opened(
        CLERK, "renovations", home="2-202", scope="厨房", planned_from="2025-01-10", planned_until="2025-02-20"
    )
    path = f"renovations/{work}"
    teller.say(HEAD, f"{path}/approve-renovation")
    teller.refused(CLERK, f"{path}/pay-renovation-deposit", "deposit-differs", amount_fen=1, receipt="D")
    teller.say(CLERK, f"{path}/pay-renovation-deposit", amount_fen=200_000, receipt="D", method="pos")
    teller.say(HEAD, f"{path}/permit-renovation", permit="Z1", valid_from="2025-01-10", valid_until="2025-02-20")
    teller.until("2025-01-10 09:00")
    teller.say(CLERK, f"{path}/begin-renovation")
    teller.say(GUARD, f"{path}/stop-renovation", kind="load-bearing", matter="拆墙")
    teller.refused(HEAD, f"{path}/resume-renovation", "violations-open")
    teller.put_right(teller.rows("rectifications")[0]["case_id"])
    teller.say(HEAD, f"{path}/resume-renovation")
    teller.say(CLERK, f"{path}/report-renovation-finished")
    teller.say(HEAD, f"{path}/accept-renovation", signature="王")
    teller.refused(CLERK, f"{path}/refund-renovation-deposit", "own-work")
    teller.say(MANAGER, f"{path}/refund-renovation-deposit", method="transfer")
    [row] = teller.rows("renovations")
    assert (row["state"], row["held_fen"], row["violations"]) == ("settled", 0, 1)


@pytest.mark.long
def test_chapter_2_a_day_is_patrolled_and_another_is_not(teller: Teller) -> None:
    patrol = teller.rows("patrols")[0]["case_id"]
    teller.say(GUARD, f"patrols/{patrol}/begin-patrol")
    teller.say(
        GUARD,
        f"patrols/{patrol}/record-patrol-finding",
        subject="safety",
        place="车库",
        matter="灭火器过期",
        handling="rectification",
        photo="IMG1",
    )
    subjects = [
        {"subject": s, "good": s != "safety"} for s in ("cleaning-and-greening", "violations", "safety", "staff")
    ]
    teller.say(GUARD, f"patrols/{patrol}/end-patrol", subjects=subjects)
    teller.until("2025-01-03 00:00")
    assert teller.figure("patrol-rate", "2025-01-01", "2025-01-02") == (1, 2)
    assert len(teller.rows("rectifications")) == 1


def test_chapter_4_a_complaint_by_letter_until_its_resident_is_content(teller: Teller) -> None:
    case_id = teller.opened(
        CLERK,
        "complaints",
        channel="letter",
        category="noise",
        matter="水泵噪音",
        content="夜间",
        complainant="王",
        household=teller.household("1-101"),
    )
    path = f"complaints/{case_id}"
    promise = shanghai("2025-01-04 18:00").isoformat()
    teller.say(CLERK, f"{path}/assess-complaint", measure="检修", promised_by=promise, told_at=teller.now.isoformat())
    teller.refused(CLERK, f"{path}/resolve-complaint", "root-cause-missing", done_by="gong-1", result="已更换")
    for content in (False, True):
        teller.until(teller.now + timedelta(days=1))
        if content:  # opened again: it wants its measure, its telling and its cause anew
            teller.refused(CLERK, f"{path}/resolve-complaint", "measure-missing", done_by="gong-1", result="已更换")
            again = shanghai("2025-01-05 18:00").isoformat()
            teller.say(
                CLERK, f"{path}/assess-complaint", measure="整机更换", promised_by=again, told_at=teller.now.isoformat()
            )
        teller.say(CLERK, f"{path}/investigate-complaint", findings="减震垫老化", root_cause="老化")
        teller.say(CLERK, f"{path}/resolve-complaint", done_by="gong-1", result="已更换")
        teller.refused(CLERK, f"{path}/archive-complaint", "follow-up-missing")
        [visit] = [row for row in teller.rows("follow-ups") if row["type"] == "complaint" and row["open"]]
        teller.visit(visit["case_id"], content=content)
        if not content:
            teller.put_right(next(row for row in teller.rows("rectifications") if row["open"])["case_id"])
    teller.refused(CLERK, f"{path}/archive-complaint", "letter-missing")
    teller.say(CLERK, f"{path}/send-reply-letter", recipient="王", text="致歉并说明")
    teller.say(CLERK, f"{path}/record-letter-arrival", arrived_on="2025-01-03")
    teller.say(CLERK, f"{path}/archive-complaint")
    [row] = teller.rows("complaints")
    assert (row["state"], row["reopened"], row["letter_arrived_on"]) == ("archived", 1, "2025-01-03")
    assert teller.figure("complaint-handling-rate", "2025-01-01", "2025-01-31") == (1, 1)


@pytest.mark.long
def test_chapter_5_the_half_years_survey_and_the_quarters_review(teller: Teller) -> None:
    survey = teller.rows("surveys")[0]["case_id"]
    path = f"surveys/{survey}"
    teller.say(CLERK, f"{path}/draft-survey", title="上半年", questions=[{"code": "q1", "text": "保洁"}])
    homes = [teller.household(f"1-10{n}") for n in (1, 2, 3)]
    teller.say(MANAGER, f"{path}/issue-survey", households=homes, closes_on="2025-01-31")
    for respondent, mark in zip(homes, (5, 1), strict=False):
        teller.say(
            CLERK, f"{path}/record-survey-answer", respondent=respondent, marks=[{"question": "q1", "mark": mark}]
        )
    teller.until("2025-02-02 09:00")
    teller.say(MANAGER, f"{path}/evaluate-survey", analysis="保洁两极")
    [result] = teller.rows("survey-results")
    assert (result["answered"], result["satisfied"], result["dissatisfied"], result["average_hundredths"]) == (
        2,
        1,
        1,
        300,
    )
    [visit] = [row for row in teller.rows("follow-ups") if row["origin_kind"] == "survey"]
    assert visit["household"] == homes[1]
    teller.visit(visit["case_id"], content=True)
    teller.until("2025-04-01 09:00")
    review = next(row for row in teller.rows("quarterly-reviews") if row["quarter"] == "2025-Q1")["case_id"]
    teller.say(MANAGER, f"quarterly-reviews/{review}/analyse-quarter", analysis="平稳")
    teller.refused(MANAGER, f"quarterly-reviews/{review}/approve-quarterly-review", "own-work")
    teller.say(COMPANY, f"quarterly-reviews/{review}/approve-quarterly-review")
    assert teller.figure("quarterly-reviews-in-time", "2025-01-01", "2025-12-31") == (1, 1)
    assert teller.figure("surveys-evaluated", "2025-01-01", "2025-06-30") == (1, 1)


@pytest.mark.long
def test_chapter_6_a_service_from_the_catalogue_to_the_bill(teller: Teller) -> None:
    item = teller.opened(
        MANAGER,
        "service-items",
        code="B01",
        name="保洁",
        kind="convenience",
        unit="hour",
        price_fen=5_000,
        standard="两人",
    )
    lives = teller.household("1-101")
    order = teller.opened(CLERK, "service-orders", service_item=item, household=lives, quantity=2)
    teller.say(CLERK, f"service-orders/{order}/report-service-performed")
    teller.refused(CLERK, f"service-orders/{order}/accept-service", "signature-missing")
    teller.say(CLERK, f"service-orders/{order}/accept-service", signature="王")
    [charge] = teller.rows("service-charges")
    assert (charge["month"], charge["amount_fen"], charge["household"]) == ("2025-01-01", 10_000, lives)
    [visit] = [row for row in teller.rows("follow-ups") if row["origin_id"] == order]
    teller.visit(visit["case_id"], content=True)
    assert teller.figure("other-follow-ups-in-window", "2025-01-01", "2025-12-31") == (1, 1)


def test_chapters_7_and_8_arrears_by_the_law_and_never_the_water(teller: Teller) -> None:
    lives = teller.household("1-101")
    bill = teller.opened(
        CLERK,
        "bills",
        household=lives,
        period="2025-01",
        lines=[{"item": "物业服务费", "quantity": 10_000, "price_fen": 250, "amount_fen": 25_000}],
    )
    teller.refused(CLERK, "bills", "already-held", household=lives, period="2025-01", amount_fen=1)
    teller.until("2025-02-17 09:00")
    [debt] = teller.rows("debt-cases")
    path = f"debt-cases/{debt['case_id']}"

    def letter(stage: int) -> None:
        how = {"stage": stage, "means": "mailbox", "addressee": "户主"}
        typed = [{"bill": bill, "principal_fen": 25_000}]
        teller.refused(CLERK, f"{path}/issue-dunning-notice", "amounts-typed", claims=typed, **how)
        teller.say(CLERK, f"{path}/issue-dunning-notice", **how)

    letter(1)
    delivery = {"stage": 1, "means": "in-person", "signer": "王", "relation": "family"}
    teller.say(CLERK, f"{path}/record-notice-delivery", **delivery)
    assert teller.rows("debt-bills")[0]["lapses_on"] == "2028-02-17"
    teller.say(CLERK, f"{path}/remind-debtor", kind="telephone")
    teller.refused(CLERK, f"{path}/begin-second-stage", "reason-missing")
    teller.say(CLERK, f"{path}/record-arrears-reason", reason="refusal", verified_by="li")
    teller.until("2025-03-05 09:00")
    teller.say(CLERK, f"{path}/begin-second-stage")
    letter(2)
    teller.say(CLERK, f"{path}/record-notice-delivery", **(delivery | {"stage": 2}))
    teller.say(CLERK, f"{path}/visit-debtor", outcome="refused")
    teller.until("2025-03-09 09:00")
    services = {"services": ["convenience-services"], "ground": "covenant", "article": 31}
    teller.refused(CLERK, f"{path}/suspend-services", "role", **services)
    teller.say(
        MANAGER, f"{path}/suspend-services", 422, services=["water"], ground="covenant", article=31
    )  # it cannot be said
    teller.say(MANAGER, f"{path}/suspend-services", **services)
    owed = teller.rows("bills")[0]["outstanding_fen"]
    teller.say(CLERK, f"bills/{bill}/receive-payment", amount_fen=owed, method="微信", receipt="S1", payer="王")
    [row] = teller.rows("debt-cases")
    assert (row["state"], row["services"], row["restored_on"]) == ("settled", None, "2025-03-09")
    assert teller.figure("dunning-notices-on-time", "2025-01-01", "2025-12-31") == (2, 2)
    assert teller.figure("collection-rate-by-household", "2025-01-01", "2025-12-31") == (1, 1)


@pytest.mark.long
def test_chapter_9_a_file_from_its_opening_to_its_erasure(teller: Teller) -> None:
    file = teller.opened(CLERK, "households", home="9-909", name="张大山")
    path = f"households/{file}"
    teller.say(CLERK, f"{path}/add-person", relation="spouse", name="李小红")
    teller.say(CLERK, f"{path}/give-consent", purpose="survey", signature="张")
    teller.until("2025-04-03 09:00")
    assert teller.figure("resident-files-kept-up", "2025-01-01", "2025-04-02") == (0, 1)
    teller.say(CLERK, f"{path}/confirm-file")
    teller.say(CLERK, f"{path}/move-household-out")
    assert teller.say(CLERK, f"{path}/request-erasure", reason="本人要求")["facts"] == ["ErasureRefused"]
    teller.until("2028-04-05 09:00")
    teller.say(CLERK, f"{path}/request-erasure", reason="保管期满")
    teller.say(MANAGER, f"{path}/erase-household")
    answer = teller.api.ask("GET", f"/offices/{OFFICE}/{path}/facts", CLERK, OFFICE)
    assert "张大山" not in answer.text
    assert answer.json()["facts"][-1]["name"] == "HouseholdErased"
