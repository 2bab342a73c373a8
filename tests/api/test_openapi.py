"""The API's document: committed, valid, and what the program really offers."""

from __future__ import annotations

import json
from collections import Counter

import jsonschema_rs
import pytest

from api.http.openapi import FILE, document, written
from api.routes.actions import offered
from domain.cases import CASES
from domain.kernel.fact import COMMANDS

VERBS = ("get", "post", "put", "delete", "patch")


@pytest.fixture(scope="module")
def made() -> dict:  # type: ignore[type-arg]
    return json.loads(written(document()))


def test_the_committed_document_is_todays(made: dict) -> None:  # type: ignore[type-arg]
    assert FILE.exists(), "run: python -m api.http.openapi"
    assert json.loads(FILE.read_text("utf-8")) == made, "run: python -m api.openapi, and look at the difference"


def test_operation_ids_are_unique_and_every_reference_leads_somewhere(made: dict) -> None:  # type: ignore[type-arg]
    ids = Counter(verbs[verb]["operationId"] for verbs in made["paths"].values() for verb in VERBS if verb in verbs)
    assert [name for name, count in ids.items() if count > 1] == []

    def check(part: object) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                target = made
                for word in part["$ref"].removeprefix("#/").split("/"):
                    target = target[word]
            for each in part.values():
                check(each)
        elif isinstance(part, list):
            for each in part:
                check(each)

    check(made)


def test_every_schema_is_one(made: dict) -> None:  # type: ignore[type-arg]
    assert made["openapi"] == "3.1.0"
    for name, schema in made["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name
        assert "pattern" not in str(schema) or json.dumps(schema), name


def test_every_command_of_a_person_has_one_typed_address(made: dict) -> None:  # type: ignore[type-arg]
    bodies = [
        verbs[verb]["requestBody"]["content"]["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
        for verbs in made["paths"].values()
        for verb in ("post", "put")
        if verb in verbs and "application/json" in verbs[verb].get("requestBody", {}).get("content", {})
    ]
    for lifecycle in CASES:
        opening, going_on = offered(lifecycle)
        for command in {*opening, *going_on}:
            assert bodies.count(command.__name__) == (command in opening) + (command in going_on), command
        for command in set(lifecycle.commands) - {*opening, *going_on}:
            assert command.__name__ not in bodies


def test_answers_are_typed_and_say_the_headers_that_matter(made: dict) -> None:  # type: ignore[type-arg]
    for lifecycle in CASES[1:]:
        seen = made["paths"][f"/offices/{{office}}/{lifecycle.path}/{{case_id}}"]["get"]["responses"]["200"]
        assert seen["content"]["application/json"]["schema"]["$ref"].endswith(f"/Case.{lifecycle.path}")
        assert "ETag" in seen["headers"]
        case = made["components"]["schemas"][f"Case.{lifecycle.path}"]["properties"]
        assert set(case["state"]["enum"]) == set(lifecycle.states)
        assert case["data"]["properties"]
    for verbs in made["paths"].values():
        for verb in VERBS:
            if verb in verbs and verbs[verb].get("x-roles"):
                [(status, done)] = [each for each in verbs[verb]["responses"].items() if each[0] in ("200", "201")]
                assert {"ETag", "Location"} <= set(done["headers"]), (verb, status)


def test_no_command_accepts_unknown_fields(made: dict) -> None:  # type: ignore[type-arg]
    for name in COMMANDS:
        if name in made["components"]["schemas"]:
            assert made["components"]["schemas"][name]["additionalProperties"] is False, name


def test_every_operation_names_its_problems(made: dict) -> None:  # type: ignore[type-arg]
    for path, verbs in made["paths"].items():
        for verb in VERBS:
            if verb in verbs:
                assert {"401", "403", "404", "409", "422"} <= set(verbs[verb]["responses"]), (verb, path)
