"""Dates as they come: the order of the parts is said by the mapping, everything else is read."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.importing.dates import ORDERS, loosely

NOON = datetime(2019, 3, 5, 15, 5)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2019-03-05 15:05", "ymd"),
        ("2019/3/5 15:05:00", "ymd"),
        ("2019.3.5 15:05:00.000", "ymd"),
        ("2019-03-05T15:05:00", "ymd"),
        ("2019年3月5日 15时05分", "ymd"),
        ("2019年3月5日下午3:05", "ymd"),
        ("2019年3月5日 下午15:05", "ymd"),
        ("03/05/2019 03:05:00 PM", "mdy"),
        ("3/5/2019 3:05 pm", "mdy"),
        ("03-05-2019 15:05", "mdy"),
        ("5/3/2019 15:05", "dmy"),
        ("05.03.2019 15:05:00", "dmy"),
    ],
)
def test_one_instant_in_many_styles(text: str, order: str) -> None:
    assert loosely(text, order) == NOON


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2019-03-05 15:05 Z", "ymd"),
        ("2019-03-05T23:05:00+08:00", "ymd"),
        ("2019-03-05 23:05+08", "ymd"),
        ("2019-03-05 10:35:00-0430", "ymd"),
    ],
)
def test_an_offset_is_kept(text: str, order: str) -> None:
    found = loosely(text, order)
    assert found is not None
    assert found.tzinfo is not None
    assert found == NOON.replace(tzinfo=timezone(timedelta(0)))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("", "ymd"),
        ("soon", "ymd"),
        ("20190305", "ymd"),
        ("2019-13-05", "ymd"),
        ("2019-03-05 24:00", "ymd"),
        ("2019-03-05 15:65", "ymd"),
        ("31/12/2019", "mdy"),
        ("12/31/2019", "dmy"),
        ("3/5/19", "mdy"),
        ("2019-03-05", "mdy"),
        ("3/5/2019 15:05 PM", "mdy"),
        ("2019-03-05 15:05 tomorrow", "ymd"),
    ],
)
def test_what_is_no_date_or_could_be_two(text: str, order: str) -> None:
    assert loosely(text, order) is None


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), st.sampled_from(sorted(ORDERS)))
def test_every_instant_is_read_as_it_was_written(at: datetime, order: str) -> None:
    parts = {"ymd": f"{at:%Y-%m-%d}", "mdy": f"{at:%m/%d/%Y}", "dmy": f"{at:%d.%m.%Y}"}
    assert loosely(f"{parts[order]} {at:%H:%M:%S}.{at.microsecond:06}", order) == at


@given(st.text("0123456789-/.:年月日时分秒上下午APMTZ+ ", max_size=30), st.sampled_from(sorted(ORDERS)))
def test_nothing_that_is_written_breaks_it(text: str, order: str) -> None:
    found = loosely(text, order)
    assert found is None or isinstance(found, datetime)
