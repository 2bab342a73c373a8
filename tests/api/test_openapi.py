"""The API's document: small, whole, in parts, and what the program really offers."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest

from api.http.application import document
from api.http.examples import example_of
from api.http.parts import compact, difference, lines
from api.http.reference import FULL, WHOLE, Reference
from api.routes.actions import offered
from docs.generate import CONTRACT
from domain.cases import CASES
from domain.kernel.fact import COMMANDS
from domain.kernel.mending import GENERIC as OF_MISTAKES
from domain.kernel.people import Role
from domain.kernel.words import WORDS, field_names
from projections.registers.index import REGISTERS
from projections.reports.index import REPORTS
from tests.api.conftest import ApiClient

VERBS = ("get", "post", "put", "delete", "patch")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference(document, REGISTERS)


@pytest.fixture(scope="module")
def made(reference: Reference) -> dict:  # type: ignore[type-arg]
    return json.loads(compact(reference.document))


def operations(made: dict) -> list[tuple[str, str, dict[str, Any]]]:  # type: ignore[type-arg]
    return [(path, verb, each) for path, verbs in made["paths"].items() for verb, each in verbs.items()]


def resolved(made: dict, part: Any) -> Any:  # type: ignore[type-arg]
    """A part of the document with what it refers to."""
    while "$ref" in part:
        _, _, kind, name = part["$ref"].split("/", 3)
        part = made["components"][kind][name]
    return part


@pytest.fixture(scope="module")
def registry(made: dict) -> Any:  # type: ignore[type-arg]
    """The document's components as a validator looks them up, read once."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return jsonschema_rs.Registry([("urn:wuye", {"$schema": dialect, "components": made["components"]})])


def validator(registry: Any, schema: dict[str, Any]) -> Any:
    """A validator of this schema within the document."""
    within = json.loads(json.dumps(schema).replace('"#/components/', '"urn:wuye#/components/'))
    return jsonschema_rs.Draft202012Validator(within, registry=registry, validate_formats=True)


def test_the_contract_is_the_one_that_was_agreed(made: dict) -> None:  # type: ignore[type-arg]
    agreed = [line for line in CONTRACT.read_text("utf-8").splitlines() if not line.startswith("#")]
    changes = difference(agreed, lines(made))
    assert not changes, "\n".join(
        ["the API has changed; if it is meant, `make docs` and say so in CHANGELOG.md", *changes]
    )


def test_a_change_of_the_contract_is_told_operation_by_operation(made: dict) -> None:  # type: ignore[type-arg]
    before = lines(made)
    other = json.loads(json.dumps(made))
    del other["paths"]["/health"]
    other["components"]["schemas"]["ArchiveComplaint"]["required"] = ["category"]
    other["components"]["schemas"]["Line"]["description"] = "other words"
    now = [*lines(other), "GET    /weather weather 0123456789ab"]
    assert difference(before, now) == [
        "gone: GET    /health health",
        "new: GET    /weather weather",
        "changed: POST   /offices/{office}/complaints/{case_id}/archive-complaint do_archive_complaint",
    ]


def test_the_whole_is_small_and_every_kind_has_a_part(reference: Reference) -> None:
    assert len(reference.sent(WHOLE).plain) < 600_000
    assert set(reference.parts) == {each.path for each in CASES[1:]} | {"general"}
    every = {(path, verb) for path, verb, _ in operations(reference.document)}  # type: ignore[arg-type]
    assert {(path, verb) for path, verb, _ in operations(reference.part(WHOLE))} == every  # type: ignore[arg-type]
    apart = [(path, verb) for name in reference.parts for path, verb, _ in operations(reference.part(name))]  # type: ignore[arg-type]
    assert sorted(apart) == sorted(every)


@pytest.mark.parametrize("name", [WHOLE, "complaints", "general"])
def test_every_reference_of_a_part_leads_somewhere_and_nothing_is_left_over(reference: Reference, name: str) -> None:
    part = json.loads(compact(reference.part(name)))
    text = json.dumps(part)
    assert part["servers"]
    for each in part["components"]["parameters"].values():
        assert each["in"] in ("path", "query", "header")
    for kind in ("schemas", "parameters", "responses"):
        for each in part["components"][kind]:
            assert f'"#/components/{kind}/{each}"' in text, each
    check_references(part, part)


