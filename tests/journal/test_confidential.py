"""Personal data are sealed per household: they stand nowhere in clear, open only in their place, and can be erased."""

from __future__ import annotations

import base64
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.complaints.complaint.case import Complaint
from domain.complaints.complaint.commands.handling import ResolveComplaint
from domain.complaints.complaint.commands.letters import SendReplyLetter
from domain.complaints.complaint.commands.reception import (
    AssessComplaint,
    InformResident,
    InvestigateComplaint,
    RegisterComplaint,
)
from domain.complaints.complaint.events import Channel, ComplaintRegistered
from domain.kernel.errors import Erased, RuleBroken
from domain.kernel.people import Role
from journal.confidential import ERASED, TOKEN, MasterKey, Tampered, UnusableKey, is_token, open_all, open_token, seal
from journal.hash_chain import verify
from journal.key_store import KeyStore
from projections.engine.rebuild import rebuild
from projections.registers.index import REGISTERS
from tests.conftest import Database
from tests.database_dump import dump, places_of
from tests.office_rig import OfficeRig, erase, office_rig
from tests.waiting import PATIENCE

CLERK = Role.ADMINISTRATOR
NAME, PHONE, WORDS = "欧阳某某玄", "13800135790", "邻居每晚十点后拖动家具"
LETTER, MEASURE, RESULT, PROGRESS = "致以诚挚的歉意某某", "上门劝导某某", "已和解某某", "已联系楼上某某"
FINDINGS = "楼上装修某某"
PERSONAL = (NAME, PHONE, WORDS, LETTER, MEASURE, RESULT, PROGRESS, FINDINGS)
MATTER = "楼上噪音扰民"


@pytest.fixture
def rig(database: Database) -> Iterator[OfficeRig]:
    """An office with the complaints of two households."""
    with office_rig(database.app) as rig:
        complain(rig, "household-A0501")
        complain(rig, "household-B0102")
        yield rig


def complain(rig: OfficeRig, household: str | None) -> str:
    """A complaint with every personal field that its commands have."""
    case_id = rig.do(
        RegisterComplaint(
            channel=Channel.LETTER,
            category="noise",
            matter=MATTER,
            household=household,
            content=WORDS,
            complainant=NAME,
            contact=PHONE,
        ),
        as_=CLERK,
        key=f"register-{household}",
    ).case_id
    later = rig.now + timedelta(days=30)
    rig.do(AssessComplaint(promised_by=later, measure=MEASURE, told_at=rig.now), as_=CLERK, on=case_id)
    rig.do(InformResident(channel=Channel.TELEPHONE, progress=PROGRESS), as_=CLERK, on=case_id)
    rig.do(InvestigateComplaint(findings=FINDINGS, root_cause="设施老化"), as_=CLERK, on=case_id)
    rig.do(ResolveComplaint(done_by="c1", result=RESULT), as_=CLERK, on=case_id)
    rig.do(SendReplyLetter(recipient=NAME, text=LETTER), as_=CLERK, on=case_id)
    return case_id


def read(rig: OfficeRig, case_id: str) -> dict[str, Any]:
    """The complaint with everything opened that opens."""
    with rig.pool.connection() as connection:
        return open_all(asdict(rig.case(case_id, "XH")), case_id, rig.handler.keys.opening(KeyStore(connection, "XH")))


def case_of(rig: OfficeRig, household: str) -> str:
    """The complaint of a household."""
    with rig.pool.connection() as connection:
        found = connection.execute(
            "select case_id from wuye.r_complaints where household = %s and to_number is null", [household]
        ).fetchone()
    assert found is not None
    case_id: str = found[0]
    return case_id


# -- a token and its place -------------------------------------------------------------------------------------------

EVENT = ComplaintRegistered(
    channel=Channel.ONLINE,
    category="noise",
    matter=MATTER,
    content=WORDS,
    complainant=NAME,
    household="household-A0501",
)
KEY = b"k" * 32


def token(field: str = "content", subject: str = "household-A0501") -> str:
    sealed: str = getattr(seal(EVENT, subject, "complaint-1", 3, KEY), field)
    return sealed


