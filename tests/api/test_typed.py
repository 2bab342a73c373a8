"""What the document says about cases and facts is what they are: every state that a walk reaches, every event it saw."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import msgspec
import pytest

from api.http.application import document
from api.http.typed import case_schema, state_schema
from api.routes.cases import data_of
from domain.cases import CASES
from domain.kernel.lifecycle.ask import Lifecycle
from domain.office.office import LIFECYCLE as OFFICE
from tests.domain.walking import walk


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return dict(document()["components"]["schemas"])


@pytest.mark.long
@pytest.mark.parametrize(
    "lifecycle", [each for each in CASES if each is not OFFICE], ids=lambda lifecycle: lifecycle.kind
)
def test_every_case_and_fact_is_as_the_document_says(lifecycle: Lifecycle[Any], schemas: dict[str, Any]) -> None:
    sound: dict[str, Any] = {}
    state = schemas[case_schema(lifecycle)]["allOf"][1]["properties"]["state"]
    states = schemas.get(state.get("$ref", "").rpartition("/")[2], state)["enum"]

    def fits(name: str, value: Any) -> None:
        if name not in sound:
            whole = {"components": {"schemas": schemas}, "$ref": f"#/components/schemas/{name}"}
            sound[name] = jsonschema_rs.validator_for(whole, validate_formats=True)
        sound[name].validate(msgspec.json.decode(msgspec.json.encode(value, enc_hook=str)))

    for _, story, _ in walk(lifecycle.kind):
        if story.case is None:
            continue
        assert story.case.state in states
        fits(state_schema(lifecycle), data_of(story.case))
        for fact in story.facts:
            fits(f"Event.{fact.name}", data_of(fact.event))
    if not sound:
        pytest.skip("the walk opens none of these")
