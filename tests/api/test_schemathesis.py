"""schemathesis on every operation, in process, with all checks, over a real database."""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from domain.kernel.people import Role
from tests.api.conftest import Window

EXAMPLES = int(os.environ.get("WUYE_SCHEMATHESIS_EXAMPLES", "0"))
"""Per operation; 40 give the long run. 0: as many as keep the whole run under a minute."""
MOST = 400
CONFIG = {
    "checks": {
        # 412: If-Match of a version that is not today's is a well-formed question with that answer; 410 likewise.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "401", "403", "404", "409", "410", "412", "429"],
        }
    }
}


@pytest.mark.long
def test_schemathesis_finds_nothing(window: Window) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from schemathesis.config import SchemathesisConfig

    case_id = window.complaint()
    app = window.app
    config = SchemathesisConfig.from_dict(CONFIG)
    failures: list[str] = []
    asked = 0
    roles = (Role.ADMINISTRATOR, Role.MANAGER, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR)
    headers = [window.headers(role) for role in roles]
    schema: Any = schemathesis.openapi.from_dict(app.openapi(), config=config)
    schema.app = app
    operations = [result.ok() for result in schema.get_all_operations()]
    examples = EXAMPLES or max(1, MOST // len(operations))
    for operation in operations:

        def one(case: Any) -> None:
            nonlocal asked
            if case.path_parameters and asked % 3:
                if "office" in case.path_parameters:
                    case.path_parameters["office"] = "XH"
                if "case_id" in case.path_parameters and asked % 2:
                    case.path_parameters["case_id"] = case_id
            asked += 1
            case.call_and_validate(headers=headers[asked % len(headers)])

        strategy = operation.as_strategy()
        from hypothesis import Phase, given

        test = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=strategy)(one))
        try:
            test()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failures.append(f"{operation.label}: {re.sub(chr(10), ' ', str(error))[-700:]}")
    assert asked >= len(operations) * 0.9
    assert failures == [], "\n".join(failures)


def test_the_office_survives(window: Window) -> None:
    with contextlib.suppress(Exception):
        window.client.post("/login", json={"login": "\ud800", "password": "x"})
    assert window.client.get("/health").json()["status"] == "ok"
