"""Attached papers of a court file 起诉材料附件: the contract, proofs of arrival, signed pages and photos that lie with its cases.

Those of the arrears case itself, of the household's complaints, and of its contracts with the company. Each is opened under
the key of whose data it holds, for whoever may see them, and that it was read is recorded (§9.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from api.http.context import HIDDEN, Reader
from api.papers.scans import Scan, by_hash
from api.routes.cases import fact_view
from api.routes.papers import subject_of_papers
from api.routes.sealed_files import key_of
from domain.cases import lifecycle_of
from domain.kernel.errors import NotFound, Refusal
from domain.kernel.fact import Case, Fact
from domain.kernel.papers import PaperFiled
from domain.kernel.words import choice_names
from domain.residents.household.case import Household
from domain.residents.household.events import ContractFiled, ContractKind, DocumentFiled
from journal.confidential import Tampered
from journal.files import Files

__all__ = ["read_scans"]

_OF_THE_COMPANY: Final = (ContractKind.SERVICE_AGREEMENT, ContractKind.COVENANT, ContractKind.PARKING)
"""Contracts on which its claims rest; a title deed or a lease is nobody's business here."""
_READ: Final = "debt-cases/court-file"
_KINDS: Final = {"photo": "照片", "paper": "资料"}


def read_scans(reader: Reader, household: str, cases: Sequence[tuple[Case, Sequence[Fact]]]) -> list[Scan]:
    """All of them in the order of their facts: contracts first, then those of these cases."""
    told = [*_contracts(reader, household), *(each for case, facts in cases for each in _papers(case, facts))]
    views = [{"case_id": case.id, **fact_view(fact)["data"]} for case, fact, _, _ in told]
    reader.open(views, _READ)
    files = Files(reader.context.settings.home)
    found = []
    for (case, fact, said, facts), view in zip(told, views, strict=True):
        shows = "　".join(filter(None, (said, str(view.get("about") or ""), str(view.get("title") or ""))))
        data, lacking = _opened(reader, files, case, str(view["document"]))
        found.append(
            Scan(
                shows=shows,
                document=str(view["document"]),
                media_type=str(view["media_type"]),
                facts=facts or (fact.number,),
                data=data,
                lacking=lacking,
            )
        )
    seen = {case.id for (case, *_), scan in zip(told, found, strict=True) if scan.data is not None}
    if seen:
        reader.record(_READ, tuple(sorted(seen)))
    return by_hash(found)


_Told = tuple[Case, Fact, str, tuple[int, ...]]


def _papers(case: Case, facts: Sequence[Fact]) -> Iterator[_Told]:
    """What was filed with a case, and was not taken back."""
    of = lifecycle_of(case.id).zh
    for fact in facts:
        if isinstance(fact.event, PaperFiled) and fact.event.document in case.papers:
            kind = _KINDS.get(fact.event.kind, fact.event.kind)
            yield case, fact, f"{of}{kind}", ()


def _contracts(reader: Reader, household: str) -> Iterator[_Told]:
    try:
        case, facts = reader.context.handler.history(reader.office, household)
    except NotFound:
        return
    assert isinstance(case, Household)
    named: dict[str, tuple[str, int]] = {}
    for fact in facts:
        said = fact.event
        if isinstance(said, ContractFiled) and said.kind in _OF_THE_COMPANY and said.document:
            named[said.document.lower()] = (choice_names(said.kind)[0], fact.number)
    for fact in facts:
        if isinstance(fact.event, DocumentFiled) and fact.event.document in named:
            kind, number = named[fact.event.document]
            yield case, fact, kind, (fact.number, number)


def _opened(reader: Reader, files: Files, case: Case, document: str) -> tuple[bytes | None, str]:
    """Its bytes, or why there are none."""
    if not reader.sees_personal(lifecycle_of(case.id).kind):
        return None, HIDDEN
    subject = subject_of_papers(case)
    try:
        data = files.get(reader.office, subject, key_of(reader.context, reader.office, subject), document)
    except Tampered:
        return None, "文件已被改动，不能打开"
    except Refusal as refusal:
        return None, refusal.zh
    return data, "" if data is not None else "原件不在存放处"
