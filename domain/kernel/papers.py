"""Photos and papers 照片与资料 of a case: each lies sealed beside the database, and a fact bears its SHA-256.

Which kinds of case have them stands in one line of each (:attr:`~domain.kernel.fact.Case.PAPERS`). They are sealed with
the key of whose data the case holds, so that erasure takes them along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from domain.kernel.fact import Case, Command, Event, Fact, Moment, Personal, command, event
from domain.kernel.lifecycle.declare import SAME, Step, step
from domain.kernel.people import Role
from domain.kernel.rules import broken, forbid, not_positive
from domain.kernel.standing import Paper

__all__ = ["FILERS", "GENERIC", "FilePaper", "PaperFiled", "note_paper", "steps_of"]

_CLAUSE: Final = "1"
FILERS: Final = (Role.ADMINISTRATOR, Role.ASSISTANT, Role.DUTY_OFFICER, Role.DEPARTMENT_HEAD, Role.MANAGER)
"""Who may file a photo or a paper; the program writes the fact when the paper lies in its place."""


@event()
class PaperFiled(Event):
    """照片或资料已归档 · Photo or paper filed.

    ``about`` says what it shows, such as the number of a finding or a defect.
    """

    document: str
    kind: str
    media_type: str
    size: int
    title: Personal | None = None
    about: str | None = None


@command
class FilePaper(Command):
    """归档照片或资料 · File a photo or a paper."""

    document: str
    kind: str
    media_type: str
    size: int
    title: Personal | None = None
    about: str | None = None

    def decide(self, case: Case, _at: Moment) -> Iterator[Event]:
        """Each once, named by what it holds."""
        if not re.fullmatch(r"[0-9a-f]{64}", self.document):
            raise broken("not-a-hash", _CLAUSE, "文件以SHA-256标识", "a paper is named by its SHA-256", "document")
        if self.document in case.papers:
            raise broken("filed-already", _CLAUSE, "该文件已归档", "it is filed already", "document")
        forbid(not_positive(self.size, _CLAUSE, "size"))
        yield self.to_event(PaperFiled)


GENERIC: Final[frozenset[type[Command]]] = frozenset({FilePaper})
"""The command belongs to every kind of case that has papers: the case's id says which it is."""


def steps_of(of: type[Case], states: Sequence[str], clause: str) -> tuple[Step, ...]:
    """The row that a table has besides its own."""
    return (step(FilePaper, PaperFiled, states, SAME, [Role.POLICY], clause),) if of.PAPERS else ()


def note_paper(case: Case, fact: Fact) -> None:
    """Fold into its case that a paper was filed."""
    said = fact.event
    assert isinstance(said, PaperFiled)
    paper = Paper(kind=said.kind, media_type=said.media_type, size=said.size, about=said.about, by=fact.user_id)
    case.papers = {**case.papers, said.document: paper}
