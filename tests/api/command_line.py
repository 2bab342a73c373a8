"""The command line in a folder of its own, with the office XH opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.main import app
from tests.conftest import Database

Wuye = Callable[..., Result]
"""The words after `wuye`, and the exit code that is expected."""


@contextmanager
def command_line(database: Database, folder: Path) -> Iterator[Wuye]:
    """The program on this database, which has its home and its working folder here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", database.owner)
        patch.setenv("WUYE_HOME", str(folder / "home"))
        patch.setenv("WUYE_ALLOW_UNSAFE_SERVER", "1")
        patch.chdir(folder)
        run("office", "open", "XH", "--name", "香湖")
        yield run


def run(*words: str, code: int = 0) -> Result:
    """What the program answers to these words."""
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result
