"""schemathesis on every operation, in process, with all checks, over a real database."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import warnings
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies._internal.utils import clear_strategy_cache

from api.http.parts import REST, parts, pruned
from domain.cases import CASES
from domain.kernel.people import Role
from projections.registers.index import REGISTERS
from tests.api.conftest import ApiClient

EXAMPLES = int(os.environ.get("WUYE_SCHEMATHESIS_EXAMPLES", "1"))
"""Per operation; 40 give the long run."""
PARTS = (*(lifecycle.path for lifecycle in CASES[1:]), REST)
"""Of the document: one for every kind of case, and one for what belongs to none."""
CONFIG = {
    "checks": {
        # 412: If-Match of a version that is not today's is a well-formed question with that answer; 410 likewise.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "401", "403", "404", "409", "410", "412", "429"],
        }
    }
}


def alone(document: dict[str, Any], path: str, method: str, app: FastAPI) -> Any:
    """One operation, with a document that has no other: a document keeps what was generated for each of its operations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from schemathesis.config import SchemathesisConfig

    one = pruned({**document, "paths": {path: {method: document["paths"][path][method]}}})
    schema: Any = schemathesis.openapi.from_dict(one, config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = app
    [operation] = [result.ok() for result in schema.get_all_operations()]
    return operation


def forget() -> None:
    """Let go of what was made of one operation's texts: expressions over all characters, a hundred megabytes of them."""
    from schemathesis.specs.openapi._caches import clear_all

    clear_all()
    clear_strategy_cache()
    gc.collect()


@pytest.mark.long
@pytest.mark.parametrize("part", PARTS)
def test_schemathesis_finds_nothing(api: ApiClient, part: str) -> None:
    """Part by part, and of each one operation after another: a worker that had all of them grew to nine gigabytes."""
    case_id = api.complaint()
    failures: list[str] = []
    asked = 0
    roles = (Role.ADMINISTRATOR, Role.MANAGER, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR)
    headers = [api.headers(role) for role in roles]

    def one(case: Any) -> None:
        nonlocal asked
        if case.path_parameters and asked % 3:
            if "office" in case.path_parameters:
                case.path_parameters["office"] = "XH"
            if "case_id" in case.path_parameters and asked % 2:
                case.path_parameters["case_id"] = case_id
        asked += 1
        case.call_and_validate(headers=headers[asked % len(headers)])

    document = api.client.get(f"/openapi/{part}.json").json()
    operations = [(path, method) for path, methods in document["paths"].items() for method in methods]
    for path, method in operations:
        operation = alone(document, path, method, api.app)
        test = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=operation.as_strategy())(one))
        try:
            test()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failures.append(f"{operation.label}: {re.sub(chr(10), ' ', str(error))[-700:]}")
        del operation, test
        forget()
    assert asked >= len(operations) * 0.9 > 0
    assert failures == [], "\n".join(failures)


def test_every_part_is_asked(application: FastAPI) -> None:
    assert set(parts(application.openapi(), REGISTERS)) == set(PARTS)


def test_the_office_survives(api: ApiClient) -> None:
    with contextlib.suppress(Exception):
        api.client.post("/login", json={"login": "\ud800", "password": "x"})
    assert api.client.get("/health").json()["status"] == "ok"
