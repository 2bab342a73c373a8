"""A month's notices by building (§7.2c): in parts, once, in the order in which they are carried round."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.papers import run_notices
from api.papers.typesetting import Job, compiled, prepared
from api.papers.workers import set_in_workers
from domain.kernel.people import Role
from tests.api.conftest import ApiClient
from tests.api.test_mistakes import get, post
from tests.console.conftest import ConsoleClient, console_over, database_and_pool
from tests.papers.test_typesetting import PAPER, named, where

CLERK, MANAGER, COMPANY = Role.ADMINISTRATOR, Role.MANAGER, Role.COMPANY
HOMES = (("2-10-1", "2"), ("2-9-1", "2"), ("10-1", "10"), ("1-102", "1"), ("1-101", "1"), ("8-1", None))


@pytest.fixture(scope="module")
def issued(application: FastAPI, server: str) -> Iterator[tuple[ConsoleClient, str]]:
    """The office SIM on 1 April 2025 with its run of March issued to six homes; and the run."""
    with database_and_pool(server) as (_, pool):
        api = console_over(application, pool)
        api.simulated("SIM", "2025-03-01 09:00")
        said = {"code": "W1", "name": "物业服务费", "kind": "management", "price": "2.50", "valid_from": "2025-01-01"}
        standard = post(api, "fee-standards", {**said, "reason": "责任书", "document": "d"}, MANAGER, 201)["id"]
        for home, building in HOMES:
            who = {"home": home, "name": "王", "area": 10_000, "building": building}
            lives = post(api, "households", who, status=201)["id"]
            attached = {"home": home, "household": lives, "quantity": 10_000, "first": "2025-03-01"}
            post(api, f"fee-standards/{standard}/attach-home", attached)
        api.until("SIM", "2025-03-31 09:00")
        run = str(post(api, "bill-runs", {"month": "2025-03-01"}, status=201)["id"])
        post(api, f"bill-runs/{run}/compile-bill-run", {})
        api.until("SIM", "2025-03-31 09:01")
        post(api, f"bill-runs/{run}/review-bill-run", {"remark": "首月"}, MANAGER)
        post(api, f"bill-runs/{run}/approve-bill-run", {}, COMPANY)
        api.until("SIM", "2025-04-01 09:00")
        yield api, run


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def parts(api: ApiClient, run: str) -> list[dict[str, Any]]:
    return list(get(api, f"/offices/SIM/bill-runs/{run}/notices", CLERK)["parts"])


def test_parts_follow_the_buildings_and_the_homes_as_people_count_them(issued: tuple[ConsoleClient, str]) -> None:
    api, run = issued
    found = run_notices.parts_of(api.context, "SIM", run)
    seen = [(part.number, part.building, part.first, part.last, len(part.bills)) for part in found]
    assert seen == [
        (1, "1", "1-101", "1-102", 2),
        (2, "2", "2-9-1", "2-10-1", 2),
        (3, "10", "10-1", "10-1", 1),
        (4, "", "8-1", "8-1", 1),
    ]


def test_no_part_is_longer_than_it_may_be(issued: tuple[ConsoleClient, str], monkeypatch: pytest.MonkeyPatch) -> None:
    api, run = issued
    monkeypatch.setattr(run_notices, "AT_ONCE", 1)
    assert [part["notices"] for part in parts(api, run)] == [1] * len(HOMES)


@pytest.mark.long
def test_what_was_set_is_not_set_again_and_what_was_not_is_gone_on_with(
    issued: tuple[ConsoleClient, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, run = issued
    path = f"/offices/SIM/bill-runs/{run}/notices"
    made = api.ask("POST", path, CLERK, "SIM", params={"limit": "1"}).json()["parts"]
    assert [part["ready"] for part in made] == [True, False, False, False]
    [first] = tmp_path.rglob("*.pdf")
    written = first.stat().st_mtime_ns
    made = api.ask("POST", path, CLERK, "SIM").json()["parts"]
    assert all(part["ready"] for part in made)
    assert first.stat().st_mtime_ns == written

    def never(*_: object) -> None:
        raise AssertionError("it was set before")

    monkeypatch.setattr(run_notices, "typeset", never)
    pdf = api.ask("GET", made[0]["href"], CLERK, "SIM").content
    assert pdf == first.read_bytes()
    for _ in range(2):
        assert api.ask("GET", made[0]["href"], MANAGER, "SIM").content == pdf
    printed = get(api, "/offices/SIM/registers/printed-papers", CLERK, sha256=sha256(pdf).hexdigest())["rows"]
    assert len({row["case_id"] for row in printed}) == 1
    assert len({row["printed_case"] for row in printed}) == len(printed) == 2
    assert api.ask("GET", f"{path}/99.pdf", CLERK, "SIM").status_code == 404


@pytest.mark.long
def test_processes_set_the_same_bytes_and_what_one_runs_into_is_told() -> None:
    jobs = [prepared([named(name)], where) for name in ("王", "李", "张")]
    taken: dict[int, bytes] = {}
    set_in_workers([0, 1, 2], lambda task: jobs[task], taken.__setitem__)
    assert taken == {number: compiled(job) for number, job in enumerate(jobs)}
    broken = Job(prepared([PAPER], where).papers.replace('"pairs"', '"no such block"'), 1, 0)
    with pytest.raises(RuntimeError, match="TypstError"):
        set_in_workers([0], lambda _: broken, taken.__setitem__)


def test_the_month_page_leads_to_the_notices_by_building(issued: tuple[ConsoleClient, str]) -> None:
    console, _ = issued
    base = "/console/SIM/months/2025-03"
    assert f'href="{base}/notices"' in console.page(base, MANAGER, office="SIM").text
    for lang, word in (("zh", "分 4 册"), ("en", "in 4 parts")):
        page = console.page(f"{base}/notices", CLERK, lang, "SIM")
        assert (page.status_code, word in page.text) == (200, True)
    assert console.page("/console/SIM/months/2031-01/notices", CLERK, office="SIM").status_code == 404
    assert console.page(f"{base}/notices/99", CLERK, office="SIM").status_code == 404


@pytest.mark.long
def test_the_button_sets_them_and_a_part_is_printed(issued: tuple[ConsoleClient, str]) -> None:
    console, _ = issued
    base = "/console/SIM/months/2025-03/notices"
    going = console.send(base, {}, CLERK, "SIM")
    assert "已排版 3 册，共 4 册" in going.text
    assert console.send(base, {"done": "3"}, CLERK, "SIM").headers["location"] == base
    assert "排版其余" not in console.page(base, CLERK, office="SIM").text
    printed = console.page(f"{base}/2", CLERK, office="SIM")
    assert (printed.headers["content-type"], printed.content[:5]) == ("application/pdf", b"%PDF-")
