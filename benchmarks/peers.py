"""Fetch the peers that are not Python packages into ``benchmarks/.peers`` with the ordinary npm client.

``python -m benchmarks.peers``
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

__all__ = ["FOLDER", "MODULES", "PEERS", "install", "installed", "lacking"]

FOLDER: Final = Path(__file__).parent / ".peers"
MODULES: Final = FOLDER / "node_modules"
PEERS: Final = {
    "@eventide/message-db": "1.3.1",
    "@event-driven-io/emmett": "0.42.0",
    "@event-driven-io/emmett-postgresql": "0.42.0",
    "@castore/core": "2.4.2",
    "@castore/event-storage-adapter-postgres": "2.4.2",
}


def installed(package: str) -> str | None:
    """The version of this npm package here, or None."""
    file = MODULES / package / "package.json"
    return str(json.loads(file.read_text("utf-8"))["version"]) if file.exists() else None


def lacking(*packages: str, node: bool = True) -> str | None:
    """Why these packages cannot be measured here, or None."""
    if node and not shutil.which("node"):
        return "node is not installed"
    absent = [package for package in packages if installed(package) != PEERS[package]]
    return f"{', '.join(absent)} not installed: python -m benchmarks.peers" if absent else None


def install() -> None:
    """Install what is lacking, in the versions pinned above."""
    if not lacking(*PEERS, node=False):
        return
    npm = shutil.which("npm")
    if not npm:
        print("npm is not installed: only the Python peers will be measured", file=sys.stderr)
        return
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "package.json").write_text(json.dumps({"private": True, "dependencies": PEERS}, indent=2) + "\n")
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"], cwd=FOLDER, check=True
    )


if __name__ == "__main__":
    install()
    for name in PEERS:
        print(f"{name} {installed(name) or '–'}")
