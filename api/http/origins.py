"""Hosts and origins 主机与来源: under which names the program is spoken to, and from whose pages it takes changes.

A page of a foreign site can make a browser speak to this program: under a name of its own that leads here (then the
Host header is foreign), or with the person's cookie (then Origin or Sec-Fetch-Site says so).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from api.http.authentication import is_here
from api.http.problems import problem

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

    from api.http.pipeline import Exchange

__all__ = ["OriginCheck"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES: Final = (b"same-origin", b"none")
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "[::1]"})
"""How health checks and figures ask beside the proxy. No name that a foreign page could make lead here is one of them."""


class OriginCheck:
    """Refuses a host that is not ours (400) and a change from a page that is not ours (403)."""

    def __init__(self, hosts: Iterable[str]) -> None:
        """``hosts`` are names or ``name:port``; a name alone is good with every port."""
        self._hosts = frozenset(host.strip().lower() for host in hosts) - {""}

    async def __call__(self, exchange: Exchange) -> Response | None:
        """Let through what speaks to us under our name, and no other's page."""
        scope = exchange.scope
        hosts, origins, sites = _told(scope)
        if len(hosts) != 1 or not (self._ours(hosts[0]) or _asked_here(hosts[0], scope)):
            return problem(400, "foreign-host", "本系统不以该主机名提供服务", "this is not served under that host name")
        if scope["method"] not in _SAFE and (
            any(site not in _OWN_SITES for site in sites)
            or any(not _same(origin, hosts[0], scope["scheme"]) for origin in origins)
        ):
            return problem(403, "foreign-site", "请求来自其他网站", "the request comes from another site")
        return None

    def _ours(self, host: str) -> bool:
        return host in self._hosts or _name(host) in self._hosts


def _name(host: str) -> str:
    """Without its port, which is a number or nothing; what has anything else behind the colon is a name of nobody."""
    name, colon, port = host.rpartition(":")
    return name if colon and not port.strip("0123456789") and not host.endswith("]") else host


def _asked_here(host: str, scope: Scope) -> bool:
    return _name(host) in _THIS_MACHINE and is_here(scope)


def _told(scope: Scope) -> tuple[list[str], list[str], list[bytes]]:
    hosts, origins, sites = [], [], []
    for name, value in scope["headers"]:
        if name == b"host":
            hosts.append(value.decode("latin-1").lower())
        elif name == b"origin":
            origins.append(value.decode("latin-1").lower())
        elif name == b"sec-fetch-site":
            sites.append(value)
    return hosts, origins, sites


def _same(origin: str, host: str, scheme: str) -> bool:
    """Whether a page of this origin is ours; behind a proxy that does not say so, HTTPS looks like HTTP to us."""
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    if page.scheme not in ("https", scheme):
        return False
    default = {"http": ":80", "https": ":443"}[page.scheme]
    return page.netloc.removesuffix(default) == host.removesuffix(default)
