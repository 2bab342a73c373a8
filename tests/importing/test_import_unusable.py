"""Files, mappings and offices that cannot be used at all are refused whole, and say why."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.errors import NotFound, Refusal
from tests.conftest import Database
from tests.importing.small import HEADER, MAPPING, NOW, bring_in, small
from tests.office_rig import OfficeRig, office_rig
from workflows.engine.handler import Busy
from workflows.importing import batches
from workflows.importing.document import MappingInvalid
from workflows.importing.reader import SourceUnreadable
from workflows.importing.run import import_history


@pytest.fixture
def rig(database: Database) -> Any:
    with office_rig(database.app) as rig:
        yield rig


# -- what cannot be used at all --------------------------------------------------------------------------------------


def test_a_file_in_no_known_encoding_is_refused_as_a_whole(rig: OfficeRig, tmp_path: Path) -> None:
    _, mapping = small(tmp_path)
    file = tmp_path / "bad.csv"
    file.write_bytes(HEADER.encode() + b"\n\xff\xff\xff\n")
    with pytest.raises(SourceUnreadable, match="encoding"):
        import_history(rig.handler, rig.pool.connection, file, mapping, "XH", now=NOW)


def test_a_file_without_the_columns_is_refused_with_their_names(rig: OfficeRig, tmp_path: Path) -> None:
    file, mapping = small(tmp_path, "1,2\n", header="no,other")
    with pytest.raises(SourceUnreadable, match="lacks the columns step, at, kind, what, who"):
        import_history(rig.handler, rig.pool.connection, file, mapping, "XH", now=NOW)


def test_an_unknown_office_is_refused(rig: OfficeRig, tmp_path: Path) -> None:
    file, mapping = small(tmp_path)
    with pytest.raises(NotFound):
        import_history(rig.handler, rig.pool.connection, file, mapping, "NO", now=NOW)


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ('kind = "complaints"', 'kind = "quarrels"', "target.complaint.kind"),
        ('do = "PauseComplaint"', 'do = "IssueBill"', "step[1].facts[0].do"),
        ('do = "PauseComplaint"', 'do = "Nonsense"', "step[1].facts[0].do"),
        ('do = "ArchiveComplaint"', 'do = "MissPromise"', "step[2].facts[1].do"),
        ("waiting_for =", "waiting_fur =", "step[1].facts[0].with.waiting_fur"),
        ('with = { done_by = "who!", result = "what" }', 'with = { result = "what" }', "step[2].facts[0].with"),
        ('do = "ArchiveComplaint"', 'do = "ArchiveComplaint", opens = true', "step[2].facts[1].opens"),
    ],
)
def test_a_mapping_that_no_lifecycle_knows_is_refused_with_its_place(
    rig: OfficeRig, tmp_path: Path, was: str, becomes: str, place: str
) -> None:
    file, mapping = small(tmp_path, mapping=MAPPING.replace(was, becomes, 1))
    with pytest.raises(MappingInvalid) as refused:
        import_history(rig.handler, rig.pool.connection, file, mapping, "XH", now=NOW)
    assert refused.value.field == place


def test_one_import_of_a_kind_at_a_time(rig: OfficeRig, tmp_path: Path) -> None:
    with rig.pool.connection() as other:
        other.execute("select pg_advisory_lock(hashtextextended('import/XH/small', 0))")
        try:
            with pytest.raises(Refusal, match="running"):
                bring_in(rig, tmp_path)
        finally:
            other.execute("select pg_advisory_unlock_all()")


def test_gb18030_and_gzip_are_read(rig: OfficeRig, tmp_path: Path) -> None:
    _, mapping = small(tmp_path)
    file = tmp_path / "old.csv.gz"
    file.write_bytes(gzip.compress(f"{HEADER}\nA1,new,2024-01-01 08:00,telephone,楼上漏水,\n".encode("gb18030")))
    report = import_history(rig.handler, rig.pool.connection, file, mapping, "XH", now=NOW)

    assert report.encoding == "gb18030"
    assert rig.rows("complaints")[0]["matter"] == "楼上漏水"


def test_busy_when_others_are_always_in_the_way(rig: OfficeRig, tmp_path: Path, monkeypatch: Any) -> None:
    def always(*_: Any) -> Any:
        raise batches.Conflict("again")

    monkeypatch.setattr(rig.handler, "record_many", always)
    with pytest.raises(Busy):
        bring_in(rig, tmp_path)


def test_the_example_in_the_documentation_works(rig: OfficeRig, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    mapping = text.partition("```toml\n")[2].partition("```")[0]
    file, rules = small(
        tmp_path,
        "1,登记,2024-01-01,08:00,电话,噪音,装修,-,-\n1,查看,2024-01-01,09:00,,,,,\n"
        "1,等待施工方,2024-01-02,08:00,,,,,\n1,办结,2024-01-03,08:00,,,,王,已停工\n",
        mapping=mapping,
        header="工单号,状态,日期,时间,来源,类别,事由,经办,处理结果",
    )
    report = import_history(rig.handler, rig.pool.connection, file, rules, "XH", now=NOW)

    assert (report.taken, report.understood, report.refused, report.facts) == (3, 1, 0, 4)
    row = rig.rows("complaints")[0]
    assert (row["state"], row["category"], row["done_by"]) == ("archived", "噪音", "王")
