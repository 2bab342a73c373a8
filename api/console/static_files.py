"""Styles and scripts 静态文件: put together at the start, addressed by their content, kept by the browser for good.

There is no build step: the parts of our own style sheet and script are sent as one file, in the order of their names,
behind what is vendored. An address holds the digest of the content, so that a changed file is another address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

from api.http.reference import Sent, sent
from domain.kernel.errors import NotFound

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["FOLDER", "StaticFiles"]

FOLDER: Final = Path(__file__).with_name("static")
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_CSS, _JS = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
_SENT: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "console.css": (_CSS, ("vendor/tabler/tabler.min.css", "styles/*.css")),
    "console.js": (_JS, ("vendor/htmx/htmx.min.js", "scripts/*.js")),
    "charts.js": (_JS, ("vendor/echarts/echarts.simple.min.js", "charts/*.js")),
    "worker.js": (_JS, ("worker/*.js",)),
}
"""What is sent: name → kind and parts."""
_WORKER: Final = {"Service-Worker-Allowed": "/console/"}
"""A browser lets a worker look after the folder it comes from alone, unless it is told otherwise."""


class StaticFiles:
    """The files of the console, each under an address of its own content."""

    def __init__(self) -> None:
        """Read and compress them once."""
        self._files = {name: Sent.of(joined(parts), kind) for name, (kind, parts) in _SENT.items()}
        self._files["icon.svg"] = Sent.of((FOLDER / "icon.svg").read_bytes(), "image/svg+xml")
        self._digests = {name: sha256(file.plain).hexdigest()[:12] for name, file in self._files.items()}

    def address(self, name: str) -> str:
        """The address of a file. Raises KeyError for an unknown file."""
        return f"/static/console/{self._digests[name]}/{name}"

    def route(self) -> Route:
        """Their one route. An address of an older content gets the present one, and keeps it for no time."""

        def file(request: Request) -> Response:
            name, digest = request.path_params["name"], request.path_params["digest"]
            if name not in self._files:
                raise NotFound("file-unknown", None, zh="没有这个文件", en="there is no such file")
            current = digest == self._digests[name]
            headers = (_FOR_EVER if current else {}) | (_WORKER if name == "worker.js" else {})
            return sent(request, self._files[name], headers)

        return Route("/static/console/{digest}/{name}", file)

    def sizes(self) -> dict[str, int]:
        """What each file weighs compressed, in bytes."""
        return {name: len(file.small) for name, file in self._files.items()}


def joined(parts: Iterable[str]) -> bytes:
    """The parts one after another; comments that name a map for debugging are left out: the map is not here."""
    files = [file for part in parts for file in sorted(FOLDER.glob(part))]
    texts = (file.read_text("utf-8") for file in files)
    kept = ("\n".join(line for line in text.splitlines() if "sourceMappingURL" not in line) for text in texts)
    return "\n".join(kept).encode()
