"""The weekly sample can neither be foreseen nor steered 抽样先承诺后揭示 (§5.2.B), and a third party redraws it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.routes.cases import data_of
from domain.complaints.complaint.events import Channel
from domain.kernel.errors import RuleBroken
from domain.kernel.fact import Fact
from domain.kernel.people import Role
from domain.rounds.repair_order.commands import RaiseRepairOrder, ReportRepairReady
from domain.visits.weekly_sample import OpenWeeklySample, commitment_of
from journal.confidential import MasterKey
from tests.conftest import Database
from tests.office_rig import OfficeRig, office_rig
from tests.workflows.checked_office import checked_office

CLERK = Role.ADMINISTRATOR
SCRIPT = Path(__file__).parents[2] / "docs" / "redraw_sample.py"


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    with checked_office(database) as rig:
        yield rig


def repairs(rig: OfficeRig, count: int, *, at: str, office: str | None = None) -> None:
    for n in range(count):
        raised = RaiseRepairOrder(channel=Channel.TELEPHONE, fault_kind="plumbing", home=f"1-{n}")
        order = rig.do(raised, as_=CLERK, at=at, office=office).case_id
        rig.do(ReportRepairReady(done_by="plumber", result="好"), as_=CLERK, on=order, office=office)


def samples(rig: OfficeRig, name: str, office: str | None = None) -> list[Fact]:
    return [fact for fact in rig.facts(office) if fact.name == name]


def redrawn(facts: list[Fact], change: Any = lambda _data: None) -> subprocess.CompletedProcess[str]:
    told = json.loads(json.dumps({"facts": [{"name": f.name, "data": data_of(f.event)} for f in facts]}, default=str))
    change(told["facts"][-1]["data"])
    return subprocess.run(
        [sys.executable, SCRIPT], input=json.dumps(told), capture_output=True, text=True, check=False, timeout=30
    )


def test_every_draw_publishes_the_digest_of_the_next_secret_and_reveals_its_own(rig: OfficeRig) -> None:
    repairs(rig, 7, at="2025-01-07 10:00")
    rig.until("2025-01-20 08:00")
    opened: list[Any] = [fact.event for fact in samples(rig, "WeeklySampleOpened")]
    drawn: list[Any] = [fact.event for fact in samples(rig, "WeeklySampleDrawn")]
    assert [each.week for each in opened] == ["2025-W01", "2025-W02", "2025-W03", "2025-W04"]
    for before, draw in zip(opened, drawn, strict=False):
        assert (before.week, before.commitment) == (draw.week, commitment_of(draw.secret))
        assert draw.as_committed
    assert len({each.commitment for each in opened}) == 4
    numbers = {fact.number for fact in samples(rig, "WeeklySampleDrawn")}
    follows = [fact.number for fact in samples(rig, "WeeklySampleOpened")][1:]
    assert all(any(0 < number - drawing < 10 for drawing in numbers) for number in follows), "in the same append"
    rows = rig.rows("weekly-samples")
    assert [row["as_committed"] for row in rows if row["state"] == "drawn"] == [True] * 3
    assert all(row["secret"] is None for row in rows if row["state"] == "waiting"), "not before the draw"


def test_a_third_party_redraws_it_with_twenty_lines_and_sees_when_it_is_another(rig: OfficeRig) -> None:
    assert len(SCRIPT.read_text("utf-8").splitlines()) <= 20
    repairs(rig, 11, at="2025-01-07 10:00")
    rig.until("2025-01-13 08:00")
    facts = [fact for fact in rig.facts() if fact.case_id == "weekly_sample-XH-2025-W02"]
    good = redrawn(facts)
    assert good.returncode == 0, good.stdout + good.stderr
    chosen = rig.case("weekly_sample-XH-2025-W02").chosen
    assert len(chosen) == 3
    assert all(case in good.stdout for case in chosen)
    for change in (
        lambda data: data.update(secret="0" * 64),
        lambda data: data["population"].pop(),
        lambda data: data.update(chosen=data["chosen"][:-1]),
    ):
        assert redrawn(facts, change).returncode == 1


def test_a_real_offices_secret_is_its_master_keys_alone(database: Database) -> None:
    said = []
    for n, key in enumerate((b"k" * 32, b"q" * 32, b"k" * 32)):
        with office_rig(database.app, code=f"PLAY-{n}", key=key) as rig:
            code = f"REAL-{n}"
            rig.open(code, simulated=False)
            repairs(rig, 6, at="2025-01-01 10:00", office=code)
            rig.clock.catch_up(rig.now.replace(month=1, day=6), office=code)
            [opened, _] = samples(rig, "WeeklySampleOpened", code)
            [drawn] = samples(rig, "WeeklySampleDrawn", code)
            event: Any = drawn.event
            assert event.secret == MasterKey(key).secret(f"weekly sample|{code}|2025-W01")
            assert (opened.event.commitment, event.as_committed) == (commitment_of(event.secret), True)  # type: ignore[attr-defined]
            said.append(event.secret)
    assert len(set(said)) == 3
    assert MasterKey(b"k" * 32).secret("a") != MasterKey(b"q" * 32).secret("a")


def test_a_changed_master_key_holds_up_no_draw_and_is_seen(database: Database) -> None:
    with office_rig(database.app, code="PLAY") as rig:
        rig.open("REAL", simulated=False)
        begun = rig.now
    with office_rig(database.app, code="PLAY-2", key=b"q" * 32) as other:
        other.clock.catch_up(begun.replace(month=1, day=6), office="REAL")
        [drawn] = samples(other, "WeeklySampleDrawn", "REAL")
        assert drawn.event.as_committed is False  # type: ignore[attr-defined]


def test_nobody_says_the_commitment_himself(rig: OfficeRig) -> None:
    own = OpenWeeklySample(week="2025-W30", commitment=commitment_of("mine"))
    sample = rig.case(rig.do(own, as_=Role.POLICY).case_id)
    assert sample.commitment not in (None, commitment_of("mine"))
    with pytest.raises(RuleBroken):
        rig.do(OpenWeeklySample(week="March"), as_=Role.POLICY)
