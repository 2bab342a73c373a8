"""The code on a paper: one picture for one address, which a camera reads."""

from __future__ import annotations

import pytest

from api.papers.codes import picture

ADDRESS = "http://localhost:8000/console/YJ/case/bill-0192a1b2-c3d4-7e5f-8a6b-9b1c2d3e4f50"


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS * 3, "http://物业.localhost/"], ids=["usual", "long", "no ASCII"])
def test_its_picture_is_a_png_of_a_dot_a_module_and_the_same_every_time(address: str) -> None:
    made = picture(address)
    assert (made[:8], made) == (b"\x89PNG\r\n\x1a\n", picture(address))
    size = int.from_bytes(made[16:20], "big")
    assert int.from_bytes(made[20:24], "big") == size
    assert size % 4 == 1, "as every code has: 17 modules and 4 for each version"


def test_another_address_has_another_picture() -> None:
    assert picture(ADDRESS) != picture(ADDRESS[:-1] + "1")
