"""The counter that is attacked is the one that the other tests stand before."""

from tests.api.conftest import window

__all__ = ["window"]