def test_only_personal_fields_are_sealed_and_missing_ones_stay_missing() -> None:
    sealed = seal(EVENT, "household-A0501", "complaint-1", 3, KEY)
    assert isinstance(sealed, ComplaintRegistered)
    assert is_token(sealed.content)
    assert is_token(sealed.complainant)
    assert (sealed.contact, sealed.matter, sealed.household) == (None, MATTER, "household-A0501")


@pytest.mark.parametrize("subject", ["household-A0501", "一号楼:二单元:501", "", "a:1:content:AAAA"])
def test_a_token_opens_in_its_place_whatever_the_household_is_called(subject: str) -> None:
    asked: list[str] = []

    def key_of(name: str) -> bytes:
        asked.append(name)
        return KEY

    assert open_token(token(subject=subject), "complaint-1", key_of) == WORDS
    assert asked == [subject]


def test_the_same_words_are_sealed_differently_each_time() -> None:
    assert token() != token()


def test_a_token_opens_nowhere_else() -> None:
    with pytest.raises(Tampered):
        open_token(token(), "complaint-2", lambda _: KEY)
    with pytest.raises(Tampered):
        open_token(token(), "complaint-1", lambda _: b"x" * 32)
    for moved in (token().replace(":3:content:", ":4:content:"), token().replace(":content:", ":contact:")):
        with pytest.raises(Tampered):
            open_token(moved, "complaint-1", lambda _: KEY)


def test_a_token_of_one_field_does_not_open_under_the_name_of_another() -> None:
    text = token("complainant").rsplit(":", 1)[1]
    with pytest.raises(Tampered):
        open_token(f"{TOKEN}household-A0501:3:content:{text}", "complaint-1", lambda _: KEY)


@pytest.mark.parametrize(
    "wrong",
    [
        TOKEN,
        f"{TOKEN}household-A0501",
        f"{TOKEN}household-A0501:3:content:",
        f"{TOKEN}household-A0501:3:content:AAAA",
        f"{TOKEN}household-A0501:3:content:!",
        f"{TOKEN}household-A0501:x:content:{'A' * 64}",
        f"{TOKEN}household-A0501:3:content:{'A' * 64}",
    ],
)
def test_what_is_no_sealed_value_is_said_to_be_none(wrong: str) -> None:
    with pytest.raises(Tampered):
        open_token(wrong, "complaint-1", lambda _: KEY)


def test_every_changed_byte_is_found() -> None:
    whole = token()
    head, text = whole.rsplit(":", 1)
    raw = bytearray(base64.urlsafe_b64decode(text))
    for i in range(len(raw)):
        changed = bytes(raw[:i]) + bytes([raw[i] ^ 1]) + bytes(raw[i + 1 :])
        with pytest.raises(Tampered):
            open_token(f"{head}:{base64.urlsafe_b64encode(changed).decode()}", "complaint-1", lambda _: KEY)


# -- an office -------------------------------------------------------------------------------------------------------


def test_who_may_read_reads_everything(rig: OfficeRig) -> None:
    opened = read(rig, case_of(rig, "household-A0501"))
    assert (opened["complainant"], opened["contact"], opened["content"]) == (NAME, PHONE, WORDS)
    assert (opened["measure"], opened["result"]) == (MEASURE, RESULT)


@pytest.mark.parametrize("word", PERSONAL)
def test_nothing_personal_stands_in_any_table(rig: OfficeRig, database: Database, word: str) -> None:
    assert places_of(word, database.owner) == []
    for part in (word[:-2], word[2:]):
        assert places_of(part, database.owner) == []


def test_the_search_finds_what_is_not_sealed(rig: OfficeRig, database: Database) -> None:
    """A planted violation: the check can fail."""
    assert {"facts", "r_complaints"} <= set(places_of(MATTER, database.owner))
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update wuye.r_complaints set content = %s where household = 'household-A0501'", [f"…{NAME}…"])
    assert places_of(NAME, database.owner) == ["r_complaints"]


def test_each_household_has_a_key_of_its_own_and_the_book_has_none_in_clear(rig: OfficeRig, database: Database) -> None:
    complain(rig, None)
    with rig.pool.connection() as connection:
        key_of = rig.handler.keys.opening(KeyStore(connection, "XH"))
        keys = {household: key_of(household) for household in ("household-A0501", "household-B0102")}
        subjects = {row[0] for row in connection.execute("select subject from wuye.keys")}
    assert len(set(keys.values())) == 2
    assert {"household-A0501", "household-B0102"} < subjects
    assert [subject for subject in subjects if subject.startswith("complaint-")], (
        "nobody's household: the case's own key"
    )
    text = "\n".join(row for rows in dump(database.owner).values() for row in rows)
    assert all(key is not None and key.hex() not in text for key in keys.values())


