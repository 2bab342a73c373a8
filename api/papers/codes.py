"""Codes for cameras 二维码: an address as the picture of a QR code (ISO/IEC 18004)."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import segno

__all__ = ["picture"]

_MASK: Final = 2
"""Always the same, which every reader can read: trying all eight for the prettiest takes longer than the page."""


def picture(address: str) -> bytes:
    """The code as a PNG of one dot for each module, black on white, without a margin: the paper around it is one."""
    made = BytesIO()
    segno.make(address, error="l", micro=False, mask=_MASK, mode="byte").save(made, kind="png", scale=1, border=0)
    return made.getvalue()
