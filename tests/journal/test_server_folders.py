"""The embedded server's files: opened by the version that made them, and gone with a temporary home, never with another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from journal import server_folders
from journal.embedded import EmbeddedPostgres, NoPostgres, find_binaries
from journal.server_folders import home_of, remove_left_behind

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the tests do not run as root")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where servers of unreachable homes lie, for this test alone."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setattr(server_folders, "ELSEWHERE", folder)
    return folder


def left(places: Path, mark: str, asked: Path) -> Path:
    """What a server leaves that was stopped."""
    server_folders.note_home(places / mark, asked)
    (places / mark / "data").mkdir()
    (places / mark / "data" / "PG_VERSION").write_text("15\n")
    return places / mark


@as_root
def test_what_a_temporary_home_left_behind_goes_with_it(places: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    mine = left(places, "a", home / "pg")
    assert remove_left_behind() == 0
    assert mine.exists(), "the home is there"
    home.rmdir()
    assert remove_left_behind() == 1
    assert not mine.exists()


@as_root
def test_a_home_that_may_come_back_keeps_its_data(places: Path) -> None:
    unmounted = left(places, "b", Path("/mnt/a disk that is not here/wuye/pg"))
    unknown = left(places, "c", Path("/tmp/x/pg"))
    (unknown / "home").unlink()
    assert remove_left_behind() == 0
    assert unmounted.exists()
    assert unknown.exists(), "nobody wrote down whose it is"


@pytest.fixture
def reachable() -> Iterator[Path]:
    with TemporaryDirectory(prefix="wuye-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@as_root
@pytest.mark.long
def test_a_server_that_runs_keeps_its_data_and_can_be_removed_by_its_owner(
    tmp_path: Path, reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("embedded", "server_folders"):  # a place that nobody sweeps who starts a server meanwhile
        monkeypatch.setattr(f"journal.{module}.ELSEWHERE", reachable)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    server = EmbeddedPostgres(home / "pg", durable=False)
    place = server.data.parent
    with server:
        assert home_of(place) == home / "pg"
        home.rmdir()
        remove_left_behind()
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert place.exists()
    assert remove_left_behind(lambda asked: asked == home / "pg") == 1
    with server:
        pass
    assert place.exists(), "who starts it again has it again"
    server.remove()
    assert not place.exists()
    assert not server_folders.socket_of(place.name).exists()


@pytest.mark.long
def test_data_are_opened_by_the_version_that_made_them(reachable: Path) -> None:
    """The office that began with the wheel's PostgreSQL goes on with it after somebody installed the system's."""
    try:
        find_binaries("system")
        wheel = find_binaries("wheel")
    except NoPostgres:
        pytest.skip("there are not two PostgreSQL here")
    with EmbeddedPostgres(reachable / "pg", binaries=wheel, durable=False) as first:
        made = first.data
        with psycopg.connect(first.dsn(), autocommit=True) as connection:
            connection.execute("create table kept ()")
    with EmbeddedPostgres(reachable / "pg", durable=False) as again, psycopg.connect(again.dsn()) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
        assert again.data == made
    again.remove()
    assert not made.exists()


def test_data_of_a_version_that_is_not_here_are_not_touched(reachable: Path) -> None:
    (reachable / "pg").mkdir()
    (reachable / "pg" / "PG_VERSION").write_text("9\n")
    with pytest.raises(NoPostgres, match="postgresql-9"):
        EmbeddedPostgres(reachable / "pg")
    assert [file.name for file in (reachable / "pg").iterdir()] == ["PG_VERSION"]
    shutil.rmtree(reachable / "pg")
