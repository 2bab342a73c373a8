"""A mapping read over a file: for each case of the source the facts it proposes, in order, and its problems.

Nothing here knows the domain: the kinds, commands and fields are names. What the lifecycle refuses is found later,
by whoever gives the proposals to the office; it uses the same problem file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

import msgspec

from workflows.importing.binding import KEY_JOINT, Binding, Tally
from workflows.importing.expressions import Fixed, Reference
from workflows.importing.grouping import Group, Picked, contiguous, sorted_on_disk
from workflows.importing.mapping import Order
from workflows.importing.problems import Problem, Trouble
from workflows.importing.rules import FactRule, Opens
from workflows.importing.values import SHANGHAI, Value
from workflows.importing.view import RowView

__all__ = ["HANDFUL", "ProposedFact", "Share", "SourceCase", "proposals"]

HANDFUL: Final = 500
"""So many cases in a row of the file are one process's work."""

_MOST_ROWS: Final = 100_000
_MOST_TIMES: Final = 1_000
_LONGEST_TERM: Final = 200
_LAST: Final = (1, 0)


@dataclass(slots=True)  # not frozen: half a million of them are made for a large file
class ProposedFact:
    """What a row says of one case: give this command (or take this event) as of that instant.

    ``term`` is the other system's own word for the row, such as its activity or state; ``line`` its place.
    """

    kind_path: str
    source_id: str
    command_or_event: str
    occurred_at: datetime
    fields: Mapping[str, object]
    line: int
    term: str = ""
    opens: bool = False
    states: tuple[str, ...] = ()
    """If any: only while the case is in one of these states."""
    if_needed: bool = False
    """Whether it opens the case only where nothing has."""
    lenient: bool = False
    """Whether the rest of the row stands when this cannot be taken."""