def check_references(part: object, whole: Any) -> None:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            target = whole
            for word in part["$ref"].removeprefix("#/").split("/"):
                target = target[word]
        for each in part.values():
            check_references(each, whole)
    elif isinstance(part, list):
        for each in part:
            check_references(each, whole)


def test_operation_ids_are_unique_and_every_reference_leads_somewhere(made: dict) -> None:  # type: ignore[type-arg]
    ids = Counter(verbs[verb]["operationId"] for verbs in made["paths"].values() for verb in VERBS if verb in verbs)
    assert [name for name, count in ids.items() if count > 1] == []
    check_references(made, made)


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
            # Of late entries each kind has an address, of mistakes all have one.
            kinds = 1 if command in OF_MISTAKES else sum(command in each.commands for each in CASES)
            assert bodies.count(command.__name__) == (command in opening) + kinds * (command in going_on), command
        for command in set(lifecycle.commands) - {*opening, *going_on}:
            assert command.__name__ not in bodies


def test_answers_are_typed_and_say_the_headers_that_matter(made: dict) -> None:  # type: ignore[type-arg]
    for lifecycle in CASES[1:]:
        seen = resolved(
            made, made["paths"][f"/offices/{{office}}/{lifecycle.path}/{{case_id}}"]["get"]["responses"]["200"]
        )
        assert seen["content"]["application/json"]["schema"]["$ref"].endswith(f"/Case.{lifecycle.path}")
        assert "ETag" in seen["headers"]
        case = made["components"]["schemas"][f"Case.{lifecycle.path}"]["allOf"][1]["properties"]
        assert set(resolved(made, case["state"])["enum"]) == set(lifecycle.states)
        held = resolved(made, case["data"])
        assert held["allOf"][0]["$ref"].endswith("/State")
    for path, verb, operation in operations(made):
        if operation.get("x-roles"):
            [(_, done)] = [each for each in operation["responses"].items() if each[0] in ("200", "201")]
            assert {"ETag", "Location"} <= set(resolved(made, done)["headers"]), (verb, path)


def test_no_command_accepts_unknown_fields(made: dict) -> None:  # type: ignore[type-arg]
    for name in COMMANDS:
        if name in made["components"]["schemas"]:
            assert made["components"]["schemas"][name]["additionalProperties"] is False, name


