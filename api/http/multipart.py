"""Uploads 上传: what a browser's form with files sends (RFC 7578), read whole: its length is bounded already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["KIND", "Upload", "parts"]

KIND: Final = "multipart/form-data"
_MOST_PARTS: Final = 200
_BOUNDARY: Final = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?')
_NAMED: Final = re.compile(r'(?:^|;)\s*(name|filename)="([^"]*)"', re.IGNORECASE)
_ESCAPED: Final = {"%22": '"', "%0D": "\r", "%0A": "\n"}


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was sent."""

    name: str
    media: str
    data: bytes


def parts(content_type: str, body: bytes) -> tuple[list[tuple[str, str]], dict[str, Upload]]:
    """The fields in their order, and the files by their fields' names; a field for which no file was chosen is left out."""
    fields: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    found = _BOUNDARY.search(content_type)
    if found is None:
        return fields, files
    mark = b"--" + found[1].encode()
    for piece in (b"\r\n" + body).split(b"\r\n" + mark)[1 : _MOST_PARTS + 1]:
        if piece.startswith(b"--"):
            break
        head, gap, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = _headers(head)
        said = {key.lower(): _plain(value) for key, value in _NAMED.findall(headers.get("content-disposition", ""))}
        if not gap or "name" not in said:
            continue
        if "filename" not in said:
            fields.append((said["name"], data.decode("utf-8", "replace")))
        elif said["filename"]:
            media = headers.get("content-type", "").partition(";")[0].strip().lower()
            files.setdefault(said["name"], Upload(said["filename"], media, data))
    return fields, files


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _plain(text: str) -> str:
    for escaped, plain in _ESCAPED.items():
        text = text.replace(escaped, plain)
    return text
