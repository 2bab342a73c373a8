"""The layout of the house: one room per chapter, one name per chapter in every layer, four files per kind of case."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from domain.cases import CASES

ROOT = Path(__file__).parents[1]
DOMAIN = ROOT / "domain"
ROOMS = ("office", "moving", "rounds", "homes", "complaints", "visits", "services", "fees", "arrears", "residents")
"""The chapters 1 to 9 of the handbook, in its order."""
FOUR = {"events", "case", "commands", "lifecycle"}
WORDS = {
    "office": {"responsibility"},
    "homes": {"keys"},
    "visits": {"windows"},
    "fees": {
        "attaching",
        "charged_months",
        "charging",
        "chart",
        "correcting",
        "matching",
        "metering",
        "reckoning",
        "terms",
    },
    "arrears": {"ascents", "composing", "contacts", "letters", "limitation", "owed", "shared_events", "terms"},
}
"""What a chapter has beside its kinds of case: words and windows that several of its kinds share."""


def names(folder: Path) -> set[str]:
    """The modules and packages in a folder."""
    return {entry.stem for entry in folder.iterdir() if not entry.name.startswith("__")}


def kinds(room: str) -> set[str]:
    """The kinds of case that CASES takes from a room."""
    modules = [lifecycle.evolve.__module__.split(".") for lifecycle in CASES]
    return {path[2] for path in modules if path[1] == room}


def misplaced(room: Path, kinds_there: set[str], words: set[str]) -> list[str]:
    """What in a room is neither a kind of case in its one module or four files, nor a word of the chapter."""
    wrong = [f"{room.name}: {name}" for name in names(room) - kinds_there - words]
    for kind in kinds_there:
        package = room / kind
        if package.is_dir() and names(package) != FOUR:
            wrong.append(f"{room.name}/{kind}: {sorted(names(package) ^ FOUR)}")
    return wrong


def definitions(files: Iterable[Path]) -> dict[str, set[str]]:
    """Part of a kind of case → what is defined in the files of that part, by decorator and base."""
    found: dict[str, set[str]] = {"event": set(), "command": set(), "Case": set(), "evolve": set(), "LIFECYCLE": set()}
    for file in files:
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                marks = {getattr(d.func if isinstance(d, ast.Call) else d, "id", "") for d in node.decorator_list}
                marks |= {getattr(base, "id", "") for base in node.bases}
            elif isinstance(node, ast.FunctionDef):
                marks = {node.name}
            elif isinstance(node, ast.Assign):
                marks = {target.id for target in node.targets if isinstance(target, ast.Name)}
            else:
                continue
            for mark in marks & set(found):
                found[mark].add(file.stem)
    return found


def test_the_rooms_are_the_chapters() -> None:
    assert names(DOMAIN) == {"cases", "kernel", "handbook", *ROOMS}
    assert {lifecycle.evolve.__module__.split(".")[1] for lifecycle in CASES} == set(ROOMS)


def test_a_kind_of_case_is_one_module_or_four_files() -> None:
    wrong = [each for room in ROOMS for each in misplaced(DOMAIN / room, kinds(room), WORDS.get(room, set()))]
    assert not wrong


def test_a_fifth_file_is_noticed(tmp_path: Path) -> None:
    room = tmp_path / "complaints"
    (room / "complaint").mkdir(parents=True)
    for name in (*FOUR, "links"):
        (room / "complaint" / f"{name}.py").touch()
    (room / "complaint_words.py").touch()
    assert misplaced(room, {"complaint"}, set()) == ["complaints: complaint_words", "complaints/complaint: ['links']"]


def test_each_file_of_a_kind_holds_what_its_name_says() -> None:
    for package in sorted(DOMAIN.glob("*/*/lifecycle.py")):
        if package.parent.parent.name == "kernel":
            continue
        folder = package.parent
        commands = folder / "commands"
        found = definitions([*folder.glob("*.py"), *commands.glob("*.py")])
        themes = {file.stem for file in commands.glob("*.py")} if commands.is_dir() else {"commands"}
        assert found["event"] == {"events"}, folder
        assert found["Case"] == found["evolve"] == {"case"}, folder
        assert found["LIFECYCLE"] == {"lifecycle"}, folder
        assert found["command"] <= themes, folder


def test_a_chapter_bears_its_name_in_every_layer() -> None:
    """Registers, standards, policies and tests of a chapter are found under the room's own name."""
    chapters = set(ROOMS)
    assert names(ROOT / "projections" / "registers") - {"index"} <= chapters
    assert names(ROOT / "projections" / "standards") - {"index"} <= chapters
    assert names(ROOT / "workflows" / "policies") - {"index"} <= chapters
    for room in ("complaints", "homes", "rounds", "visits", "arrears", "moving", "services"):
        for layer in ("projections/registers", "projections/standards", "workflows/policies", "tests/domain"):
            assert room in names(ROOT / layer), f"{layer} has nothing of {room}"


def test_nothing_but_the_index_imports_by_way_of_another_module() -> None:
    """Importers name the module that defines: no list of exports names what a module merely imported."""
    for file in [
        f for layer in ("domain", "workflows", "journal", "projections", "api") for f in (ROOT / layer).rglob("*.py")
    ]:
        tree = ast.parse(file.read_text("utf-8"))
        exported = {
            element.value
            for node in tree.body
            if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets)
            for element in ast.walk(node.value)
            if isinstance(element, ast.Constant)
        }
        imported = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
        assert not exported & imported, f"{file.relative_to(ROOT)}: {sorted(exported & imported)}"