def test_every_operation_says_how_it_refuses(made: dict) -> None:  # type: ignore[type-arg]
    for path, verb, operation in operations(made):
        problem = resolved(made, operation["responses"]["default"])
        assert problem["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), (verb, path)


def test_rows_are_typed_and_files_are_operations_of_their_own(made: dict) -> None:  # type: ignore[type-arg]
    for register in REGISTERS.all:
        answer = made["paths"][f"/offices/{{office}}/registers/{register.name}"]["get"]["responses"]["200"]
        assert list(resolved(made, answer)["content"]) == ["application/json"]
        row = made["components"]["schemas"][f"Row.{register.name}"]["allOf"][1]
        assert set(row["properties"]) == set(row["required"]) == {"number", *(each.name for each in register.columns)}
    assert set(made["components"]["schemas"]["Row"]["properties"]) >= {"case_id", "breach", "late_entry"}
    for form, kind in (
        ("csv", "text/csv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        answer = made["paths"][f"/offices/{{office}}/registers/{{register}}.{form}"]["get"]["responses"]["200"]
        assert list(resolved(made, answer)["content"]) == [kind]


def test_every_field_is_called_by_its_two_names_and_every_name_is_used(made: dict) -> None:  # type: ignore[type-arg]
    used: set[str] = set()

    def look(part: Any) -> None:
        if isinstance(part, dict):
            for field, each in part.get("properties", {}).items():
                name = each.get("$ref", "").rpartition("/")[2]
                title = each.get("title") or made["components"]["schemas"][name]["title"]
                assert " · " in title, field
                used.add(f"{field} {title}")
            for each in part.values():
                look(each)
        elif isinstance(part, list):
            for each in part:
                look(each)

    look(made["components"]["schemas"])
    for report in REPORTS.values():
        used |= {f"{name} {' · '.join(field_names(name, report.name))}" for name in report.columns}
    said = {f"{key.rpartition('.')[2]} {zh} · {en}" for key, (zh, en) in WORDS.items()}
    assert used <= said
    assert sorted(said - used - BEHIND) == []


BEHIND = {
    f"{field.rpartition('.')[2]} {' · '.join(WORDS[field])}"
    for field in (
        "HouseholdToBill.billed",
        "HouseholdToBill.has_left",
        "HouseholdToBill.is_unread",
        "HouseholdToBill.is_uncared",
        "HouseholdToBill.billed_before",
        "HouseholdToBill.months_before",
        "HouseholdToBill.months_settled",
        "HouseholdToBill.standards_before",
        "BilledLine.by_hand",
        "HouseholdToBill.charges",
        "HouseholdToBill.standards",
        "TakeNextHouseholds.last",
        "from_number",
        "to_number",
        "recorded_from",
        "recorded_to",
        "changes",
        "value_raw",
        "proposal",
        "backed_up_at",
        "lacks",
        "link",
        "BookRestored.page",
    )
}
"""Columns of a register's history, what an office holds, and what the program tells itself: they stand in no answer."""


def test_every_example_fits_its_schema(made: dict, registry: Any) -> None:  # type: ignore[type-arg]
    for path, verb, operation in operations(made):
        for each in operation.get("parameters", ()):
            told = resolved(made, each)
            assert told["in"] != "path" or validator(registry, told["schema"]).is_valid(told["example"]), (
                path,
                told["name"],
            )
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if media == "application/json":
                fault = next(validator(registry, content["schema"]).iter_errors(content["example"]), None)
                assert fault is None, (verb, path, str(fault))
        for each in operation["responses"].values():
            for media, content in resolved(made, each).get("content", {}).items():
                if media == "application/json":
                    fault = next(
                        validator(registry, content["schema"]).iter_errors(example_of(made, content["schema"])), None
                    )
                    assert fault is None, (verb, path, str(fault))


@pytest.mark.long
def test_every_example_is_a_request_that_the_program_understands(made: dict, api: ApiClient) -> None:  # type: ignore[type-arg]
    """Well-formed, whatever the state of the office says to it; an example that opens a case and needs no other opens it."""
    opened = 0
    for path, verb, operation in operations(made):
        if verb == "delete" or path.startswith(("/log", "/me/password", "/users/{user_id}/password")):
            continue
        address = path
        for each in operation.get("parameters", ()):
            told = resolved(made, each)
            if told["in"] == "path":
                address = address.replace("{" + told["name"] + "}", str(told["example"]))
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        roles = operation.get("x-roles", ["manager"])
        query = {"kind": "lease"} if operation["operationId"] in ("upload_document", "upload_paper") else {}
        query |= {"bucket": "missed"} if operation["operationId"] == "standard_cases" else {}
        query |= {"office": "XH"} if path.startswith("/settings") else {}
        stream = {"headers": {"Accept": "application/json"}}
        answer = api.ask(verb.upper(), address, Role(roles[0]), json=body, params=query, **stream)
        assert answer.status_code not in (400, 405, 415, 422, 500), (verb, address, answer.text)
        opened += operation["operationId"].startswith("open_") and answer.status_code == 201
    assert opened >= 12


def test_the_document_is_sent_small_and_not_twice(api: ApiClient) -> None:
    for address in ("/openapi.json", "/openapi/complaints.json", f"/openapi/{FULL}.json"):
        first = api.client.get(address, headers={"Accept-Encoding": "gzip"})
        assert first.headers["content-encoding"] == "gzip"
        assert first.headers["vary"] == "Accept-Encoding"
        again = api.client.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        plain = api.client.get(address, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.json() == first.json()
        assert len(gzip.compress(plain.content)) < len(plain.content) / 5
    assert api.client.get("/openapi/weather.json").status_code == 404
