"""Clients that programs generate from the document: they compile, and the rows they read have types."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.http.application import document
from api.http.parts import compact
from api.http.reference import WHOLE, Reference
from projections.registers.index import REGISTERS
from tests.api.conftest import ApiClient
from tests.api.test_feed import served

pytestmark = pytest.mark.long

PROGRAMS = Path(sys.executable).parent
READING = """
import type { components, paths } from "./wuye";

type Page = paths["/offices/{office}/complaints"]["get"]["responses"]["200"]["content"]["application/json"];

export const matters = (page: Page): string[] => page.rows.map((row) => row.matter ?? row.case_id);
export const versions = (page: Page): number[] => page.rows.map((row) => row.version ?? 0);
export const call: components["schemas"]["RegisterComplaint"] = { channel: "telephone", category: "drainage", matter: "x" };
"""
WRONG = READING + "export const wrong = (page: Page): boolean[] => page.rows.map((row) => row.matter);\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document, as whoever makes a client begins."""
    made = tmp_path_factory.mktemp("client")
    (made / "openapi.json").write_bytes(compact(Reference(document, REGISTERS).part(WHOLE)))
    return made


def test_a_python_client_reads_rows_with_types(api: ApiClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = folder / "settings.json"
    workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    settings.write_text(
        json.dumps({"content_type_overrides": {workbook: "application/octet-stream"}, "post_hooks": []})
    )
    made = subprocess.run(
        [
            PROGRAMS / "openapi-python-client",
            "generate",
            "--path",
            "openapi.json",
            "--meta",
            "none",
            "--output-path",
            "wuye_client",
            "--config",
            settings,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    warned = [
        line for line in (made.stdout + made.stderr).splitlines() if line.startswith(("WARNING", "ERROR", "Unable"))
    ]
    assert [
        line
        for line in warned
        if not any(f"{path} within" in line for path in ("/documents", "/papers", "/bank-files", "/paper-check"))
    ] == []  # a body of any media type has no function
    subprocess.run([sys.executable, "-m", "compileall", "-q", "wuye_client"], cwd=folder, check=True, timeout=300)
    monkeypatch.syspath_prepend(str(folder))
    client = importlib.import_module("wuye_client.client")
    reading = importlib.import_module("wuye_client.api.complaints.list_complaints")
    giving = importlib.import_module("wuye_client.api.complaints.open_register_complaint")
    models = importlib.import_module("wuye_client.models")
    token = api.headers()["Authorization"].removeprefix("Bearer ")
    with served(api) as base, client.AuthenticatedClient(base_url=base, token=token) as program:
        call = models.RegisterComplaint(
            channel=models.Channel.TELEPHONE,
            category="drainage",
            matter="厨房下水堵塞",
            content="又堵了",
            complainant="王",
        )
        answer = giving.sync("XH", client=program, body=call)
        page = reading.sync("XH", client=program, filter_=models.Filter.from_dict({"state": "registered"}))
    assert [(row.case_id, row.matter, row.version, row.imported) for row in page.rows] == [
        (answer.id, "厨房下水堵塞", 1, False)
    ]
    assert page.rows[0].opened_at.tzinfo is not None


@pytest.mark.skipif(shutil.which("npm") is None, reason="no node: npm is not installed")
def test_a_typescript_client_compiles_and_knows_what_a_row_holds(folder: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=folder, capture_output=True, text=True, check=False, timeout=300, env=os.environ
        )

    got = run("npm", "install", "--no-audit", "--no-fund", "--silent", "openapi-typescript@7.13.0", "typescript@5.9.3")
    if got.returncode:
        pytest.skip("no node packages: the registry cannot be reached")
    done = run("npx", "openapi-typescript", "openapi.json", "-o", "wuye.d.ts")
    assert done.returncode == 0, done.stderr
    for name, text in (("reading.ts", READING), ("wrong.ts", WRONG)):
        (folder / name).write_text(text, "utf-8")
    strict = (
        "npx",
        "tsc",
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--module",
        "es2022",
        "--moduleResolution",
        "bundler",
    )
    assert run(*strict, "reading.ts").stdout == ""
    assert "TS2322" in run(*strict, "wrong.ts").stdout
