"""A small history of another system, and how the tests bring it in and look at what came of it."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.office_rig import OfficeRig
from workflows.importing.run import Report, import_history

__all__ = ["HEADER", "MAPPING", "NOW", "ROWS", "bring_in", "listed", "small", "told"]

NOW = datetime(2025, 6, 1, tzinfo=UTC)
HEADER = "no,step,at,kind,what,who"

MAPPING = """
[mapping]
name = "small"
zh = "小样"
en = "small"

[source]
missing = [""]
tally = ["step"]

[columns]
id = "no"
step = { from = "step", required = true }
at = { from = "at", type = "time", required = true }
kind = "kind"
what = "what"
who = "who"

[cases]
key = "id"
at = "at"
term = "step"

[target.complaint]
kind = "complaints"
id = "{id}"

[[step]]
when = { step = "new" }
facts = [{ of = "complaint", do = "RegisterComplaint", opens = true, with = { channel = { first = "kind", default = "online" }, category = { is = "noise" }, matter = "what!" } }]

[[step]]
when = { step = "wait" }
facts = [{ of = "complaint", do = "PauseComplaint", with = { waiting_for = "who!" } }]

[[step]]
when = { step = "done" }
facts = [
  { of = "complaint", do = "ResolveComplaint", with = { done_by = "who!", result = "what" } },
  { of = "complaint", do = "ArchiveComplaint" },
]

[[step]]   # 交办后再登记等待：同一行的第二件不成立时，整行不取 / when the second fails, the row is not taken at all
when = { step = "hand" }
facts = [
  { of = "complaint", do = "ReassignComplaint", with = { to = "who!" } },
  { of = "complaint", do = "PauseComplaint", with = { waiting_for = "who!" } },
]
"""

ROWS = """\
A1,new,2024-01-01 08:00,telephone,loud music,
A1,wait,2024-01-02 08:00,,,police
A1,done,2024-01-03 08:00,,told to be quiet,office
A2,new,2024-02-30 08:00,telephone,no such day,
A2,wait,2024-03-01 08:00,,,police
A3,new,2024-03-01 08:00,pigeon,unknown channel,
A4,new,2024-03-01 08:00,letter,dog,
A4,wait,2024-03-02 08:00,,,vet
A4,hand,2024-03-03 08:00,,,vet
A4,dance,2024-03-04 08:00,,,
A4,done,2024-03-05 08:00,,dog is gone,office
"""


def small(folder: Path, rows: str = ROWS, *, mapping: str = MAPPING, header: str = HEADER) -> tuple[Path, Path]:
    (folder / "small.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    (folder / "small.toml").write_text(mapping, encoding="utf-8")
    return folder / "small.csv", folder / "small.toml"


def bring_in(rig: OfficeRig, folder: Path, rows: str = ROWS, *, mapping: str = MAPPING, **more: Any) -> Report:
    file, rules = small(folder, rows, mapping=mapping)
    more.setdefault("problems", folder / "problems.csv")
    return import_history(rig.handler, rig.pool.connection, file, rules, rig.code, now=NOW, **more)


def listed(folder: Path) -> list[tuple[int, str, str, str]]:
    with (folder / "problems.csv").open(encoding="utf-8-sig", newline="") as file:
        return [(int(row["line"]), row["column"], row["code"], row["effect"]) for row in csv.DictReader(file)]


def told(rig: OfficeRig) -> list[tuple[Any, ...]]:
    """The book, but for what differs from one writing to the next."""
    return [
        (f.number, f.case_id, f.version, f.name, f.occurred_at, f.term, f.line, f.source_id, f.waived)
        for f in rig.facts()
    ]
