"""Files that are on disk when they are said to be, also after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["sync_folder", "write_new"]


def write_new(file: Path, data: bytes) -> None:
    """Write a file that only its owner may read. Raises FileExistsError where one lies already.

    What it holds is on disk; its name is after :func:`sync_folder`. Of one that could not be written, on a full disk say, nothing is left.
    """
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as made:
            made.write(data)
            made.flush()
            os.fsync(made.fileno())
    except OSError:
        file.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """What was made, renamed or removed in a folder stays so."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
