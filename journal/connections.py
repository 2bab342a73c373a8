"""Connections 数据库连接: how the rest of the program comes by one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg

__all__ = ["Connect"]

Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
"""Lends an autocommit connection for a while, such as a pool's ``connection``."""
