"""Bugs of printed papers, planted one by one (§7.2c, §8, §9.2)."""

from __future__ import annotations

from tests.mutants.planting import Bug

_PRINTING, _COURT = ("tests/papers/test_printing.py",), ("tests/papers/test_court_file.py",)
_BATCHES, _CHECKING = ("tests/papers/test_batches.py",), ("tests/papers/test_checking.py",)
_SCANS, _COURT_SCANS = ("tests/papers/test_scans.py",), ("tests/papers/test_court_scans.py",)
_COURT_MONEY = ("tests/papers/test_court_money.py",)
_TYPESETTING = ("tests/papers/test_typesetting.py",)

PAPERS = (
    Bug(
        "a code leaves the end of its address out",
        "api/papers/codes.py",
        "segno.make(address, ",
        "segno.make(address[:-1], ",
        ("tests/papers/test_codes.py",),
    ),
    Bug(
        "a payment notice forgets what was owed before it",
        "api/papers/bill_notice.py",
        "asked = max(bill.original_fen + owed_before - prepaid, 0)",
        "asked = max(bill.original_fen - prepaid, 0)",
        _PRINTING,
    ),
    Bug(
        "a receipt shows names to whoever may not read them",
        "api/papers/receipt.py",
        '    reader.open([written], "payments")\n    return',
        '    written["payer"] = "龚䶮㛃𬭎"\n    return',
        _PRINTING,
    ),
    Bug(
        "buildings stand in the order of their letters",
        "api/papers/run_notices.py",
        "[(0, int(each)) if each.isdecimal() else (1, each) for each in _DIGITS.split(text) if each]",
        "[(1, text)]",
        _BATCHES,
    ),
    Bug(
        "the fingerprint leaves out whose paper it is",
        "api/papers/paper.py",
        '{"kind": self.kind, "case": self.case_id, **self.data}',
        '{"kind": self.kind, **self.data}',
        _TYPESETTING,
    ),
    Bug(
        "a character that no font has is printed as a box",
        "api/papers/typesetting.py",
        "if ord(each) not in _known())",
        "if ord(each) in ())",
        _TYPESETTING,
    ),
    Bug(
        "a changed file counts as the one that was printed",
        "api/papers/checking.py",
        "PaperVerdict.ANOTHER_FILE if rows",
        "PaperVerdict.AS_PRINTED if rows",
        _CHECKING,
    ),
    Bug(
        "a paper that the book does not say is agreed to",
        "api/papers/checking.py",
        'fingerprint == row["fingerprint"])',
        'fingerprint != "")',
        _CHECKING,
    ),
    Bug(
        "a court file claims late fees that were paid",
        "api/papers/court_claim.py",
        "    owed = kept.owed",
        "    gone = 0\n    owed = kept.owed",
        _COURT,
    ),
    Bug(
        "a court file forgets what was paid on a bill itself",
        "api/papers/court_money.py",
        "(*_taken(sources), *_at_moving_in(sources), *_on_bills(sources), *_set_off(sources))",
        "(*_taken(sources), *_at_moving_in(sources), *_set_off(sources))",
        _COURT_MONEY,
    ),
    Bug(
        "a claim cites the bill as it was issued and nothing that changed it",
        "api/papers/court_money.py",
        "found = {issued.number, *(fact.number for fact in sources.moved.get(bill, ()))}",
        "found = {issued.number}",
        _COURT_MONEY,
    ),
    Bug(
        "what became of a complaint is left out of the court file",
        "api/papers/court_sources.py",
        'said = {"result": fact_view(fact)["data"]["result"]}',
        "said = {}",
        _COURT_MONEY,
    ),
    Bug(
        "a limitation cites nothing that interrupted it",
        "api/papers/court_claim.py",
        "facts.append([fact.number, *_interrupting(sources, bill.id, {each.day for each in several})])",
        "facts.append([fact.number])",
        _COURT_MONEY,
    ),
    Bug(
        "the reference rate ends at the cap of the agreed one",
        "domain/fees/terms.py",
        "own.graces, ((date.min, _NO_CAP),), own.orders",
        "own.graces, own.caps, own.orders",
        ("tests/domain/fees/test_reference_rate.py",),
    ),
    Bug(
        "a broken file spoils the whole bundle",
        "api/papers/scans.py",
        """return "图像已损坏，不能打开" if unsettable(scan.data, form) is not None else 1""",
        "return 1",
        _SCANS,
    ),
    Bug(
        "of a paper of several pages the last one is left out",
        "api/papers/scans.py",
        "return int(found[1]) - 1 if",
        "return int(found[1]) - 2 if",
        _SCANS,
    ),
    Bug(
        "a title deed goes to court with the contract",
        "api/papers/court_scans.py",
        "isinstance(fact.event, DocumentFiled) and fact.event.document in named",
        "isinstance(fact.event, DocumentFiled) and (named.setdefault(fact.event.document, ('资料', 0)))",
        _COURT_SCANS,
    ),
    Bug(
        "whoever may not read names is shown signed slips",
        "api/papers/court_scans.py",
        "    if not reader.sees_personal(lifecycle_of(case.id).kind):\n",
        "    if reader.office == '':\n",
        _COURT_SCANS,
    ),
    Bug(
        "a row that goes on over the page has its mark on the first page alone",
        "api/papers/templates/papers.typ",
        "(calc.min(first, on), calc.max(last, on), numbers)",
        "(calc.min(first, on), calc.min(first, on), numbers)",
        _TYPESETTING,
    ),
)
