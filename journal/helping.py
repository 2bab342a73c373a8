"""Helpers 帮手: processes of our own that are started for a piece of work and end with it, or with whoever started them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["started"]


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Our own interpreter with these arguments, its standard input and output in our hands; no shell sees them."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
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
        process.stdout.close()  # only now: a thread may be listening, and hears the end
        with suppress(BrokenPipeError):  # what was not yet sent has nobody to be sent to
            process.stdin.close()
