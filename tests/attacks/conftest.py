"""The application that is attacked is the one that the other tests use."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from api.http import logs
from tests.api.conftest import api, application
from tests.attacks.installations import homes, wuye

__all__ = ["api", "application", "as_served", "homes", "logged", "wuye"]


@contextmanager
def as_served() -> Iterator[None]:
    """The logs as ``wuye serve`` writes them, and afterwards as they were."""
    root, hooks = logging.getLogger(), (threading.excepthook, sys.unraisablehook)
    kept = root.handlers[:], root.level, structlog.get_config()
    logs.configure(plain=False)
    try:
        yield
    finally:
        root.handlers[:], (threading.excepthook, sys.unraisablehook) = kept[0], hooks
        root.setLevel(kept[1])
        structlog.configure(**kept[2])


@pytest.fixture
def logged() -> Iterator[None]:
    """The logs as ``wuye serve`` writes them."""
    with as_served():
        yield