@dataclass(frozen=True, slots=True)
class SourceCase:
    """One case of the source: its proposals in order, its problems, how many rows it had. No key: rows of no case."""

    key: str
    facts: list[ProposedFact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    digest: str = ""
    """The same for the same facts, wherever they stand in the file: a second import knows the case by it."""
    handful: int = 0
    """Which handful of the file's cases it belongs to, from 0."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which cases of a source one of several processes takes: every ``of``-th handful, from the ``number``-th on."""

    number: int = 0
    of: int = 1

    @property
    def first(self) -> bool:
        """Whether what belongs to no case is this process's to tell."""
        return self.number == 0

    def takes(self, handful: int) -> bool:
        """Whether the cases of this handful are its own."""
        return handful % self.of == self.number


_ALL: Final = Share()


def _digest(facts: list[ProposedFact]) -> str:
    told = [
        (f.kind_path, f.source_id, f.command_or_event, f.occurred_at, sorted(f.fields.items()), f.term) for f in facts
    ]
    return hashlib.sha256(msgspec.json.encode(told, enc_hook=str)).hexdigest()


def proposals(
    binding: Binding, now: datetime, tally: Tally, folder: Path | None = None, share: Share = _ALL
) -> Generator[SourceCase, None, None]:
    """The cases of a file that are this share's, always in the same order. Nothing can have happened after ``now``.

    ``tally`` is filled while the cases are taken; the tallies of all shares together are the file's.
    """
    loose: list[Problem] = []
    rows = _keyed(binding.pick(tally if share.first else Tally()), loose)
    together = binding.mapping.contiguous and binding.stands_together()
    groups = contiguous(rows) if together else sorted_on_disk(rows, folder)
    handful = 0
    for place, group in enumerate(groups):
        handful = place // HANDFUL
        if share.takes(handful):
            yield from _loose(loose, tally, share, handful)
            yield _Reading(binding, now, tally).of(group, handful)
    yield from _loose(loose, tally, share, handful + share.of)


def _keyed(picked: Iterable[Picked | Problem], loose: list[Problem]) -> Iterator[Picked]:
    for each in picked:
        if isinstance(each, Picked):
            yield each
        else:
            loose.append(each)


def _loose(loose: list[Problem], tally: Tally, share: Share, handful: int) -> Iterator[SourceCase]:
    if loose and share.first:
        tally.refused += len({problem.line for problem in loose if not problem.taken})
        tally.noted += _noted(loose)
        tally.note(loose)
        yield SourceCase("", problems=list(loose), handful=handful)
    loose.clear()


def _noted(problems: list[Problem]) -> int:
    """How many rows are noted and not refused as well."""
    refused = {problem.line for problem in problems if not problem.taken}
    return len({problem.line for problem in problems} - refused)


class _Reading:
    """One case being read, row by row. What a refused row says leaves no trace in what later rows are compared with."""

    def __init__(self, binding: Binding, now: datetime, tally: Tally) -> None:
        self._binding = binding
        self._mapping = binding.mapping
        self._now = now
        self._tally = tally
        self._before: RowView | None = None
        self._last: dict[str, Value] = {}
        self._sums: dict[str, int] = {}
        self._opened: set[tuple[str, str]] = set()
        """Which targets were opened, each by its source id."""
        self._elsewhere = False
        """Whether nothing in this file opens the case: another file may have, and the book knows."""
        self._latest: datetime | None = None
        self._problems: list[Problem] = []

    def of(self, group: Group, handful: int) -> SourceCase:
        """The whole case."""
        key = group.key.replace(KEY_JOINT, "/")
        rows = self._in_order(group)
        begun = (len(self._problems), self._tally.taken, self._tally.understood, self._tally.refused)
        facts = self._said(rows)
        if rows and not facts and not self._opened:
            self._before, self._last, self._sums, self._latest, self._elsewhere = None, {}, {}, None, True
            del self._problems[begun[0] :]
            _, self._tally.taken, self._tally.understood, self._tally.refused = begun
            facts = self._said(rows)
        problems = [problem.of(key) for problem in self._problems]
        self._tally.cases += 1
        self._tally.facts += len(facts)
        self._tally.noted += _noted(problems)
        self._tally.note(problems)
        return SourceCase(key, facts, problems, len(group.rows), _digest(facts), handful)

    def _said(self, rows: list[list[RowView]]) -> list[ProposedFact]:
        facts: list[ProposedFact] = []
        for row in rows:
            for view in row:
                view.ends = view is rows[-1][-1]
            said = self._row(row)
            if said is not None:
                facts += said
        return facts

    def _in_order(self, group: Group) -> list[list[RowView]]:
        """The usable rows, each as its spans: nearly always one."""
        good: list[list[RowView]] = []
        for place, picked in enumerate(group.rows):
            if place >= _MOST_ROWS:
                self._refuse(picked.line, Trouble(*_TOO_LONG))
            else:
                views, problems = self._binding.views(picked)
                unplaced = [order.column for order in self._mapping.order if views[0].values[order.column] is None]
                if not problems and unplaced:
                    label = self._binding.column(unplaced[0]).label
                    problems = [Trouble(*_UNORDERED).on(picked.line, label)]
                self._problems += problems
                if all(problem.taken for problem in problems):
                    good.append(views)
                else:
                    self._tally.refused += 1
        for order in reversed(self._mapping.order):
            good.sort(key=lambda views, by=order: _rank(by, views[0]))  # type: ignore[misc]
        return good

    def _refuse(self, line: int, trouble: Trouble) -> None:
        self._tally.refused += 1
        self._problems.append(trouble.on(line))

    def _row(self, row: list[RowView]) -> list[ProposedFact] | None:
        """The facts of a row in all its spans, or None when the row is refused."""
        opened, latest, before = set(self._opened), self._latest, self._before
        last, sums = (dict(self._last), dict(self._sums)) if len(row) > 1 else (self._last, self._sums)
        notes: list[Problem] = []
        facts: list[ProposedFact] = []
        try:
            for view in row:
                view.before, view.last = self._before, self._last
                facts += self._said_by(view, notes)
                notes += self._sums_of(view)
                view.before = None  # the chain of earlier rows is not needed any more
                self._before = view
                self._last.update({name: value for name, value in view.values.items() if value is not None})
        except Trouble as trouble:
            self._opened, self._latest, self._before, self._last, self._sums = opened, latest, before, last, sums
            label = self._binding.column(trouble.column).label if trouble.column in self._mapping.columns else ""
            trouble.column = label or trouble.column
            self._refuse(row[0].line, trouble)
            return None
        self._problems += notes
        self._tally.taken += bool(facts)
        self._tally.understood += not facts
        return facts

    def _said_by(self, row: RowView, notes: list[Problem]) -> list[ProposedFact]:
        facts: list[ProposedFact] = []
        understood = False
        for step, certain in self._binding.steps.for_row(row):
            if step.otherwise and understood:
                continue
            times = 1 if certain else step.when.times(row)
            understood = understood or times > 0
            if times > _MOST_TIMES:
                raise Trouble(*_LEAPS)
            if times and step.note is not None:
                column, text = self._term(row)
                notes.append(Problem(row.line, column, text, "noted-by-mapping", *step.note, taken=True))
            for _ in range(times):
                for rule in step.facts:
                    facts += self._leniently(rule, row, notes) if rule.lenient else self._facts(rule, row, notes)
        if not understood:
            column, text = self._term(row)
            raise Trouble(*_UNKNOWN_ROW, column=column, value=text)
        return facts

    def _term(self, row: RowView) -> tuple[str, str]:
        """The other system's word for the row, and the column in which it stands."""
        term = self._mapping.term
        return (self._binding.column(term).label, row.texts[term] or "") if term else ("", "")

    def _leniently(self, rule: FactRule, row: RowView, notes: list[Problem]) -> Iterable[ProposedFact]:
        latest, opened = self._latest, set(self._opened)
        try:
            return self._facts(rule, row, notes)
        except Trouble as trouble:
            self._latest, self._opened = latest, opened
            known = trouble.column in self._mapping.columns
            trouble.column = self._binding.column(trouble.column).label if known else trouble.column
            notes.append(trouble.on(row.line, taken=True))
            return []

    def _facts(self, rule: FactRule, row: RowView, notes: list[Problem]) -> list[ProposedFact]:
        target = self._mapping.targets[rule.of]
        source_id = str(target.id.of(row))
        slot = (rule.of, source_id)
        facts: list[ProposedFact] = []
        if rule.opens is Opens.IF_NEEDED and slot in self._opened:
            return facts
        term = (row.texts[self._mapping.term] or "")[:_LONGEST_TERM] if self._mapping.term else ""
        for _ in range(1 if rule.only.always else rule.only.times(row)):
            if rule.opens is Opens.YES and slot in self._opened:
                raise Trouble(*_ALREADY_OPEN)
            if rule.opens is Opens.NO and slot not in self._opened and not self._elsewhere:
                raise Trouble(*_NOT_OPEN)
            occurred = self._instant(rule, row, notes)
            fields = {name: value for name, each in rule.fields.items() if (value := each.of(row)) is not None}
            self._opened.add(slot)
            opens, if_needed = rule.opens is not Opens.NO, rule.opens is Opens.IF_NEEDED
            facts.append(
                ProposedFact(
                    target.kind,
                    source_id,
                    rule.do,
                    occurred,
                    fields,
                    row.line,
                    term,
                    opens,
                    rule.states,
                    if_needed,
                    rule.lenient,
                )
            )
        return facts

    def _instant(self, rule: FactRule, row: RowView, notes: list[Problem]) -> datetime:
        when = rule.at.of(row)
        assert isinstance(when, date)
        occurred = when if isinstance(when, datetime) else datetime.combine(when, time.min, SHANGHAI)
        if isinstance(rule.at, Fixed):
            return occurred
        if occurred > self._now:
            column = _stated(rule.at, row)
            raise Trouble(
                "time-in-future",
                zh="发生时间晚于导入时间",
                en="it lies after the time of the import",
                column=column,
                value=row.texts[column] or "",
            )
        if self._latest is None or occurred > self._latest:
            self._latest = occurred
        elif occurred < self._latest:
            column = _stated(rule.at, row)
            if self._mapping.refuse_backwards:
                raise Trouble(*_BACKWARDS, column, row.texts[column] or "")
            label = self._binding.column(column).label
            if not any(note.column == label for note in notes):
                notes.append(Trouble(*_BACKWARDS).on(row.line, label, row.texts[column] or "", taken=True))
        return occurred

    def _sums_of(self, row: RowView) -> list[Problem]:
        notes = []
        for check in self._mapping.checks:
            added, stated = row.values[check.summed], row.values[check.stated]
            total = self._sums.get(check.summed, 0) + (added if isinstance(added, int) else 0)
            self._sums[check.summed] = total
            if isinstance(stated, int) and stated != total:
                label = self._binding.column(check.stated).label
                notes.append(Trouble(*_SUM_DIFFERS).on(row.line, label, row.texts[check.stated] or "", taken=True))
        return notes


def _stated(at: Reference, row: RowView) -> str:
    """The column that gives the time."""
    return next(name for name in at.columns if row.values[name] is not None)


def _rank(order: Order, view: RowView) -> tuple[int, object]:
    if order.ranks is None:
        return (0, view.values[order.column])
    rank = order.ranks.get(view.texts[order.column] or "")
    return _LAST if rank is None else (0, rank)


_UNKNOWN_ROW: Final = (
    "row-not-understood",
    "映射没有说明此类行的含义",
    "the mapping does not say what rows of this kind mean",
)
_TOO_LONG: Final = ("case-too-long", "同一事项的行数过多", "this case has too many rows")
_UNORDERED: Final = ("value-missing", "缺少排序所需的值", "the value by which rows are put in order is missing")
_NOT_OPEN: Final = ("case-not-opened", "此行之前没有可用的立案行", "no usable row before this one opens the case")
_ALREADY_OPEN: Final = ("case-opened-twice", "该事项已经立案", "the case was opened already")
_LEAPS: Final = ("counter-leaps", "计数的增幅不合理", "a counter rises by more than can be true")
_BACKWARDS: Final = (
    "time-backwards",
    "发生时间早于同一事项的前一步",
    "it lies before the previous step of the same case",
)
_SUM_DIFFERS: Final = (
    "sum-differs",
    "累计金额与逐笔之和不符",
    "the running total is not the sum of the single amounts",
)
