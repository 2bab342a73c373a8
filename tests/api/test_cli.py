"""The command line, as an operator and as a script use it: on a real database, each answer clear, no traceback."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from api.cli.commands_serve import repeat
from api.runtime import open_runtime
from domain.kernel.calendar import SHANGHAI
from domain.kernel.people import Actor, Role
from domain.residents.household.commands.keeping import OpenHousehold
from journal.embedded import EmbeddedPostgres
from tests.api.command_line import Wuye, command_line
from tests.conftest import Database
from tests.waiting import PATIENCE, free_port, wait_until
from workflows.engine.clock import PARKED
from workflows.engine.request import CommandRequest

MAPPING = Path(__file__).parents[2] / "mappings" / "housing_repair_clean.toml"


@pytest.fixture
def wuye(database: Database, tmp_path: Path) -> Iterator[Wuye]:
    """The program on a database of its own."""
    with command_line(database, tmp_path) as run:
        yield run


def repairs(tmp_path: Path) -> Path:
    """Two orders of another system, and a row that cannot be read."""
    header = (
        "caseID,taskID,originator,eventtype,timestamp,contact,RepairType,objectKey,"
        "RepairInternally,EstimatedRepairTime,RepairCode,RepairOK"
    )
    times = (("1", "1970-01-05 9:00"), ("2", "1970-01-06 9:00"), ("2", "sometime"))
    rows = [header, *(f"{case},FirstContact,Dian,complete,{at},Phone,,,,,," for case, at in times)]
    file = tmp_path / "repairs.csv.gz"
    file.write_bytes(gzip.compress("\n".join(rows).encode()))
    return file


def test_help_lists_what_can_be_done_and_starts_without_the_heavy_parts() -> None:
    code = (
        "import sys; from api.cli.main import app\n"
        "from typer.testing import CliRunner; r = CliRunner().invoke(app, ['--help']); print(r.output)\n"
        "assert not {'fastapi', 'psycopg', 'eventsourcing'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in (
        "demo",
        "serve",
        "work",
        "import",
        "register",
        "standards",
        "facts",
        "verify",
        "rebuild",
        "migrate",
    ):
        assert f"\n  {command} " in done.stdout, command
    assert {"user", "office", "key", "backup", "restore"} <= set(done.stdout.split())


def test_registers_are_listed_and_read_as_table_csv_and_json_now_and_then(wuye: Wuye) -> None:
    names = {row["name"] for row in json.loads(wuye("register", "--json").stdout)}
    assert {"complaints", "debt-cases", "bills", "repair-orders", "households"} <= names
    assert "每周回访抽样" in wuye("register").stdout
    [row] = json.loads(wuye("register", "weekly-samples", "--office", "XH", "--format", "json").stdout)
    assert {"case_id", "number", "source_id", "state"} <= set(row)
    [same] = csv.DictReader(io.StringIO(wuye("register", "weekly-samples", "--office", "XH", "--format", "csv").stdout))
    assert same["case_id"] == row["case_id"]
    assert json.loads(wuye("register", "weekly-samples", "--office", "XH", "--as-of", "1", "--json").stdout) == []
    now = wuye("register", "weekly-samples", "--office", "XH", "--as-of", "2099-01-01T00:00:00+08:00", "--json")
    assert json.loads(now.stdout) == [row]
    assert wuye("register", "weekly-samples", "--office", "XH", "--format", "csv").stdout.startswith("office,case_id,")


@pytest.mark.long
def test_the_timeline_is_the_book_line_by_line_with_the_other_systems_words(wuye: Wuye, tmp_path: Path) -> None:
    assert "timeline" in {row["name"] for row in json.loads(wuye("register", "--json").stdout)}
    before = json.loads(wuye("register", "timeline", "--office", "XH", "--json").stdout)
    wuye("import", str(repairs(tmp_path)), "--mapping", str(MAPPING), "--office", "XH")
    lines = json.loads(wuye("register", "timeline", "--office", "XH", "--json").stdout)
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    raised = [line for line in lines if line["fact"] == "RepairRaised"]
    assert [(line["source_id"], line["term"], line["source_line"]) for line in raised] == [
        ("1", "FirstContact/complete", 2),
        ("2", "FirstContact/complete", 3),
    ]
    assert {line["imported"] for line in raised} == {True}
    then = wuye("register", "timeline", "--office", "XH", "--as-of", str(len(before)), "--json")
    assert json.loads(then.stdout) == before
    csv_lines = wuye("register", "timeline", "--office", "XH", "--format", "csv").stdout.splitlines()
    assert len(csv_lines) == len(lines) + 1


@pytest.mark.long
def test_the_timeline_names_who_acted_and_shows_late_entries_alone(wuye: Wuye) -> None:
    lines = json.loads(wuye("timeline", "--office", "XH", "--json").stdout)
    assert lines == json.loads(wuye("register", "timeline", "--office", "XH", "--json").stdout)
    assert lines[0]["user_name"] is None, "the operator of the machine is no account"
    assert json.loads(wuye("timeline", "--office", "XH", "--late", "--json").stdout) == []
    assert "csv" in wuye("timeline", "--office", "XH", "--format", "pdf", code=2).output


@pytest.mark.long
def test_a_history_is_tried_imported_and_not_imported_twice(wuye: Wuye, tmp_path: Path) -> None:
    file = str(repairs(tmp_path))
    words = ("import", file, "--mapping", str(MAPPING), "--office", "XH", "--json")
    tried = json.loads(wuye(*words, "--dry-run").stdout)
    assert (tried["rows"], tried["refused"], tried["dry_run"]) == (3, 1, True)
    assert json.loads(wuye("register", "repair-orders", "--office", "XH", "--json").stdout) == []
    done = json.loads(wuye(*words).stdout)
    assert (done["taken"], done["refused"], done["facts"]) == (2, 1, 2)
    rows = list(csv.DictReader(io.StringIO(Path(done["problem_file"]).read_text(encoding="utf-8-sig"))))
    assert [(row["line"], row["column"], row["code"]) for row in rows] == [("4", "timestamp", "time-unreadable")]
    again = json.loads(wuye(*words).stdout)
    assert (again["facts"], again["skipped"]) == (0, 2)
    found = json.loads(wuye("register", "repair-orders", "--office", "XH", "--json").stdout)
    assert sorted(row["source_id"] for row in found) == ["1", "2"]
    assert "已导入 imported" in wuye(*words[:-1]).stdout


@pytest.mark.long
def test_an_import_opens_the_office_it_is_for_unless_nothing_can_be_imported(wuye: Wuye, tmp_path: Path) -> None:
    file = str(repairs(tmp_path))
    tried = json.loads(wuye("import", file, "--mapping", str(MAPPING), "--office", "NEW", "--dry-run", "--json").stdout)
    assert (tried["rows"], tried["taken"], tried["facts"]) == (3, 2, 2)
    wuye("import", "nofile.csv", "--mapping", str(MAPPING), "--office", "NEW", code=2)
    wuye("import", file, "--mapping", "nomapping.toml", "--office", "NEW", code=2)
    for name, data in (
        ("columns.csv", b"a,b\n1,2\n"),
        ("encoding.csv", b"\xff\xfe\x00\x81,\x81\n"),
        ("empty.csv", b""),
    ):
        (tmp_path / name).write_bytes(data)
        wuye("import", str(tmp_path / name), "--mapping", str(MAPPING), "--office", "NEW", code=2)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(MAPPING.read_text("utf-8").replace('do = "', 'do = "No', 1), "utf-8")
    wuye("import", file, "--mapping", str(wrong), "--office", "NEW", code=2)
    assert [row["office"] for row in json.loads(wuye("office", "list", "--json").stdout)] == ["XH"]
    wuye("import", file, "--mapping", str(MAPPING), "--office", "NEW")
    assert [row["office"] for row in json.loads(wuye("office", "list", "--json").stdout)] == ["NEW", "XH"]


def test_standards_say_value_target_and_whether_kept(wuye: Wuye) -> None:
    read = json.loads(wuye("standards", "--office", "XH", "--json").stdout)
    slugs = [one["slug"] for one in read]
    assert "complaint-handling-rate" in slugs
    assert "空房完好率" in wuye("standards", "--office", "XH").stdout
    one = json.loads(wuye("standards", "vacancy-integrity-rate", "--office", "XH", "--json").stdout)
    assert len(one if isinstance(one, list) else [one]) == 1


def test_the_book_is_shown_and_verified_and_a_touched_page_is_named(wuye: Wuye, database: Database) -> None:
    lines = [json.loads(line) for line in wuye("facts", "--office", "XH", "--json").stdout.splitlines()]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert "管理处已设立" in wuye("facts", "--office", "XH", "--limit", "1").stdout
    assert json.loads(wuye("verify", "--json").stdout)[0]["intact"] is True
    assert "完好 intact" in wuye("verify", "--office", "XH").stdout
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("alter table wuye.facts disable trigger all")
        owner.execute("update wuye.facts set occurred_at = occurred_at - interval '1 day' where number = 2")
    told = wuye("verify", code=1).stdout
    assert "被改动 touched" in told
    assert "第 2 页" in told


@pytest.mark.long
def test_rebuilding_finds_nothing_to_mend(wuye: Wuye) -> None:
    done = json.loads(wuye("rebuild", "--json").stdout)
    assert not any(done["differences"].values())
    assert "条记录" in wuye("rebuild").stdout
    assert "最新" in wuye("migrate").stdout


def test_the_clock_comes_round_once(wuye: Wuye) -> None:
    assert "到期 fired" in wuye("work", "--once").stdout
    assert json.loads(wuye("work", "--once", "--json").stdout)["failed"] == 0


@pytest.mark.long
def test_a_wide_register_is_shown_field_by_field_and_times_are_the_offices_own(wuye: Wuye) -> None:
    shown = wuye("register", "weekly-samples", "--office", "XH").stdout
    [row] = json.loads(wuye("register", "weekly-samples", "--office", "XH", "--json").stdout)
    local = datetime.fromisoformat(row["opened_at"]).astimezone(SHANGHAI)
    fields = dict(line.split(maxsplit=1) for line in shown.splitlines() if line)
    assert fields["case_id"] == row["case_id"]
    assert fields["opened_at"] == local.isoformat(" ", "minutes")
    assert f"{local:%Y-%m-%d %H:%M}" in wuye("facts", "--office", "XH", "--limit", "1").stdout
    assert row["case_id"] in wuye("facts", "--office", "XH").stdout
    assert wuye("register", "complaints", "--office", "XH").stdout.strip() == "（无 none）"


@pytest.mark.parametrize("as_of", ["2099-03-31", "2099-03-31T24:00", "2099-03-31 24:00+08:00", "2099-03-31T10:00Z"])
def test_a_date_means_its_24_00_and_an_hour_is_local_unless_it_says_another(wuye: Wuye, as_of: str) -> None:
    assert len(json.loads(wuye("register", "weekly-samples", "--office", "XH", "--as-of", as_of, "--json").stdout)) == 1


def test_a_home_without_its_master_key_or_with_another_reads_what_is_open_and_seals_nothing(
    wuye: Wuye, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_runtime() as runtime:
        runtime.handler.handle(
            CommandRequest(
                office="XH",
                command=OpenHousehold(home="1-101", name="王小明"),
                now=datetime.now(UTC),
                actor=Actor("li", Role.ADMINISTRATOR),
            )
        )
    monkeypatch.setenv("WUYE_HOME", str(tmp_path / "elsewhere"))
    assert "完好 intact" in wuye("verify", "--office", "XH").stdout
    for start in (("work", "--once"), ("serve", "--port", "8123")):
        assert "没有主密钥" in wuye(*start, code=2).stderr
    assert not list((tmp_path / "elsewhere").glob("master.key*")), "a new key would open nothing and hide the loss"
    monkeypatch.setenv("WUYE_MASTER_KEY", base64.b64encode(b"x" * 32).decode())
    assert "主密钥与数据库不符" in wuye("work", "--once", code=2).stderr
    monkeypatch.setenv("WUYE_MASTER_KEY", "no base64")
    assert "base64" in wuye("work", "--once", code=2).stderr


def test_a_database_that_cannot_be_reached_is_said_in_one_line(wuye: Wuye, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("nonsense", "postgresql://nobody@127.0.0.1:1/x"):
        monkeypatch.setenv("DATABASE_URL", address)
        [line] = wuye("office", "list", code=2).stderr.strip().splitlines()
        assert line.startswith("✗ 数据库无法使用 / the database cannot be used")


@pytest.mark.long
def test_an_account_ends_with_its_tokens(wuye: Wuye) -> None:
    made = json.loads(wuye("user", "add", "desk", "--name", "前台", "--program", "--json").stdout)
    assert (made["login"], made["password"]) == ("desk", None)
    wuye("user", "grant", "desk", "XH:administrator")
    wuye("user", "grant", "desk", "NO:administrator", code=2)
    for name in ("one", "two"):
        wuye("user", "token", "desk", "--name", name)
    tokens = json.loads(wuye("user", "tokens", "desk", "--json").stdout)
    assert [token["name"] for token in tokens] == ["one", "two"]
    wuye("user", "revoke", "desk", tokens[0]["token_id"])
    assert [each["name"] for each in json.loads(wuye("user", "tokens", "desk", "--json").stdout)] == ["two"]
    wuye("user", "disable", "desk")
    assert json.loads(wuye("user", "tokens", "desk", "--json").stdout) == []
    [row] = json.loads(wuye("user", "list", "--json").stdout)
    assert row["disabled_at"]
    wuye("user", "token", "desk", code=2)


@pytest.mark.long
def test_told_to_stop_it_stops_the_embedded_database_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"WUYE_HOME": str(home)}
    program = Path(sys.executable).parent / "wuye"
    serving = subprocess.Popen(
        [program, "serve", "--port", str(free_port())], env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        assert serving.stdout is not None
        address = next(line.split()[-1] for line in serving.stdout if "console" in line)
        wait_until(lambda: answers(address), "it serves")
    finally:
        serving.terminate()
        serving.communicate(timeout=PATIENCE)
    assert serving.returncode == 128 + signal.SIGTERM
    postgres = EmbeddedPostgres(home / "pg")
    assert not (postgres.data / "postmaster.pid").exists()


def answers(address: str) -> bool:
    """Whether the program behind this address is up."""
    try:
        return bool(urllib.request.urlopen(f"{address}/health").status == 200)
    except OSError:
        return False


def test_a_round_that_goes_wrong_does_not_stop_the_clock(capsys: pytest.CaptureFixture[str]) -> None:
    stop, rounds = threading.Event(), []

    def does() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise KeyError("a bug")
        stop.set()

    repeat(does, stop, 0)
    assert rounds == [0, 1]
    assert "KeyError" in capsys.readouterr().err


def test_what_was_parked_is_listed_and_taken_up_again(wuye: Wuye, database: Database) -> None:
    every = json.loads(wuye("deadlines", "--office", "XH", "--json").stdout)
    assert {row["line"] for row in every} == {"patrol", "draw", "compile", "survey", "edition"}
    assert json.loads(wuye("deadlines", "--parked", "--json").stdout) == []
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(
            "insert into wuye.clock_work select office, case_id, line, from_number, %s, 5, 'KeyError: x' from wuye.r_deadlines"
            " where line = 'survey'",
            [PARKED],
        )
    [parked] = json.loads(wuye("deadlines", "--office", "XH", "--parked", "--json").stdout)
    assert (parked["line"], parked["last_error"], parked["parked"]) == ("survey", "KeyError: x", True)
    assert "KeyError" in wuye("deadlines", "--parked").stdout
    assert "1 项" in wuye("deadlines", "--retry").stdout
    assert json.loads(wuye("deadlines", "--parked", "--json").stdout) == []


def test_a_standard_is_shown_month_by_month(wuye: Wuye) -> None:
    words = ("standards", "patrol-rate", "--office", "XH", "--since", "2025-01-01", "--until", "2025-03-31")
    rows = json.loads(wuye(*words, "--by", "month", "--json").stdout)
    assert [(row["period"], row["counted"]) for row in rows] == [("2025-01", 0), ("2025-02", 0), ("2025-03", 0)]
    assert "2025-Q1" in wuye(*words, "--by", "quarter").stdout


def test_accounts_are_made_granted_and_shown_and_secrets_only_once(wuye: Wuye, database: Database) -> None:
    added = wuye("user", "add", "wang", "--name", "王").stdout
    wuye("user", "grant", "wang", "XH:manager", "XH:assistant")
    wuye("user", "grant", "wang", "XH:manager", "*:auditor", code=2)
    wuye("user", "add", "desk", "--name", "前台", "--program")
    wuye("user", "grant", "desk", "XH:administrator")
    token = wuye("user", "token", "desk").stdout.split()[-1]
    changed = wuye("user", "password", "wang").stdout
    listed = wuye("user", "list", "--json").stdout
    assert {"wang", "desk"} == {row["login"] for row in json.loads(listed)}
    assert "XH:manager" in listed
    secrets = [token, added.split()[-1], changed.split()[-1]]
    with psycopg.connect(database.owner) as owner:
        held = (
            owner.execute("select * from wuye.users").fetchall() + owner.execute("select * from wuye.tokens").fetchall()
        )
    assert not [secret for secret in secrets if secret in str(held) or secret in listed]
