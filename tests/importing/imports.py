"""A small history and its mapping, for the tests of the importer."""

from datetime import UTC, datetime
from pathlib import Path

from workflows.importing.binding import Binding, Tally
from workflows.importing.interpret import SourceCase, proposals
from workflows.importing.mapping import parse_mapping
from workflows.importing.reader import open_source

NOW = datetime(2030, 1, 1, tzinfo=UTC)

MAPPING = """
[mapping]
name = "small"
zh = "小样"
en = "small"

[source]
missing = ["", "?"]
tally = ["state"]

[columns]
id = "id"
state = { from = "state", required = true, one_of = ["new", "work", "wait", "done", "late"] }
at = { from = "at", type = "time", required = true }
done_at = { from = "done_at", type = "time", known_at = "at", optional = true }
count = { from = "count", type = "integer", optional = true }
amount = { from = "amount", type = "money", optional = true }
total = { from = "total", type = "money", optional = true, if_bad = "note" }
who = { from = "who", optional = true }

[cases]
key = "id"
group = "GROUP"
at = "at"
term = "state"
backwards = "BACKWARDS"

[target.order]
kind = "orders"
id = "{id}"

[target.debt]
kind = "debts"
id = "debt-{id}"

[[check]]
sum = "amount"
equals = "total"

[[step]]
when = { state = "new" }
facts = [{ of = "order", do = "Raise", opens = true, with = { by = "who", urgent = true, kind = { is = "repair" } } }]

[[step]]
when = { state = "work" }
facts = []

[[step]]
when = { state = { is = "wait", entered = true } }
facts = [{ of = "order", do = "Pause", with = { why = { text = "等 {who}" } } }]

[[step]]
when = { count = { increased = true } }
facts = [{ of = "order", do = "HandOn" }]

[[step]]
when = { any = [{ state = { is = "done", entered = true } }, { state = { is = "done", changed = false }, done_at = { changed = true } }] }
facts = [{ of = "order", do = "Finish", at = ["done_at", "at"], with = { stated = { given = "done_at" } } }]

[[step]]
when = { amount = { given = true } }
facts = [
  { of = "debt", do = "Open", opens = "if-needed" },
  { of = "debt", do = "Charge", when = { amount = { positive = true } }, with = { rise_fen = { rise = "amount" } } },
]

[[step]]
when = { state = "late" }
note = { zh = "迟到", en = "late" }
facts = [{ of = "order", do = "Note", with = { who = "who!" } }]
"""


def mapping_text(group: str = "sorted", backwards: str = "refuse") -> str:
    return MAPPING.replace("GROUP", group).replace("BACKWARDS", backwards)


def imported(
    folder: Path, rows: str, *, header: str = "id,state,at,done_at,count,amount,total,who", text: str | None = None
) -> tuple[list[SourceCase], Tally]:
    path = folder / "history.csv"
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    tally = Tally()
    binding = Binding(parse_mapping(text or mapping_text()), open_source(path))
    cases = list(proposals(binding, NOW, tally, folder))
    assert tally.rows == tally.taken + tally.understood + tally.refused
    return cases, tally


def told(cases: list[SourceCase]) -> list[str]:
    return [f"{f.line} {f.source_id} {f.command_or_event} {f.occurred_at:%m-%d}" for c in cases for f in c.facts]


def troubles(cases: list[SourceCase]) -> list[tuple[int, str, str, bool]]:
    return [(p.line, p.column, p.code, p.taken) for c in cases for p in c.problems]
