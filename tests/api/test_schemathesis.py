"""schemathesis on every operation, in process, with all checks, over a real database."""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings

from api.http.parts import REST, parts
from domain.cases import CASES
from domain.kernel.people import Role
from projections.registers.index import REGISTERS
from tests.api.conftest import Window

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


@pytest.mark.long
@pytest.mark.parametrize("part", PARTS)
def test_schemathesis_finds_nothing(window: Window, part: str) -> None:
    """Part by part: from the whole document schemathesis makes hundreds of megabytes for each operation that opens a case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from schemathesis.config import SchemathesisConfig

    case_id = window.complaint()
    failures: list[str] = []
    asked = 0
    roles = (Role.ADMINISTRATOR, Role.MANAGER, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR)
    headers = [window.headers(role) for role in roles]
    document = window.client.get(f"/openapi/{part}.json").json()
    schema: Any = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
    schema.app = window.app
    operations = [result.ok() for result in schema.get_all_operations()]

    def one(case: Any) -> None:
        nonlocal asked
        if case.path_parameters and asked % 3:
            if "office" in case.path_parameters:
                case.path_parameters["office"] = "XH"
            if "case_id" in case.path_parameters and asked % 2:
                case.path_parameters["case_id"] = case_id
        asked += 1
        case.call_and_validate(headers=headers[asked % len(headers)])

    for operation in operations:
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
    assert asked >= len(operations) * 0.9 > 0
    assert failures == [], "\n".join(failures)


def test_every_part_is_asked(application: FastAPI) -> None:
    assert set(parts(application.openapi(), REGISTERS)) == set(PARTS)


def test_the_office_survives(window: Window) -> None:
    with contextlib.suppress(Exception):
        window.client.post("/login", json={"login": "\ud800", "password": "x"})
    assert window.client.get("/health").json()["status"] == "ok"
