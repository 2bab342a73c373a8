"""A cluster that pgBackRest or pg_basebackup brought back, step by step as docs/operations.md says it."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from api.cli.main import app
from domain.residents.household.commands.keeping import OpenHousehold
from journal.confidential import ERASED
from journal.embedded import NoPostgres, find_binaries
from tests.attacks.test_restore import do, erase, gone_and_staying, name_of
from tests.waiting import wait_until

DEPLOY = Path(__file__).parents[2] / "deploy"

pytestmark = pytest.mark.long
"""A cluster with an archive of its own."""


@dataclass
class Cluster:
    """A PostgreSQL of an operator's own, whose account is not root's."""

    folder: Path
    binaries: Path
    account: pwd.struct_passwd

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *words: object, code: int = 0) -> str:
        """As the database's account."""
        who = (
            {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if not os.geteuid() else {}
        )
        file = self.folder / f"said-{threading.get_ident()}"
        with file.open("w+") as said:  # a pipe would be held open by the server
            done = subprocess.run(
                [str(word) for word in words],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
                **who,  # type: ignore[call-overload]
            )
            said.seek(0)
            text = said.read()
        assert done.returncode == code, text
        return text

    def dsn(self, database: str = "postgres") -> str:
        return make_conninfo(host=str(self.folder), user="wuye_owner", dbname=database)

    def start(self) -> None:
        self.run(self.binaries / "pg_ctl", "-D", self.data, "-w", "-l", self.folder / "server.log", "start")

    def stop(self) -> None:
        self.run(self.binaries / "pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    def settings(self, *lines: str) -> None:
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\n".join(("", *lines, "")))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster of the system's PostgreSQL with an office in it; the command line is the operator's, and finds it by DATABASE_URL."""
    try:
        binaries = find_binaries("system")
    except NoPostgres:
        pytest.skip("no PostgreSQL of the system here (apt install postgresql)")
    if not (binaries / "pg_basebackup").exists():
        pytest.skip("no pg_basebackup beside the system's PostgreSQL")
    account = pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("postgres")
    with TemporaryDirectory(prefix="wuye-physical-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        mine = Path(folder) / "database"
        mine.mkdir(mode=0o700)
        os.chown(mine, account.pw_uid, account.pw_gid)
        made = Cluster(mine, binaries, account)
        initdb = ("-A", "trust", "-U", "wuye_owner", "-E", "UTF8", "--locale", "C", "--data-checksums", "-D", made.data)
        made.run(binaries / "initdb", *initdb)
        made.settings("listen_addresses = ''", f"unix_socket_directories = '{mine}'")
        monkeypatch.delenv("WUYE_MASTER_KEY", raising=False)
        monkeypatch.delenv("WUYE_ALLOW_UNSAFE_SERVER", raising=False)
        monkeypatch.setenv("WUYE_HOME", f"{folder}/home")
        monkeypatch.setenv("DATABASE_URL", made.dsn("wuye"))
        try:
            yield made
        finally:
            if (made.data / "postmaster.pid").exists():
                made.stop()


def wuye(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output + done.stderr
    return done.stdout + done.stderr


def counted(cluster: Cluster, table: str) -> int:
    with psycopg.connect(cluster.dsn("wuye")) as owner:
        row = owner.execute(f"select count(*) from wuye.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def an_office_at_work(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn(), autocommit=True) as owner:
        owner.execute("create database wuye")
    wuye("office", "open", "XH")
    wuye("user", "add", "li", "--name", "li", "--program")
    wuye("user", "token", "li", "--name", "t")


def brought_back(cluster: Cluster, gone: str, stays: str, erasures: str) -> None:
    """What operations.md says is done before any program is started, and what is so then."""
    assert name_of(gone) == "张大山", "the copy has its key"
    assert counted(cluster, "tokens") == 1
    told = wuye("key", "erased", erasures)
    assert "再销毁 erased again 1" in told
    assert re.search(r"epoch \d{10}", told)
    assert (name_of(gone), name_of(stays)) == (ERASED, "李四")
    assert counted(cluster, "tokens") == 0, "nobody is logged in whom somebody has dismissed since"
    assert "完好 intact" in wuye("verify")
    assert json.loads(wuye("rebuild", "--compare", "--json"))["differences"] == {}
    do(OpenHousehold(home="1-103", name="王五"))


def test_a_cluster_comes_back_from_pgbackrest_to_an_instant(cluster: Cluster, tmp_path: Path) -> None:
    if shutil.which("pgbackrest") is None:
        pytest.skip("pgbackrest is not here (apt install pgbackrest)")
    # 1. The configuration that is shipped, with this machine's two paths; the pass phrase apart from it.
    said = (DEPLOY / "pgbackrest" / "pgbackrest.conf").read_text("utf-8")
    for path, here in (("/backup/pgbackrest", "repository"), ("/var/lib/postgresql/15/main", "data")):
        assert path in said
        said = said.replace(path, str(cluster.folder / here))
    configuration, passphrase = cluster.folder / "pgbackrest.conf", cluster.folder / "conf.d"
    configuration.write_text(said)
    passphrase.mkdir()
    (passphrase / "pass.conf").write_text("[global]\nrepo1-cipher-pass=not-a-secret\n")
    (passphrase / "here.conf").write_text(
        f"[global]\nlog-path={cluster.folder}/log\nlock-path={cluster.folder}/lock\n"
        f"[wuye]\npg1-socket-path={cluster.folder}\npg1-user=wuye_owner\n"
    )
    for folder in ("repository", "log", "lock"):
        (cluster.folder / folder).mkdir()
        os.chown(cluster.folder / folder, cluster.account.pw_uid, cluster.account.pw_gid)
    places = (f"--config={configuration}", f"--config-include-path={passphrase}", "--stanza=wuye")

    def pgbackrest(*words: str) -> str:
        return cluster.run("pgbackrest", *places, *words)

    archive = " ".join(("pgbackrest", *places))
    cluster.settings("archive_mode = on", f"archive_command = '{archive} archive-push %p'")
    cluster.start()
    an_office_at_work(cluster)
    # 2. Every night.
    pgbackrest("stanza-create")
    pgbackrest("check")
    pgbackrest("backup", "--type=full")
    # What was written after the backup comes from the archive.
    gone, stays = gone_and_staying()
    [stanza] = json.loads(pgbackrest("info", "--output=json"))
    ended = stanza["backup"][-1]["timestamp"]["stop"]  # in whole seconds, and the instant must be in a later one
    with psycopg.connect(cluster.dsn(), autocommit=True) as owner:
        later = "select extract(epoch from clock_timestamp()) >= %s"
        wait_until(
            lambda: owner.execute(later.encode(), [ended + 1]).fetchone() == (True,), "the backup's second is over"
        )
        [at] = owner.execute("select clock_timestamp()::text").fetchone() or ()
    erase(gone)
    wuye("work", "--once")
    erasures = tmp_path / "erased.keys"
    shutil.copy(f"{os.environ['WUYE_HOME']}/erased.keys", erasures)
    with psycopg.connect(cluster.dsn(), autocommit=True) as owner:
        owner.execute("select pg_switch_wal()")
        archived = "select last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1) from pg_stat_archiver"
        wait_until(lambda: owner.execute(archived.encode()).fetchone() == (True,), "all of the WAL is in the archive")
    # 3. Everything is lost.
    cluster.stop()
    shutil.rmtree(cluster.data)
    cluster.data.mkdir(mode=0o700)
    os.chown(cluster.data, cluster.account.pw_uid, cluster.account.pw_gid)
    pgbackrest("restore", "--type=time", f"--target={at}", "--target-action=promote")
    cluster.start()
    with psycopg.connect(cluster.dsn()) as owner:
        reads = lambda: owner.execute("select pg_is_in_recovery()").fetchone() == (False,)  # noqa: E731
        wait_until(reads, "the server has come to the instant")
    # 4. Before any program is started.
    brought_back(cluster, gone, stays, str(erasures))


def test_a_cluster_comes_back_from_pg_basebackup(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    an_office_at_work(cluster)
    gone, stays = gone_and_staying()
    copy = cluster.folder / "copy"
    words = ("-h", cluster.folder, "-U", "wuye_owner", "--checkpoint=fast", "--wal-method=stream", "-D", copy)
    cluster.run(cluster.binaries / "pg_basebackup", *words)
    cluster.run(cluster.binaries / "pg_verifybackup", copy)
    erase(gone)
    wuye("work", "--once")
    erasures = tmp_path / "erased.keys"
    shutil.copy(f"{os.environ['WUYE_HOME']}/erased.keys", erasures)
    cluster.stop()
    shutil.rmtree(cluster.data)
    copy.rename(cluster.data)
    cluster.start()
    brought_back(cluster, gone, stays, str(erasures))
