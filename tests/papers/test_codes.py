"""The code on a paper is, module for module, what a library draws of the same address."""

from __future__ import annotations

import pytest
import segno

from api.papers.codes import modules, picture

ADDRESS = "http://localhost:8000/console/YJ/case/bill-0192a1b2-c3d4-7e5f-8a6b-9b1c2d3e4f50"


def drawn(text: str) -> tuple[int, bytes]:
    made = segno.make(text, error="l", micro=False, mask=2, mode="byte")
    return len(made.matrix), b"".join(map(bytes, made.matrix))


@pytest.mark.parametrize("length", [1, 2, 16, 17, 18, 53, 79, 106, 107, 114, 134, 150])
def test_an_address_of_any_length_is_the_librarys_code(length: int) -> None:
    for text in ((ADDRESS * 2)[:length], ("?zZ~" * 40)[:length]):
        assert modules(text) == drawn(text)


def test_what_is_too_long_or_no_ascii_is_the_librarys_own() -> None:
    for text in ("http://localhost/" + "x" * 150, "http://物业.localhost/"):
        assert modules(text) == drawn(text)


def test_its_picture_is_a_png_of_a_dot_a_module_and_the_same_every_time() -> None:
    made = picture(ADDRESS)
    assert (made[:8], made) == (b"\x89PNG\r\n\x1a\n", picture(ADDRESS))
    size = modules(ADDRESS)[0]
    assert int.from_bytes(made[16:20], "big") == int.from_bytes(made[20:24], "big") == size
