"""Names of people 姓名 beside their ids: whoever reads an answer sees who acted, not ``u-01a2…`` alone.

The book calls people by their accounts' ids, so that it names nobody in clear; here, where an answer leaves, the display
names stand beside them. They do not change, so each is read once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from api.account_names import ACCOUNT_ID, AccountNames
from api.http.context import PRIVATE, as_json

__all__ = ["with_names"]


def with_names(names: AccountNames, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """An answer with ``names``: the display names of all accounts of which it speaks, by id."""
    said = as_json(body)
    found = names.of(each.decode() for each in ACCOUNT_ID.findall(said))
    whole = said[:-1] + b',"names":' + as_json(found) + b"}"
    return Response(whole, 200, headers={**PRIVATE, **(headers or {})}, media_type="application/json")
