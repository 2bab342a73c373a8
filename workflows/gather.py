"""GATHER: the clock's commands that need more than their case, and how they come by it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.fact import Command
from workflows.clock import Gather

__all__ = ["GATHER"]

GATHER: Mapping[type[Command], Gather] = {}