def test_the_same_household_of_two_offices_has_two_keys(rig: OfficeRig) -> None:
    rig.open("YY")
    rig.do(
        RegisterComplaint(channel=Channel.ONLINE, category="x", matter="x", content=WORDS, household="household-A0501"),
        as_=CLERK,
        office="YY",
    )
    with rig.pool.connection() as connection:
        keys = [rig.handler.keys.opening(KeyStore(connection, office))("household-A0501") for office in ("XH", "YY")]
        assert None not in keys
        assert keys[0] != keys[1]
        # A wrapped key that is carried to another office does not unwrap there.
        with pytest.raises(Tampered):
            MasterKey(KEY).unwrap(
                "YY/household-A0501", KeyStore(connection, "XH").wrapped(["household-A0501"])["household-A0501"] or b""
            )


# -- erased ----------------------------------------------------------------------------------------------------------


def test_a_destroyed_key_erases_what_it_sealed_and_nothing_else(rig: OfficeRig, database: Database) -> None:
    mine, other = case_of(rig, "household-A0501"), case_of(rig, "household-B0102")
    facts, rows = rig.facts(), rig.rows("complaints")
    erase(database.owner, "XH", "household-A0501")
    opened = read(rig, mine)
    assert [opened[name] for name in ("complainant", "contact", "content", "measure", "result")] == [ERASED] * 5
    assert (opened["matter"], opened["state"]) == (MATTER, "resolved")
    assert read(rig, other)["complainant"] == NAME
    # Replay, counts and proofs are as they were.
    assert rig.facts() == facts
    assert rig.rows("complaints") == rows
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert verify(owner, "XH").intact
        assert rebuild(owner, REGISTERS).differences == {}
        stored = owner.execute(
            "select wrapped, destroyed_at from wuye.keys where subject = 'household-A0501'"
        ).fetchone()
    assert stored is not None
    assert stored[0] is None
    assert stored[1] is not None


def test_for_an_erased_household_nothing_more_is_sealed(rig: OfficeRig, database: Database) -> None:
    mine = case_of(rig, "household-A0501")
    with office_rig(database.app, code="ZZ") as other:
        # Another process still has the key in its memory: the database holds it back.
        other.do(InformResident(channel=Channel.ONLINE, progress=PROGRESS), as_=CLERK, on=mine, office="XH")
        erase(database.owner, "XH", "household-A0501")
        before = dump(database.owner)
        for each in (other, rig):
            with pytest.raises(Erased) as refused:
                each.do(InformResident(channel=Channel.ONLINE, progress=PROGRESS), as_=CLERK, on=mine, office="XH")
            assert refused.value.clause == "9.2"
    assert dump(database.owner) == before


def test_a_destroyed_key_cannot_be_made_again_or_revived(rig: OfficeRig, database: Database) -> None:
    case_id = complain(rig, None)
    with rig.pool.connection() as connection, psycopg.connect(database.owner, autocommit=True) as owner:
        keys = KeyStore(connection, "XH")
        wrapped = keys.wrapped([case_id])[case_id]
        assert wrapped is not None
        erase(database.owner, "XH", case_id)
        assert keys.make(case_id, wrapped) is None
        owner.execute("select wuye.rewrap_keys('XH', array[%s], array[%b::bytea])", [case_id, wrapped])
        assert keys.wrapped([case_id]) == {case_id: None}


def test_a_household_can_be_erased_before_anything_was_sealed_for_it(rig: OfficeRig, database: Database) -> None:
    erase(database.owner, "XH", "household-C9999")
    with pytest.raises(Erased):
        complain(rig, "household-C9999")


# -- the master key --------------------------------------------------------------------------------------------------


