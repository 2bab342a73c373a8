"""A restore with a list of erasures of another day: what is older than the backup brings somebody back, and is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.installations import Wuye, carried, erase, gone_and_staying

pytestmark = pytest.mark.long
"""Two installations."""


def test_a_list_of_erasures_that_is_older_than_the_backup_is_refused(
    homes: Callable[[str], Path], wuye: Wuye, tmp_path: Path
) -> None:
    gone, _ = gone_and_staying()
    wuye("work", "--once")
    older = tmp_path / "first" / "erased.keys"
    kept = older.read_bytes() if older.exists() else b""
    erase(gone)
    wuye("work", "--once")
    wuye("backup", str(tmp_path / "backup"))
    carried(homes, "master.key", "erased.keys")
    newest = tmp_path / "second" / "erased.keys"
    (tmp_path / "older.keys").write_bytes(kept)
    asked = ("restore", str(tmp_path / "backup"), "--erasures")
    assert "早于备份" in wuye(*asked, str(tmp_path / "older.keys"), code=2)
    assert "erased again 0" in wuye(*asked, str(newest)), "the first was refused before anything was written"
