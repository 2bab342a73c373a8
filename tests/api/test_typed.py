"""What the document says about cases and facts is what they are: every state that a walk reaches, every event it saw."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import msgspec
import pytest

from api.http.application import document
from api.http.typed import case_schema
from api.routes.cases import data_of
from domain.cases import CASES
from domain.kernel.lifecycle.ask import Lifecycle
from tests.domain.walking import walk


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return dict(document()["components"]["schemas"])


@pytest.mark.parametrize("lifecycle", CASES, ids=lambda lifecycle: lifecycle.kind)
def test_every_case_and_fact_is_as_the_document_says(lifecycle: Lifecycle[Any], schemas: dict[str, Any]) -> None:
    looked_at = set()
    data = schemas[case_schema(lifecycle)]["properties"]
    for _, story, _ in walk(lifecycle.kind):
        if story.case is None:
            continue
        assert story.case.state in data["state"]["enum"]
        _fits(data["data"], data_of(story.case))
        for fact in story.facts:
            _fits(schemas[f"Event.{fact.name}"], data_of(fact.event))
            looked_at.add(fact.name)
    if not looked_at:
        pytest.skip("the walk opens none of these")


def _fits(schema: dict[str, Any], value: Any) -> None:
    as_sent = msgspec.json.decode(msgspec.json.encode(value, enc_hook=str))
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(as_sent)
