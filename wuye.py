"""``wuye`` 物业·有据, the command: ours are the first packages on the path, whatever somebody calls files of his own.

``api``, ``domain`` and the others are common words: a PYTHONPATH or a folder with an ``api.py`` in it would be read in
place of ours.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Entry point of ``wuye`` and of ``python -m wuye``."""
    home = str(Path(__file__).parent)
    sys.path[:] = [home, *(place for place in sys.path if place not in ("", home))]

    from api.cli.main import main as run  # noqa: PLC0415 - only now is it certainly ours

    run()


if __name__ == "__main__":
    main()
