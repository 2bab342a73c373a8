"""The compliance report: clause by clause, the same for ever once its moment has passed, in three forms."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.routes.clause_index import clause_index
from api.routes.compliance import HEAD, Status
from domain.handbook.clauses import CLAUSES
from domain.kernel.people import Role
from projections.registers.index import REGISTERS
from projections.standards.index import STANDARDS
from tests.api.conftest import ApiClient, tomorrow
from workflows.policies.index import POLICIES


def test_every_clause_stands_in_the_report_with_its_figures_or_what_enforces_it(api: ApiClient) -> None:
    case_id = api.complaint()
    api.post(f"/offices/XH/complaints/{case_id}/assess-complaint", {"measure": "m", "promised_by": tomorrow()})
    report = api.get("/compliance", params={"office": "XH"}).json()
    lines = report["lines"]
    assert {line["standard"] for line in lines} - {None} == {standard.slug for standard in STANDARDS}
    told = {line["clause"] for line in lines}
    assert {id for id, clause in CLAUSES.items() if not clause.is_law and "group" not in clause.kinds} <= told
    handled = next(line for line in lines if line["standard"] == "complaint-handling-rate")
    assert (handled["counted"], handled["not_yet_due"], handled["status"]) == (0, 1, "nothing-to-measure")
    by_clause = {line["clause"]: line["status"] for line in lines}
    assert (by_clause["3.1"], by_clause["1.5"], by_clause["4.1"]) == ("enforced", "see-other-clauses", "by-people")


def test_a_report_of_a_past_moment_is_the_same_to_the_byte(api: ApiClient) -> None:
    api.complaint()
    then = datetime.now(UTC).isoformat()
    query = {"office": "XH", "as_of": then, "until": "2100-01-01", "since": "2020-01-01"}
    forms = ("json", "csv", "xlsx")
    before = [api.get("/compliance", params=query | {"format": form}).content for form in forms]
    api.complaint()
    assert [api.get("/compliance", params=query | {"format": form}).content for form in forms] == before
    now = api.get("/compliance", params=query | {"as_of": datetime.now(UTC).isoformat()})
    assert now.content != before[0]


def test_csv_and_workbook_hold_the_same_lines(api: ApiClient) -> None:
    rows = list(csv.reader(io.StringIO(api.get("/compliance?office=XH&format=csv").content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == HEAD
    answer = api.get("/compliance?office=XH&format=xlsx")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    book = zipfile.ZipFile(io.BytesIO(answer.content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(rows) + 1  # the title
    assert "<f>" not in sheet


def test_who_may_not_read_the_office_gets_no_report(api: ApiClient) -> None:
    assert api.get("/compliance?office=YH").status_code in {403, 404}
    assert api.get("/compliance").status_code == 403
    assert api.get("/compliance?office=XH", Role.AUDITOR).status_code == 200
    assert api.get("/compliance?office=XH&since=2025-02-01&until=2025-01-01").status_code == 409


def test_the_command_line_prints_and_files_the_report(
    api: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from api.cli.main import app

    monkeypatch.setenv("DATABASE_URL", api.owner)
    monkeypatch.setenv("WUYE_HOME", str(tmp_path))
    monkeypatch.setenv("WUYE_MASTER_KEY", base64.b64encode(bytes(range(32))).decode())
    monkeypatch.setenv("WUYE_ALLOW_UNSAFE_SERVER", "1")

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["compliance", *words], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    assert "由程序执行" in run("--office", "XH")
    assert {line["status"] for line in json.loads(run("--office", "XH", "--json"))} <= set(Status)
    assert run("--office", "XH", "--format", "csv").startswith("条款 clause,")
    run("--office", "XH", "--format", "xlsx", code=2)
    run("--format", "pdf", code=2)
    file = tmp_path / "r.xlsx"
    run("--office", "XH", "--format", "xlsx", "--file", str(file))
    assert zipfile.is_zipfile(file)


def test_what_rests_on_a_clause_names_real_commands() -> None:
    from api.routes.actions import slug_of
    from domain.cases import CASES

    commands = {slug_of(row.command) for lifecycle in CASES for row in lifecycle.steps}
    for on_it in clause_index(REGISTERS, POLICIES).values():
        assert set(on_it.get("commands", ())) <= commands
