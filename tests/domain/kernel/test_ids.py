"""Ids that are made of what somebody says are those of the standard, whatever is said."""

from __future__ import annotations

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.ids import named_uuid


@given(st.uuids(), st.text())
def test_the_id_of_a_name_is_the_standards(space: UUID, name: str) -> None:
    assert named_uuid(space, name) == str(uuid5(space, name))
