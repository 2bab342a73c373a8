"""The HTTP API, the console and the command line over the office at work."""

from api.heap import look_seldom

look_seldom()
