"""A page as it is read: its words, links and forms, and what a strict policy would forbid."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["Seen", "codes_in", "latin_in", "narrow_in"]

_CODE = re.compile(r"\b[a-z]{3,}(?:_[a-z0-9]+)+\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|\bNone\b|\bTrue\b|\bFalse\b")
_WORD = re.compile(r"[A-Za-z]{3,}")
_DIGEST = re.compile(r"\b[0-9a-f]{16,}\b|\b(?=[A-F]*[0-9])[0-9A-F]{4,}\b")
"""What is read off a paper and typed in: its number and its fingerprint."""
_NAMES = {"PDF", "LPR", "Excel", "CSV", "English", "API", "PIPL", "ESL", "IMG", "Esc"}


_TELLING = (
    "placeholder",
    "title",
    "aria-label",
    "alt",
    "data-word",
    "data-clear",
    "data-copy",
    "data-carry",
    "data-ticked",
)
_NARROW = re.compile(
    r"[\u4e00-\u9fff][,;:!?][\s\u4e00-\u9fff]|[\u4e00-\u9fff][,;:!?]$|[,;:!?][\u4e00-\u9fff]|[(\[][\u4e00-\u9fff]|[\u4e00-\u9fff][)\]]|[\u4e00-\u9fff]\.(?:\s|$)"
)
"""Narrow punctuation beside a Chinese character: an English comma, colon, bracket or full stop."""


class Seen(HTMLParser):
    """What stands on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.told: list[str] = []
        """What attributes say to people: hints in fields, titles, names for those who do not see."""
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.forbidden: list[str] = []
        self.fields: dict[str, str] = {}
        self.actions: list[str] = []
        self.labels_for: set[str] = set()
        self.controls: list[tuple[str, str]] = []
        """Id and accessible name of every control."""
        self.title = ""
        self._inside: list[str] = []
        self.feed(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self._inside.append(tag)
        if tag in ("meta", "link", "input", "br", "col", "img", "hr"):
            self._inside.pop()
        self.told += [str(said[name]) for name in _TELLING if said.get(name)]
        if "style" in said:
            self.forbidden.append(f"style on {tag}")
        self.forbidden += [f"{name} on {tag}" for name in said if name.startswith(("on", "hx-on"))]
        if tag == "script" and "src" not in said:
            self.forbidden.append("inline script")
        if (said.get("hx-trigger") or "").find("[") >= 0:
            self.forbidden.append("a trigger's filter is evaluated")
        for name in ("src", "href"):
            value = said.get(name) or ""
            if value.startswith(("http:", "https:", "//", "javascript:")):
                self.forbidden.append(value)
        if tag == "a" and said.get("href"):
            self.links.add(str(said["href"]))
        if tag == "form" and said.get("action"):
            self.actions.append(str(said["action"]))
        if said.get("id"):
            self.ids.append(str(said["id"]))
        if tag == "label" and said.get("for"):
            self.labels_for.add(str(said["for"]))
        if tag in ("input", "select", "textarea") and said.get("name"):
            self.fields[str(said["name"])] = str(said.get("value") or "")
            if said.get("type") not in ("hidden", "radio", "checkbox"):
                self.controls.append((str(said.get("id") or ""), str(said.get("aria-label") or "")))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] in ("script", "style"):
            return
        if "title" in self._inside:
            self.title += data
        self.words.append(data)


def codes_in(page: Seen) -> list[str]:
    """What a person should never read: ids, names of fields, values of choices."""
    return _CODE.findall(" ".join([page.text, *page.told]))


def latin_in(page: Seen) -> list[str]:
    """Latin words on a Chinese page, without names that have no other."""
    plain = _DIGEST.sub(" ", " ".join([page.text, *page.told]))
    return [word for word in _WORD.findall(plain) if word not in _NAMES]


def narrow_in(page: Seen) -> list[str]:
    """English punctuation in Chinese text."""
    told = ["".join(each.split("\n")) for each in (*page.words, *page.told)]
    return [each.strip()[:60] for each in told if _NARROW.search(each)]
