"""Where an installation keeps its things: ``WUYE_HOME`` 家目录, by default ``.wuye`` in the current folder."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["wuye_home"]


def wuye_home() -> Path:
    """The folder of the embedded server's data, the master key and files; made (mode 0711) if it is not there."""
    home = Path(os.environ.get("WUYE_HOME") or ".wuye").absolute()
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    return home
