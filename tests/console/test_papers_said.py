"""What a paper says is known: a matter that is not over is neither late nor in time, and its letter promises no more."""

from __future__ import annotations

import re

from tests.api.conftest import ApiClient
from tests.console.test_forms import XH, registered
from tests.console.test_residents import resolved


def boxes(api: ApiClient, case_id: str) -> list[str]:
    """The boxes that are filled beside «是否逾期»."""
    sheet = api.get(f"{XH}/print/complaint/{case_id}").text
    cell = sheet.partition("是否逾期")[2].partition("</td>")[0]
    assert "是" in cell
    return re.findall(r'class="box on">([^<]+)', cell)


def test_a_complaint_is_not_in_time_before_it_is_handled(api: ApiClient) -> None:
    case_id = registered(api)
    assert boxes(api, case_id) == []
    letter = api.get(f"{XH}/print/letter/{case_id}").text
    assert "我们正在查办" in letter
    assert "我们已经查明并处理" not in letter


def test_one_that_is_handled_says_so(api: ApiClient) -> None:
    case_id = resolved(api)
    assert boxes(api, case_id) == ["否"]
    letter = api.get(f"{XH}/print/letter/{case_id}").text
    assert "我们已经查明并处理" in letter
    assert re.search(r'<p class="end">\d{4}年\d+月\d+日</p>', letter), "the date stands at the right"


def test_what_was_said_stands_on_paper_as_it_was_written(api: ApiClient) -> None:
    said = "第一行：水温<5度，>3小时\n第二行：下雨进水\n\n第四行"
    case_id = registered(api, content=said)
    sheet = api.get(f"{XH}/print/complaint/{case_id}").text
    assert "第一行：水温&lt;5度，&gt;3小时\n第二行：下雨进水\n\n第四行" in sheet
