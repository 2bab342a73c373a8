"""The money stories through the running program over HTTP: the short ones always, all twenty in the long run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import ApiClient, api, application  # noqa: F401 -- the fixtures
from tests.api.test_feed import served
from tests.fees.played_office import RunningProgram
from tests.fees.scenarios import differences, play, program_of
from tests.fees.stories import KINDS

STORIES = json.loads((Path(__file__).parent / "money_scenarios.json").read_text("utf-8"))
MORE = json.loads((Path(__file__).parent / "more_stories.json").read_text("utf-8"))
"""Stories that combine what the twenty do not; their values come from a clerk's loop over the days that shares no code with ours."""
LONG = {"D01", "D02", "D04", "D06", "D07", "D08", "D09", "D10", "D12", "D13", "D14", "D15", "D17", "D18", "D19", "D20"}
"""Years pass in them, or many offices are opened."""


@pytest.fixture
def program(api: ApiClient) -> Iterator[RunningProgram]:  # noqa: F811 -- the fixture of that name
    """The application behind a socket."""
    with served(api) as base, httpx.Client(base_url=base, timeout=300) as client:
        yield program_of(client, api.context.handler, api.context.accounts)


@pytest.mark.parametrize(
    "story",
    [pytest.param(s, id=s["id"], marks=[pytest.mark.long] if s["id"] in LONG else []) for s in STORIES],
)
def test_a_story_comes_out_as_it_was_reckoned_by_hand(program: RunningProgram, story: dict[str, Any]) -> None:
    assert differences(program, story) == []


@pytest.mark.long
@pytest.mark.parametrize("story", [pytest.param(story, id=story["id"]) for story in MORE])
def test_and_so_do_others(program: RunningProgram, story: dict[str, Any]) -> None:
    assert differences(program, story) == []


def test_a_story_that_comes_out_otherwise_is_told_and_counted(program: RunningProgram) -> None:
    story = next(story for story in STORIES if story["id"] == "D05")
    wrong = {**story, "expected": {"shares": [{"101": 1}, *story["expected"]["shares"][1:]]}}
    broken = {**story, "inputs": {"cases": [{"cost_fen": 1, "weights": {"101": "0"}}]}}
    unknown = {**story, "kind": "something-else"}
    lines = list(play(program, [wrong, broken, unknown]))
    assert lines[0].startswith("D05 shared-cost: case 1: {'101': 33334")
    assert "weights-wrong" in lines[1]
    assert "no such kind" in lines[2]
    assert lines[3] == "0 of 3 equal"


def test_every_kind_of_story_has_one() -> None:
    assert {story["kind"] for story in (*STORIES, *MORE)} == set(KINDS)
