"""``python -m docs.new_kind parking_permit --chapter services --zh 停车证``: the skeleton of a kind of case.

It writes what the README's recipe asks for: the module with its table, its lines in ``domain/cases.py`` and among the
duties, its register with a line in the index, a first story test and stored samples of its events. What it writes is
green: change it from there, word by word. Nothing that stands is overwritten.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

__all__ = ["CHAPTERS", "NewKind", "main"]

ROOT: Final = Path(__file__).parents[1]
SKELETON: Final = Path(__file__).parent / "skeleton"
CHAPTERS: Final = {
    "office": "1",
    "moving": "1.3",
    "rounds": "2",
    "homes": "3",
    "complaints": "4",
    "visits": "5.2",
    "services": "6",
    "fees": "7",
    "arrears": "8",
    "residents": "9.1",
}
"""The rooms of the house, and the clause that a kind rests on when no other is named."""


@dataclass(frozen=True, slots=True)
class NewKind:
    """What a new kind is called: ``kind`` is its word in ids, ``path`` that in addresses."""

    kind: str
    chapter: str
    zh: str
    en: str
    clause: str

    @property
    def path(self) -> str:
        """As it stands in addresses and as the register is called."""
        return f"{self.task}s"

    @property
    def task(self) -> str:
        """What its deadline is called."""
        return self.kind.replace("_", "-")

    @property
    def module(self) -> str:
        """The module of the domain."""
        return f"domain.{self.chapter}.{self.kind}"

    @property
    def register(self) -> str:
        """The register's constant."""
        return f"{self.kind.upper()}S"

    def filled(self, skeleton: str) -> str:
        """A skeleton with this kind's words."""
        words = {
            "kind": self.kind,
            "KIND": self.kind.upper(),
            "Name": self.kind.title().replace("_", ""),
            "zh": self.zh,
            "en": self.en,
            "ens": f"{self.en}s",
            "Cap": self.en[:1].upper() + self.en[1:],
            "clause": self.clause,
            "path": self.path,
            "task": self.task,
            "module": self.module,
            "REGISTER": self.register,
            "rows": f"{self.kind}s",
        }
        return Template((SKELETON / f"{skeleton}.txt").read_text("utf-8")).substitute(words)

    def write(self, root: Path = ROOT) -> list[Path]:
        """Write it all; returns what was written. Raises FileExistsError when the kind is there already."""
        module = root / "domain" / self.chapter / f"{self.kind}.py"
        story = root / "tests" / "domain" / self.chapter / f"test_{self.kind}.py"
        for path, skeleton in ((module, "case"), (story, "story")):
            with path.open("x", encoding="utf-8") as file:
                file.write(self.filled(skeleton))
        return [module, story, *self._lines(root), *self._register(root)]

    def _lines(self, root: Path) -> list[Path]:
        """Its line in CASES, after the last of its chapter, and that among the duties."""
        cases = root / "domain" / "cases.py"
        constant = self.kind.upper()
        imported = f"from {self.module} import LIFECYCLE as {constant}"
        cases.write_text(_listed(cases, imported, constant, f"domain.{self.chapter}."), "utf-8")
        duties = root / "domain" / "office" / "responsibility.py"
        line = f'    ("{self.kind}", "{self.task}"): Duty(_CLERK, missed=_missed),\n'
        duties.write_text(
            duties.read_text("utf-8").replace('}\n"""Every deadline', f'{line}}}\n"""Every deadline'), "utf-8"
        )
        return [cases, duties]

    def _register(self, root: Path) -> list[Path]:
        """Its register, in the chapter's module or in a file of its own in the chapter's package, and its line."""
        registers = root / "projections" / "registers"
        made = self.filled("register")
        package = registers / self.chapter
        name = f"projections.registers.{self.chapter}"
        if package.is_dir():
            file, name = package / f"{self.kind}s.py", f"{name}.{self.kind}s"
            with file.open("x", encoding="utf-8") as opened:
                opened.write(made)
        else:
            file = registers / f"{self.chapter}.py"
            file.write_text(_joined(file.read_text("utf-8"), made, self.register), "utf-8")
        index = registers / "index.py"
        imported = f"from {name} import {self.register}"
        index.write_text(_listed(index, imported, self.register, f"projections.registers.{self.chapter}"), "utf-8")
        return [file, index]


def _listed(file: Path, imported: str, constant: str, chapter: str) -> str:
    """A file that lists constants, with one more after the last that comes from this chapter."""
    text = file.read_text("utf-8")
    names: list[str] = []
    for module, single, several in re.findall(r"^from ([\w.]+) import (?:([^(\n]+)|\(([^)]*)\))", text, re.MULTILINE):
        if module.startswith(chapter):
            names += [each.split(" as ")[-1].strip() for each in (single or several).split(",") if each.strip()]
    last = max(text.rindex(f"    {each},\n") for each in names if f"    {each},\n" in text)
    at = text.index("\n", last) + 1
    indent = re.match(r" *", text[text.rindex("\n", 0, at - 1) + 1 :])
    assert indent is not None
    text = f"{text[:at]}{indent[0]}{constant},\n{text[at:]}"
    first = text.index("\nfrom ", text.index("from __future__") + 1) + 1
    return f"{text[:first]}{imported}\n{text[first:]}"


def _joined(text: str, made: str, constant: str) -> str:
    """A chapter's registers with one more: its imports, its name among what the module gives, and its text."""
    head, body = made.split("\n__all__", 1)
    imports = head.split("from __future__ import annotations\n", 1)[1].strip()
    body = body.split("\n", 1)[1].strip()
    first = text.index("\nfrom ", text.index("from __future__") + 1) + 1
    text = f"{text[:first]}{imports}\n{text[first:]}"
    text = text.replace("__all__ = [", f'__all__ = ["{constant}", ', 1)
    return f"{text.rstrip()}\n\n\n{body}\n"


def main(words: list[str] | None = None, root: Path = ROOT) -> None:
    """Write the skeleton, put imports in order, and store a sample of every new event."""
    asked = argparse.ArgumentParser(prog="python -m docs.new_kind", description="the skeleton of a kind of case")
    asked.add_argument("kind", help="its word, such as parking_permit")
    asked.add_argument("--chapter", required=True, choices=list(CHAPTERS), help="the room it belongs to")
    asked.add_argument("--zh", required=True, help="what people call it, such as 停车证")
    asked.add_argument("--en", help="in English; its word if left out")
    asked.add_argument("--clause", help="what it rests on; the chapter if left out")
    given = asked.parse_args(words)
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", given.kind):
        asked.error("a kind is called by small letters, words joined by _")
    new = NewKind(
        given.kind,
        given.chapter,
        given.zh,
        given.en or given.kind.replace("_", " "),
        given.clause or CHAPTERS[given.chapter],
    )
    written = new.write(root)
    files = [str(path.relative_to(root)) for path in written]
    for step in (
        ["ruff", "check", "--quiet", "--fix", "--select", "I,F,RUF022", *files],
        ["ruff", "format", "--quiet", *files],
        ["tests.journal.samples_make"],
    ):
        subprocess.run([sys.executable, "-m", *step], cwd=root, check=True)
    print(*files, "tests/journal/samples/", "make docs", sep="\n")  # noqa: T201 -- a script


if __name__ == "__main__":
    main()
