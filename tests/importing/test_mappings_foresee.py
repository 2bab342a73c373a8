"""The shipped mappings over what their files did not have: other words, other headers, other styles, cases cut short.

Every row here is invented. None may be lost to a word that nobody has seen before.
"""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database
from tests.importing.small import NOW
from tests.office_rig import OfficeRig, office_rig
from workflows.importing.run import Report, import_history

pytestmark = pytest.mark.long
MAPPINGS = Path(__file__).parents[2] / "mappings"


@pytest.fixture
def rig(database: Database) -> Any:
    with office_rig(database.app) as rig:
        yield rig


def bring(rig: OfficeRig, folder: Path, name: str, header: str, *rows: str) -> Report:
    (folder / "rows.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return import_history(
        rig.handler,
        rig.pool.connection,
        folder / "rows.csv",
        MAPPINGS / f"{name}.toml",
        rig.code,
        now=NOW,
        problems=folder / "problems.csv",
    )


def codes(folder: Path) -> list[tuple[int, str, str]]:
    with (folder / "problems.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(int(row["line"]), row["code"], row["effect"]) for row in csv.DictReader(file)]


# -- complaints ------------------------------------------------------------------------------------------------------

REQUESTS = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CASE_STATUS,CLOSURE_REASON,REASON,TYPE,Source"


def test_requests_with_words_nobody_has_seen(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "boston311_housing_2015",
        REQUESTS,
        "1,03/01/2016 08:00:00 AM,,03/02/2016 08:00:00 AM,OVERDUE,Cancelled,,Lifts,Lift - Stuck,Carrier Pigeon",
        "2,2016-03-01 08:00:00,2016-03-05T08:00:00.000,,,,,,,",
        "3,3/1/2016 8:00:00 pm,someday,tomorrow,ONTIME,Open,,Lifts,Lift - Stuck,Self Service",
    )
    assert (report.taken, report.refused) == (3, 0)
    assert codes(tmp_path) == [(4, "time-unreadable", "noted"), (4, "time-unreadable", "noted")]
    first, second, third = rig.rows("complaints")
    assert (first["stated_channel"], first["matter"], first["ever_missed"]) == ("Carrier Pigeon", "Lift - Stuck", True)
    assert (first["closed_at"] - first["opened_at"]).days == 1
    assert (second["category"], second["closed_at"], (second["promised_by"] - second["opened_at"]).days) == (
        "",
        None,
        4,
    )
    assert (third["opened_at"].hour, third["promised_by"], third["closed_at"]) == (12, None, None)


def test_requests_of_a_later_system_with_other_headers(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "boston311_housing_2015",
        "case_id,open_date,case_topic,service_name,assigned_department,case_status,closure_comments,close_date,"
        "target_close_date,on_time,report_source,latitude",
        "BCS-1,2025-03-01 08:00:00,Housing,Heat,ISD,Closed,done,2025-03-04 08:00:00,2025-03-02 08:00:00,OVERDUE,App,1",
    )
    assert (report.taken, report.refused) == (1, 0)
    row = rig.rows("complaints")[0]
    assert (row["category"], row["matter"], row["stated_channel"]) == ("Housing", "Heat", "App")
    assert (row["state"], row["ever_missed"], (row["closed_at"] - row["opened_at"]).days) == ("archived", True, 3)


INCIDENTS = (
    "number,incident_state,reassignment_count,reopen_count,made_sla,opened_at,sys_updated_at,contact_type,category,"
    "subcategory,priority,assignment_group,resolved_by,closed_code,resolved_at,closed_at"
)


def test_incidents_with_a_state_nobody_explained(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "servicenow_incidents",
        INCIDENTS,
        "I1,New,0,0,true,1/3/2016 08:00,1/3/2016 08:00,Fax,,,,G1,?,?,3/3/2016 08:00,9/3/2016 08:00",
        "I1,On Hold,0,0,true,1/3/2016 08:00,1/3/2016 09:00,Fax,?,,,G1,?,?,3/3/2016 08:00,9/3/2016 08:00",
        "I1,Awaiting Legal,1,0,false,1/3/2016 08:00,2/3/2016 09:00,Fax,?,,,G2,?,?,3/3/2016 08:00,9/3/2016 08:00",
        "I1,Active,1,?,false,1/3/2016 08:00,2/3/2016 10:00,Fax,?,,,G2,?,?,3/3/2016 08:00,9/3/2016 08:00",
        "I1,Resolved,1,0,false,1/3/2016 08:00,3/3/2016 08:00,Fax,?,,,G2,R,c,3/3/2016 08:00,9/3/2016 08:00",
        "I1,Closed,1,0,false,1/3/2016 08:00,9/3/2016 08:00,Fax,?,,,G2,R,c,3/3/2016 08:00,9/3/2016 08:00",
    )
    assert (report.rows, report.refused) == (6, 0)
    row = rig.rows("complaints")[0]
    assert (row["state"], row["stated_channel"], row["steps"], row["reassigned"]) == ("archived", "Fax", 1, 1)
    assert (row["category"], row["ever_missed"], row["waiting_for"]) == ("?", True, None)
    assert (row["closed_at"] - row["opened_at"]).days == 8


def test_incidents_whose_beginning_lies_before_the_file(rig: OfficeRig, tmp_path: Path) -> None:
    """It was opened again twice before the first row: nobody knows when it had been resolved."""
    report = bring(
        rig,
        tmp_path,
        "servicenow_incidents",
        INCIDENTS,
        "I2,Active,3,2,true,1/3/2016 08:00,5/3/2016 08:00,Phone,C,S,P,G1,?,?,7/3/2016 08:00,?",
        "I2,Resolved,3,2,true,1/3/2016 08:00,7/3/2016 08:00,Phone,C,S,P,G1,R,c,7/3/2016 08:00,?",
        "I2,Active,3,3,true,1/3/2016 08:00,8/3/2016 08:00,Phone,C,S,P,G1,R,c,9/3/2016 08:00,?",
        "I3,Closed,0,0,true,1/3/2016 08:00,5/3/2016 08:00,Phone,C,S,P,G1,R,c,?,4/3/2016 08:00",
        "I3,Active,0,0,true,1/3/2016 08:00,6/3/2016 08:00,Phone,C,S,P,G1,R,c,?,4/3/2016 08:00",
        "I3,Closed,0,0,true,1/3/2016 08:00,7/3/2016 08:00,Phone,C,S,P,G1,R,c,?,7/3/2016 08:00",
    )
    assert report.refused == 0
    first, second = rig.rows("complaints")
    assert (first["reopened"], first["reassigned"], first["state"], first["closed_at"]) == (3, 3, "reopened", None)
    assert (second["state"], second["reopened"], second["closed_at"].day) == ("archived", 0, 7)


def test_tickets_with_steps_nobody_explained_are_closed_as_of_their_last_closing(
    rig: OfficeRig, tmp_path: Path
) -> None:
    report = bring(
        rig,
        tmp_path,
        "helpdesk_events",
        "case_id,activity,resource,timestamp",
        "T1,Sing,a,2010-01-01T08:00:00+02:00",
        "T1,Take in charge ticket,b,2010-01-02T08:00:00+02:00",
        "T1,Resolve ticket,b,2010-01-03T08:00:00+02:00",
        "T1,Wait,b,2010-01-04T08:00:00+02:00",
        "T1,Closed,b,2010-01-05T08:00:00+02:00",
        "T1,Resolve ticket,b,2010-01-06T08:00:00+02:00",
        "T1,Closed,b,2010-01-07T08:00:00+02:00",
        "T1,Take in charge ticket,c,2010-01-08T08:00:00+02:00",
        "T2,Closed,b,2010-01-05 08:00:00",
    )
    assert (report.taken, report.refused, report.problems) == (9, 0, {})
    first, second = rig.rows("complaints")
    assert (first["state"], first["closed_at"].day, first["reopened"], first["steps"]) == ("archived", 7, 1, 8)
    assert (second["state"], second["opened_at"] == second["closed_at"], second["steps"]) == ("archived", True, 1)


@pytest.mark.parametrize(
    "opened",
    ["2019-03-05 08:00:00", "2019/3/5 8:00", "2019年3月5日 8:00", "2019/03/05 08:00:00", "2019-03-05T08:00:00"],
)
def test_messages_in_every_style_of_date(rig: OfficeRig, tmp_path: Path, opened: str) -> None:
    long = "物业" + "很久" * 9_000
    report = bring(
        rig,
        tmp_path,
        "cn_changsha_replied",
        "留言编号,留言用户,留言主题,留言时间,留言详情,答复意见,答复时间",
        f"1,U1,反映电梯问题,{opened},{long},已答复,2019/3/7",
        "2,U2,,2019/3/5,停水,,",
        "1,U1,再次,2019/3/9,x,,",
    )
    assert codes(tmp_path) == [(4, "case-opened-twice", "refused")]
    assert report.taken == 2
    first, second = rig.rows("complaints")
    assert (first["category"], first["opened_at"].hour, first["closed_at"].day) == ("property", 0, 6)
    assert (second["category"], second["matter"], second["closed_at"]) == ("other", "?", None)


def test_hotline_requests_from_a_channel_nobody_has_seen(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "cn_fuzhou_12345",
        "id,性质,信息来源,标题,匿名(1)/实名(0),时间,转处理次数,最终回复-投诉事件,新列",
        "1,表扬,闽政通,标题,1,2021/3/5 10:20,2,3,x",
        "2,,,,陈先生,12/27/2021,0.0,,x",
        "3,投诉,电话,标题,0,2021-03-05,?,-2,x",
    )
    assert (report.taken, report.refused) == (3, 0)
    first, second, third = rig.rows("complaints")
    assert (first["stated_channel"], first["category"], first["reassigned"]) == ("闽政通", "表扬", 2)
    assert (first["complainant"], second["complainant"] is None, second["closed_at"]) == (None, False, None)
    assert (first["closed_at"] - first["opened_at"]).days == 3
    assert (third["closed_at"] - third["opened_at"]).days == -2


# -- repairs, permits, bills -----------------------------------------------------------------------------------------


def test_repairs_with_another_step_and_another_channel_and_without_their_first_row(
    rig: OfficeRig, tmp_path: Path
) -> None:
    report = bring(
        rig,
        tmp_path,
        "housing_repair_clean",
        "caseID,taskID,originator,eventtype,timestamp,contact,RepairType,objectKey,RepairInternally,EstimatedRepairTime,"
        "RepairCode,RepairOK",
        "1,FirstContact,A,complete,1971-02-01 8:00,Robot,,,,,,",
        "1,CallDrone,,start,1971-02-01 8:05,,,,,,,",
        "1,MakeTicket,A,complete,1971-02-01 8:03,,Z,77,maybe,soon,,",
        "1,TicketReady,,complete,1971-02-03 8:00,,,,,,,",
        "2,InternRepair,B,start,1971/02/01 09:00,,,,,,,",
        "2,TicketReady,B,complete,1971/02/02 09:00,,,,,,,",
    )
    assert (report.taken, report.refused) == (6, 0)
    first, second = rig.rows("repair-orders")
    assert (first["stated_channel"], first["fault_kind"], first["home"], first["state"]) == (
        "Robot",
        "Z",
        "77",
        "closed",
    )
    assert (second["opening_known"], second["repair_starts"], second["closed_at"].day) == (False, 1, 2)


def test_permits_that_came_by_fax(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "permit_receipt_events",
        "case_id,case:startdate,case:enddate,case:deadline,case:channel,timestamp,activity",
        "c1,2012-01-01T00:00:00+01:00,,,Fax,2012-01-02T08:00:00+01:00,",
        "c2,,2012-01-09T00:00:00+01:00,never,,2012-01-02T08:00:00+01:00,Receipt",
    )
    assert (report.taken, report.refused) == (2, 0)
    first, second = rig.rows("renovations")
    assert (first["stated_channel"], first["decided_at"], first["steps"]) == ("Fax", None, 1)
    assert (second["stated_channel"], second["decided_at"] is not None, second["decide_by"]) == (None, True, None)


def test_fines_whose_rows_are_mixed_and_have_steps_nobody_explained(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "rtfm_events",
        "case_id,event_no,activity,timestamp,amount,expense,paymentAmount",
        "A1,2,Send Fine,2010-03-01T00:00:00+01:00,,11.0,",
        "A2,1,Create Fine,2010-01-01T00:00:00+01:00,20.0,,",
        "A1,1,Create Fine,2010-01-01T00:00:00+01:00,35.0,,",
        "A1,4,Reduce Fine,2010-07-01T00:00:00+02:00,50.0,1.5,",
        "A1,3,Add penalty,2010-06-01T00:00:00+02:00,70.0,,",
        "A2,2,Send Fine,2010-03-01T00:00:00+01:00,,,",
        "A2,3,Sing,2010-03-02T00:00:00+01:00,,,",
        "A2,4,Add penalty,2010-06-01T00:00:00+02:00,,,",
        "A2,5,Payment,2010-06-01T00:00:00+02:00,,,",
    )
    assert (report.rows, report.refused) == (9, 0)
    assert codes(tmp_path) == [(8, "noted-by-mapping", "noted")]
    first, second = sorted(rig.rows("bills"), key=lambda row: row["source_id"])
    assert (first["original_fen"], first["late_fee_fen"], first["corrections_fen"]) == (3500, 3500, -2000)
    assert (first["charges_fen"], first["owed_fen"]) == (1250, 6250)
    assert (second["owed_fen"], second["late_fee_no"] is None, second["payments"]) == (2000, False, 1)


# -- homes -----------------------------------------------------------------------------------------------------------


def test_notices_that_were_cancelled_or_abated(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "baltimore_vacant_notices",
        "NoticeNum,DateNotice,DateCancel,DateAbate,NT,BLOCKLOT",
        "1,2020/01/01 10:00:00+00,2021/01/01 10:00:00+00,,Vacant,0702 001",
        "2,2020/01/01 10:00:00+00,,2022/01/01 10:00:00+00,Rehab,0702  002",
        "3,1/2/2020 10:00:00 AM,,,,",
    )
    assert (report.taken, report.refused) == (3, 0)
    rows = rig.rows("vacant-homes")
    assert [(row["stated_kind"], row["stated_reason"], row["state"]) for row in rows] == [
        ("Vacant", "cancelled", "handed-over"),
        ("Rehab", "abated", "handed-over"),
        (None, None, "vacant"),
    ]
    assert [row["home"] for row in rows] == ["0702 001", "0702 002", "3"]


def test_evaluations_of_later_years_have_other_areas_and_know_the_year_alone(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "toronto_evaluations_pre2023",
        "_id,RSN,YEAR BUILT,YEAR EVALUATED,PROPERTY TYPE,WARD,SITE ADDRESS,CONFIRMED UNITS,CURRENT BUILDING EVAL SCORE,"
        "NO OF AREAS EVALUATED,FENCING,RETAINING WALLS,LOBBY FLOORS,LATITUDE",
        "1,55,1970,2024,PRIVATE,1,1 Main St,40,87.5,3,3,N/A,2,43.6",
    )
    assert (report.taken, report.refused) == (1, 0)
    [found] = rig.rows("inspection-reports")
    assert (found["score_hundredths"], found["marks"], found["lowest_mark"], found["home"]) == (8750, 2, 2, "1 Main St")
    assert [(row["item"], row["mark"], row["good"]) for row in rig.rows("inspection-items")] == [
        ("FENCING", 3, True),
        ("LOBBY FLOORS", 2, False),
    ]


def test_a_wave_with_other_questions(rig: OfficeRig, tmp_path: Path) -> None:
    report = bring(
        rig,
        tmp_path,
        "somerville_survey",
        "Combined_ID,Year,How happy do you feel right now?,How.would.you.rate.the.following..Parks_2015,What.is.your.sex.",
        "1,2015,7.5,4,F",
        "2,2015,R,9,M",
        "2,2015,8,3,M",
    )
    assert codes(tmp_path) == [(4, "answered-twice", "noted")]
    assert (report.taken, report.cases) == (3, 1), "the wave is closed by its last row all the same"
    results = {
        row["question"]: (row["marks"], row["marks_hundredths"], row["most"]) for row in rig.rows("survey-results")
    }
    assert results == {
        "How happy do you feel right now?": (1, 750, 10),
        "How.would.you.rate.the.following..Parks_2015": (2, 1300, 5),
    }
