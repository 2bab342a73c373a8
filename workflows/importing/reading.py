"""The source read ahead 预读. Reading a large file and deciding its cases are each as much as one core can do, so a
large file is read and interpreted in a process of its own, which hands over whole cases in the file's order.

The other process has neither the database nor any key; it ends when nobody takes its cases any more.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Final

from domain.errors import Refusal
from workflows.importing.binding import Binding, Tally
from workflows.importing.interpret import ProposedFact, SourceCase, proposals
from workflows.importing.mapping import load_mapping
from workflows.importing.problems import Problem
from workflows.importing.reader import open_source

__all__ = ["LEAST_LINES", "cases_of", "main"]

LEAST_LINES: Final = 20_000
"""From so many lines on a process of its own is worth its start of about half a second."""
_AT_ONCE: Final = 200
_COMMAND: Final = "from workflows.importing.reading import main; main()"


@contextmanager
def cases_of(binding: Binding, mapping: Path, now: datetime, tally: Tally) -> Iterator[Iterator[SourceCase]]:
    """The cases of a bound source, in the file's order; ``tally`` is complete when they all have been taken."""
    if binding.source.lines < LEAST_LINES:
        with closing(proposals(binding, now, tally)) as cases:
            yield cases
        return
    # Our own interpreter and our own words; the file names are arguments and no shell sees them.
    reader = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, str(binding.source.path), str(mapping), now.isoformat()],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert reader.stdout is not None
    try:
        with closing(_taken(reader.stdout, tally)) as cases:
            yield cases
    finally:
        reader.stdout.close()
        reader.terminate()
        reader.wait()


def _taken(pipe: IO[bytes], tally: Tally) -> Generator[SourceCase, None, None]:
    while True:
        try:
            said, what = pickle.load(pipe)  # noqa: S301  (it comes from our own process)
        except EOFError as ended:
            msg = "the process that reads the source has ended / 读取进程中断，请重新导入以继续"
            raise RuntimeError(msg) from ended
        if said == "refused":
            raise what
        if said == "done":
            for name in Tally.__slots__:
                setattr(tally, name, getattr(what, name))
            return
        for key, facts, problems, rows, digest in what:
            yield SourceCase(
                key, [ProposedFact(*fact) for fact in facts], [Problem(*each) for each in problems], rows, digest
            )


def main() -> None:
    """Read the source and hand its cases over on standard output."""
    file, mapping, now = sys.argv[1:]
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=1 << 20)
    gc.disable()  # what is made here is handed over at once: there are no cycles to find
    try:
        for message in _said(Path(file), Path(mapping), datetime.fromisoformat(now)):
            pickle.dump(message, out, protocol=pickle.HIGHEST_PROTOCOL)
        out.close()
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more: not even the buffer can be written out


def _said(file: Path, mapping: Path, now: datetime) -> Iterator[tuple[str, object]]:
    try:
        rules = load_mapping(mapping)
        tally = Tally()
        cases = proposals(Binding(rules, open_source(file, rules.delimiter, rules.encodings)), now, tally)
        while several := list(islice(cases, _AT_ONCE)):
            yield "cases", [_plain(case) for case in several]
        yield "done", tally
    except Refusal as refusal:
        yield "refused", refusal


def _plain(case: SourceCase) -> tuple[object, ...]:
    """As tuples, which are pickled several times as fast as the records."""
    facts = [
        (f.kind_path, f.source_id, f.command_or_event, f.occurred_at, f.fields, f.line, f.term, f.opens)
        for f in case.facts
    ]
    problems = [(p.line, p.column, p.value, p.code, p.zh, p.en, p.taken, p.case) for p in case.problems]
    return case.key, facts, problems, case.rows, case.digest