def test_with_another_master_key_nothing_opens_and_nothing_is_sealed(rig: OfficeRig, database: Database) -> None:
    mine = case_of(rig, "household-A0501")
    with office_rig(database.app, code="ZZ", key=b"x" * 32) as stranger:
        with pytest.raises(Tampered), stranger.pool.connection() as connection:
            stranger.handler.keys.opening(KeyStore(connection, "XH"))("household-A0501")
        before = dump(database.owner)
        with pytest.raises(RuleBroken, match="key cannot be used"):
            stranger.do(InformResident(channel=Channel.ONLINE, progress="x"), as_=CLERK, on=mine, office="XH")
        assert dump(database.owner) == before


def test_keys_are_wrapped_anew_when_the_master_key_is_changed(rig: OfficeRig, database: Database) -> None:
    """Backups that still have the old wrapping open no more once the old master key is gone."""
    mine = case_of(rig, "household-A0501")
    erase(database.owner, "XH", "household-B0102")
    old, new = MasterKey(KEY), MasterKey(b"n" * 32)
    with psycopg.connect(database.owner, autocommit=True) as connection:
        backup: dict[str, bytes | None] = dict(
            connection.execute("select subject, wrapped from wuye.keys where office = 'XH'").fetchall()
        )
        fresh = {s: new.wrap(f"XH/{s}", old.unwrap(f"XH/{s}", w)) for s, w in backup.items() if w is not None}
        connection.execute(
            "select wuye.rewrap_keys('XH', %s::text[], %b::bytea[])", [list(fresh), list(fresh.values())]
        )
    with office_rig(database.app, code="ZZ", key=b"n" * 32) as renewed:
        assert read(renewed, mine)["complainant"] == NAME
        assert read(renewed, case_of(rig, "household-B0102"))["complainant"] == ERASED
    with pytest.raises(Tampered):
        new.unwrap("XH/household-A0501", backup["household-A0501"] or b"")
    with pytest.raises(Tampered):
        read(rig, mine)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        assert verify(owner, "XH").intact


def test_the_master_key_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WUYE_MASTER_KEY", base64.b64encode(KEY).decode())
    assert MasterKey.load(tmp_path).unwrap("s", MasterKey(KEY).wrap("s", b"secret")) == b"secret"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["", "AAAA", "not base64!", base64.b64encode(b"k" * 31).decode()])
def test_a_master_key_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("WUYE_MASTER_KEY", wrong)
    if wrong:
        with pytest.raises(ValueError):
            MasterKey.load(tmp_path)
    else:
        MasterKey.begin(tmp_path)  # an empty variable is none at all


def test_the_master_key_lies_in_a_file_that_only_its_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WUYE_MASTER_KEY", raising=False)
    wrapped = MasterKey.begin(tmp_path).wrap("s", b"secret")
    file = tmp_path / "master.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = file.read_bytes()
    assert MasterKey.load(tmp_path).unwrap("s", wrapped) == b"secret"
    assert file.read_bytes() == kept


def test_a_master_key_that_is_missing_is_said_to_be_and_none_is_made_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WUYE_MASTER_KEY", raising=False)
    with pytest.raises(UnusableKey, match=r"没有主密钥.*there is no master key"):
        MasterKey.load(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_programs_that_start_at_once_agree_on_the_master_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WUYE_MASTER_KEY", raising=False)
    gate = threading.Barrier(8, timeout=PATIENCE)

    def start(_: int) -> MasterKey:
        gate.wait()
        return MasterKey.begin(tmp_path)

    with ThreadPoolExecutor(8) as threads:
        loaded = list(threads.map(start, range(8)))
    wrapped = loaded[0].wrap("s", b"secret")
    assert {each.unwrap("s", wrapped) for each in loaded} == {b"secret"}
    assert [file.name for file in tmp_path.iterdir()] == ["master.key"]


def test_a_key_wrapped_for_one_household_is_no_key_of_another() -> None:
    wrapped = MasterKey(KEY).wrap("XH/A", b"secret")
    with pytest.raises(Tampered):
        MasterKey(KEY).unwrap("XH/B", wrapped)
    with pytest.raises(Tampered):
        MasterKey(KEY).unwrap("XH/A", wrapped[:-1] + bytes([wrapped[-1] ^ 1]))


def test_what_the_case_keeps_of_a_person_is_sealed(rig: OfficeRig) -> None:
    case = rig.case(case_of(rig, "household-A0501"))
    assert isinstance(case, Complaint)
    assert all(is_token(value) for value in (case.content, case.complainant, case.contact, case.measure, case.result))
