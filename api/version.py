"""The program's version 版本: the package's own, said in one place."""

from importlib.metadata import version
from typing import Final

__all__ = ["VERSION"]

VERSION: Final = version("wuye")
"""As ``wuye --version``, ``/openapi.json`` and the package say it."""
