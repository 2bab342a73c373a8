"""Reports on their pages: the same figures as over HTTP, in words and yuan, and the same rows in the workbook."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from api.console.formatting import money
from domain.kernel.people import Role
from projections.reports.index import REPORTS
from tests.console.conftest import OFFICE, ConsoleClient
from tests.console.seen import codes_in
from tests.console.test_register_file import sheet_of

EVERY = [(report.name, by) for report in REPORTS.values() for by in report.groups]


@pytest.mark.parametrize(("name", "by"), EVERY)
def test_a_report_says_in_words_what_the_api_says_in_codes(played: ConsoleClient, name: str, by: str) -> None:
    said = played.ask("GET", f"/offices/{OFFICE}/reports/{name}?by={by}", Role.MANAGER, OFFICE).json()
    page = played.seen(f"/console/{OFFICE}/reports/{name}?by={by}", Role.MANAGER)
    assert page.forbidden == []
    assert codes_in(page) == []
    assert f"{len(said['rows'])} 行" in page.text
    if said["rows"]:
        for total in (fen for column, fen in said["totals"].items() if column.endswith("_fen")):
            assert not total or money(total) in page.text
        assert "（分）" not in page.text, "people say yuan"


def test_each_report_leads_to_the_others_and_a_home_to_its_statement(played: ConsoleClient) -> None:
    moved = played.page(f"/console/{OFFICE}/reports", Role.MANAGER)
    assert (moved.status_code, moved.headers["location"].rpartition("/")[2]) == (303, "ageing")
    page = played.page(f"/console/{OFFICE}/reports/ageing", Role.MANAGER).text
    for report in REPORTS.values():
        assert f"/console/{OFFICE}/reports/{report.name}" in page
    assert f"/console/{OFFICE}/statement/household-" in page
    assert played.page(f"/console/{OFFICE}/reports/no-such", Role.MANAGER).status_code == 404


@pytest.mark.parametrize("name", REPORTS)
def test_its_workbook_has_the_same_heads_and_sums_as_numbers(played: ConsoleClient, name: str) -> None:
    taken = played.page(f"/console/{OFFICE}/reports/{name}/file", Role.MANAGER)
    plain, called = taken.headers["content-disposition"].split("; filename*=UTF-8''")
    assert plain == f'attachment; filename="{name}.xlsx"'
    assert unquote(called).startswith(f"{REPORTS[name].zh} 2025-"), "people find it by what it is called"
    sheet, words = sheet_of(taken.content)
    assert "（分）" not in sheet + words
    assert "_fen" not in sheet + words
    assert 'state="frozen"' in sheet


def test_a_grouping_that_it_has_not_is_said_to_be_none(played: ConsoleClient) -> None:
    answer = played.page(f"/console/{OFFICE}/reports/ageing?by=nobody", Role.MANAGER)
    assert answer.status_code == 409
    assert "可按以下方式分组" in answer.text
