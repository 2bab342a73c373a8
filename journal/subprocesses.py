"""Subprocesses of our own interpreter, started for a piece of work; they end with it, or with whoever started them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["python_subprocess"]


@contextmanager
def python_subprocess(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Our own interpreter with these arguments and with pipes for standard input and output; no shell sees them.

    Its path is ours: no ``api.py`` of the folder it is started in is taken for the program.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()  # only now: a thread may be reading, and gets the end of the file
        with suppress(BrokenPipeError):  # nobody is left to read what was not yet sent
            process.stdin.close()
