"""What the command line does not do, it says in one line and both languages; nothing of it changes the office."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.command_line import Wuye, command_line
from tests.conftest import new_database


@pytest.fixture(scope="module")
def wuye(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wuye]:
    """The program on one database for all that is refused."""
    with new_database(server) as database, command_line(database, tmp_path_factory.mktemp("refusals")) as run:
        yield run


REFUSED = [
    (("register", "nothing", "--office", "XH"), "没有这个登记簿"),
    (("register", "complaints", "--office", "NO"), "没有这个管理处"),
    (("register", "complaints"), "--office"),
    (("register", "complaints", "--office", "XH", "--format", "xml"), "csv"),
    (("register", "complaints", "--office", "XH", "--as-of", "yesterday"), "as-of"),
    (("facts", "--office", "NO"), "没有这个管理处"),
    (("verify", "--office", "NO"), "没有这个管理处"),
    (("standards", "nothing"), "没有"),
    (("standards", "patrol-rate", "--by", "day"), "--by"),
    (("standards", "--by", "month"), "--by"),
    (("deadlines", "--office", "NO"), "没有这个管理处"),
    (("deadlines", "--office", "NO", "--retry"), "没有这个管理处"),
    (("office", "open", "bad code"), "代码"),
    (("office", "open", "XH"), "已设立"),
    (("office", "open", "A" * 33), "代码"),
    (("office", "open", "ZH", "--name", "甲\n乙"), "name"),
    (("register", "complaints", "--office", "XH", "--as-of", "9" * 20), "as-of"),
    (("register", "complaints", "--office", "XH", "--as-of", "9999-12-31"), "as-of"),
    (("standards", "--office", "XH", "--since", "2025-02-01", "--until", "2025-01-01"), "起始日期"),
    (("standards", "--as-of", "5"), "--office"),
    (("compliance", "--office", "XH", "--format", "csv", "--file", "no/such/folder.csv"), "no/such/folder.csv"),
    (("user", "add", "", "--name", "王"), "login"),
    (("user", "add", "a\nb", "--name", "王"), "login"),
    (("user", "add", "\udcff", "--name", "王"), "login"),
    (("user", "disable", "nobody"), "nobody"),
    (("user", "revoke", "nobody", "t-1"), "nobody"),
    (("user", "grant", "nobody", "XH:manager"), "nobody"),
    (("user", "token", "nobody"), "nobody"),
]


MISUSED = [
    ("facts", "--office", "XH", "--after", "-1"),
    ("facts", "--office", "XH", "--limit", "-1"),
    ("serve", "--port", "0"),
    ("serve", "--port", "65536"),
    ("demo", "--months", "13"),
    ("demo", "--households", "0"),
    ("work", "--every", "0"),
    ("standards", "--since", "2025-02-30"),
    ("nothing",),
    ("user", "add", "li"),
]


@pytest.mark.parametrize("words", MISUSED, ids=" ".join)
def test_what_is_misused_says_how_it_is_used(wuye: Wuye, words: tuple[str, ...]) -> None:
    assert "--help" in wuye(*words, code=2).stderr


@pytest.mark.parametrize(("words", "told"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_what_cannot_be_done_is_said_in_one_line_in_both_languages(
    wuye: Wuye, words: tuple[str, ...], told: str
) -> None:
    result = wuye(*words, code=2)
    [line] = result.stderr.strip().splitlines()
    assert line.startswith("✗ ")
    assert " / " in line
    assert told in line
