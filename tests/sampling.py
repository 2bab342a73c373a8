"""Walks over everything that there is: some of it in `make test`, all of it in `make check`."""

from __future__ import annotations

import pytest

some_or_all = pytest.mark.parametrize(
    "every", [pytest.param(11, id="some"), pytest.param(1, id="all", marks=pytest.mark.long)]
)
"""Such a test looks at each ``every``-th thing."""
