"""Codes for cameras 二维码: an address as squares, drawn here and nowhere else."""

from __future__ import annotations

from functools import lru_cache

import segno
from markupsafe import Markup

__all__ = ["drawn"]


@lru_cache(maxsize=500)
def drawn(address: str) -> Markup:
    """An address as a code."""
    made = segno.make(address, error="m", micro=False)
    return Markup(made.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None))  # noqa: S704 -- drawn here
