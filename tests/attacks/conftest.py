"""The counter that is attacked is the one that the other tests stand before."""

from tests.api.conftest import application, window

__all__ = ["application", "window"]
