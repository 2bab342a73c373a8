"""What the OpenAPI document says about answers and shared parameters, so that it stands in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from domain.kernel.people import Role
from projections.engine.register import MARKS, STAMPS, Column, Register

__all__ = [
    "ANSWER",
    "ANY_FILE",
    "INSTANT",
    "PAGE",
    "PEOPLE",
    "ROW",
    "SCHEMAS",
    "answered",
    "nullable",
    "parameter",
    "ref",
    "register_schema",
    "row_of",
    "row_schema",
    "slug",
]

INSTANT: Final = {"type": "string", "format": "date-time"}
_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer"}
_TRUTH: Final = {"type": "boolean"}
PEOPLE: Final = [role.value for role in Role if role.is_person]
"""The roles that people have, as they are sent."""
ROLES: Final = {"type": "string", "enum": PEOPLE}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The same or null."""
    return {**schema, "type": [schema["type"], "null"]}


def record(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these properties."""
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    """An array."""
    return {"type": "array", "items": items}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


# fmt: off
_REFUSED: Final = record(
    {"command": _TEXT, "zh": _TEXT, "en": _TEXT, "code": _TEXT, "clause": nullable(_TEXT), "why_zh": _TEXT,
     "why_en": _TEXT}
)
_PERMITTED: Final = record({"command": _TEXT, "zh": _TEXT, "en": _TEXT, "clause": _TEXT, "href": _TEXT})
_DAY: Final[dict[str, Any]] = {"type": "string", "format": "date"}
_DUE: Final = record({"kind": _TEXT, "due_at": INSTANT, "clause": _TEXT, "zh": _TEXT, "en": _TEXT}, gives=_TEXT)
_EVENT: Final = record(
    {"specversion": _TEXT, "id": _TEXT, "source": _TEXT, "type": _TEXT, "subject": _TEXT, "time": INSTANT,
     "datacontenttype": _TEXT, "number": _COUNT, "version": _COUNT, "recordedat": INSTANT, "userid": _TEXT,
     "role": _TEXT, "correlationid": _TEXT, "data": {"type": "object"}},
    causationid=_TEXT,
    sourceid=_TEXT,
    imported=_TRUTH,
    lateseconds=_COUNT,
    latereason=_TEXT,
    username=_TEXT,
    names=_TEXT,
)

_NAMES: Final = {"type": "object", "additionalProperties": _TEXT}
"""The display names of all accounts of which an answer speaks, by id."""

ANSWER: Final = ref("Answer")
SCHEMAS: Final[dict[str, Any]] = {
    "Answer": record(
        {"id": _TEXT, "number": _COUNT, "version": _COUNT, "state": _TEXT, "facts": listed(_TEXT),
         "permitted": listed(_TEXT), "repeated": _TRUTH}
    ),
    "Case": record(
        {"id": _TEXT, "office": _TEXT, "version": _COUNT, "number": _COUNT,
         "state_zh": _TEXT, "state_en": _TEXT, "due": listed(_DUE),
         "permitted": listed(_PERMITTED), "refused": listed(_REFUSED)},
        names=_NAMES,
    ),
    "Fact": record(
        {"number": _COUNT, "case_id": _TEXT, "version": _COUNT, "event_id": _TEXT, "zh": _TEXT,
         "en": _TEXT, "occurred_at": INSTANT, "recorded_at": INSTANT, "user_id": _TEXT, "role": _TEXT,
         "correlation_id": _TEXT, "causation_id": nullable(_TEXT), "source_id": nullable(_TEXT), "imported": _TRUTH,
         "waived": listed(_TEXT), "late_seconds": nullable(_COUNT), "late_reason": nullable(_TEXT)}
    ),
    "FactsOf": record({"id": _TEXT}, names=_NAMES),
    "CloudEvents": record({"events": listed(_EVENT), "next": _COUNT, "epoch": _COUNT}, names=_NAMES),
    "Deadlines": record(
        {"deadlines": listed(record({"office": _TEXT, "case_id": _TEXT, "kind": _TEXT, "case_kind": _TEXT,
         "due_at": INSTANT, "overdue": _TRUTH, "clause": _TEXT, "zh": _TEXT, "en": _TEXT, "state": _TEXT,
         "gives": _TEXT, "role": _TEXT, "person": nullable(_TEXT), "missed_at": nullable(INSTANT), "attempts": _COUNT,
         "last_error": nullable(_TEXT), "parked": _TRUTH, "href": _TEXT})),
         "next": nullable(_TEXT)}
    ),
    "Tasks": record(
        {"tasks": listed(record({"office": _TEXT, "case_id": _TEXT, "task": _TEXT, "case_kind": _TEXT, "due_at": INSTANT,
         "overdue": _TRUTH, "clause": _TEXT, "zh": _TEXT, "en": _TEXT, "state": _TEXT, "role": _TEXT,
         "person": nullable(_TEXT), "in_place_of": nullable(_TEXT), "assigned": _TRUTH, "goes_up_to": nullable(_TEXT),
         "href": _TEXT})), "next": nullable(_TEXT)},
        names=_NAMES,
    ),
    "Notices": record(
        {"notices": listed(record({"id": _TEXT, "office": _TEXT, "case_id": _TEXT, "case_kind": _TEXT, "task": _TEXT,
         "stage": _TEXT, "role": _TEXT, "person": nullable(_TEXT), "clause": _TEXT, "zh": _TEXT, "en": _TEXT,
         "due_at": INSTANT, "made_at": INSTANT, "read_at": nullable(INSTANT), "read_by": nullable(_TEXT),
         "gathered_in": nullable(_TEXT), "latest_at": INSTANT, "count": _COUNT, "unread": _COUNT,
         "of": listed(record({"id": _TEXT, "case_id": _TEXT, "due_at": INSTANT, "made_at": INSTANT,
         "read_at": nullable(INSTANT)})), "deliveries": listed({"type": "object"})})), "next": nullable(_TEXT)}
    ),
    "Subscriptions": record(
        {"subscriptions": listed(record({"id": _TEXT, "role": nullable(_TEXT), "person": nullable(_TEXT),
         "channel": _TEXT, "address": _TEXT, "made_by": _TEXT, "made_at": INSTANT}))}
    ),
    "Subscription": record({"id": _TEXT, "secret": nullable(_TEXT)}),
    "Done": record({"done": _TRUTH}),
    "Export": record(
        {"household": _TEXT, "office": _TEXT, "purpose": _TEXT, "facts": listed({"type": "object"}),
         "readings": listed(record({"read_at": INSTANT, "reader": _TEXT, "roles": _TEXT, "what": _TEXT,
         "case_id": _TEXT}))}
    ),
    "HouseholdCases": record(
        {"household": _TEXT, "cases": listed(record({"case_id": _TEXT, "kind": _TEXT, "zh": _TEXT, "en": _TEXT,
         "state": _TEXT, "state_zh": _TEXT, "state_en": _TEXT, "opened_at": INSTANT, "open": _TRUTH, "href": _TEXT}))}
    ),
    "Found": record(
        {"found": listed({"type": "object", "required": ["register", "case_id", "line", "by", "href"], "properties": {
         "register": _TEXT, "case_id": _TEXT, "line": _TEXT, "by": listed(_TEXT), "href": _TEXT}})},
        names=_NAMES,
    ),
    "Similar": record(
        {"complaints": listed(record({"case_id": _TEXT, "state": _TEXT, "category": _TEXT, "matter": _TEXT,
         "home": nullable(_TEXT), "household": nullable(_TEXT), "opened_at": INSTANT, "resolved_at": nullable(INSTANT),
         "root_cause": nullable(_TEXT), "outcome": nullable(_TEXT), "likeness": _COUNT, "href": _TEXT}))}
    ),
    "Briefing": record(
        {"id": _TEXT, "household": nullable(_TEXT), "home": nullable(_TEXT), "file": nullable({"type": "object"}),
         "asked_about": nullable(record({"case_id": _TEXT, "href": _TEXT})),
         "history": {"type": "object", "additionalProperties": listed({"type": "object"})}}
    ),
    "Setting": record(
        {"name": _TEXT, "zh": _TEXT, "en": _TEXT, "clause": _TEXT, "kind": _TEXT, "unit": _TEXT, "value": _TEXT,
         "default": _TEXT, "valid_from": {"type": "string", "format": "date"}, "changed": _TRUTH,
         "minimum": nullable(_TEXT), "maximum": nullable(_TEXT), "ground_zh": nullable(_TEXT),
         "ground_en": nullable(_TEXT), "choices": listed(_TEXT), "needs_two": _TRUTH}
    ),
    "Settings": record({"office": nullable(_TEXT), "on": {"type": "string", "format": "date"},
                        "settings": listed(ref("Setting")),
                        "proposals": listed(record({
                            "number": _COUNT, "name": _TEXT, "zh": _TEXT, "en": _TEXT, "value": _TEXT,
                            "valid_from": {"type": "string", "format": "date"}, "reason": _TEXT, "proposed_by": _TEXT,
                            "proposed_at": INSTANT}))}),
    "Clause": record(
        {"id": _TEXT, "zh": _TEXT, "en": _TEXT, "kinds": listed(_TEXT), "chapter": _TEXT, "law": _TRUTH,
         "rests": {"type": "object", "additionalProperties": listed(_TEXT)},
         "by_people": nullable(record({"zh": _TEXT, "en": _TEXT}))}
    ),
    "Handbook": record({"clauses": listed(ref("Clause"))}),
    "Compliance": record(
        {"office": nullable(_TEXT), "since": {"type": "string", "format": "date"},
         "until": {"type": "string", "format": "date"}, "moment": INSTANT,
         "pages": {"type": "object", "additionalProperties": _COUNT},
         "lines": listed(record(
             {"clause": _TEXT, "zh": _TEXT, "en": _TEXT, "standard": nullable(_TEXT), "figure_zh": nullable(_TEXT),
              "figure_en": nullable(_TEXT), "met": nullable(_COUNT), "counted": nullable(_COUNT),
              "percent": nullable(_TEXT), "target": nullable(_TEXT), "missed": nullable(_COUNT),
              "not_yet_due": nullable(_COUNT), "imported": nullable(_COUNT), "unit": nullable(_TEXT), "status": _TEXT, "status_zh": _TEXT,
              "missed_href": nullable(_TEXT),
              "changes_since": listed(ref("SettingChangedSince")),
              "rests": {"type": "object", "additionalProperties": listed(_TEXT)}}))}
    ),
    "Standards": record({"standards": listed(ref("Standard"))}),
    "Standard": record({"slug": _TEXT, "zh": _TEXT, "en": _TEXT, "clause": _TEXT, "register": _TEXT,
                        "target": nullable(_TEXT), "at_most": _TRUTH, "unit": _TEXT, "note_zh": _TEXT, "note_en": _TEXT,
                        "settings": listed(_TEXT)}),
    "Trend": record(
        {"slug": _TEXT, "zh": _TEXT, "en": _TEXT, "clause": _TEXT, "office": nullable(_TEXT), "by": _TEXT,
         "periods": listed(record(
             {"period": _TEXT, "since": {"type": "string", "format": "date"},
              "until": {"type": "string", "format": "date"}, "met": _COUNT, "counted": _COUNT, "not_yet_due": _COUNT,
              "imported": _COUNT,
              "ratio": nullable(_TEXT), "percent": nullable(_TEXT), "target_value": nullable(_TEXT),
              "kept": nullable(_TRUTH), "change": nullable(_TEXT), "better": nullable(_TRUTH)}))}
    ),
    "Reading": record(
        {"slug": _TEXT, "zh": _TEXT, "en": _TEXT, "clause": _TEXT, "unit": _TEXT, "office": nullable(_TEXT),
         "since": {"type": "string", "format": "date"}, "until": {"type": "string", "format": "date"},
         "moment": INSTANT, "pages": {"type": "object", "additionalProperties": _COUNT}, "met": _COUNT,
         "counted": _COUNT, "not_yet_due": _COUNT, "imported": _COUNT,
         "excluded": {"type": "object", "additionalProperties": _COUNT}, "ratio": nullable(_TEXT),
         "percent": nullable(_TEXT), "target_value": nullable(_TEXT), "kept": nullable(_TRUTH),
         "settings": listed(record({"name": _TEXT, "zh": _TEXT, "en": _TEXT, "value": _TEXT, "clause": _TEXT,
                                    "valid_from": {"type": "string", "format": "date"}, "changed": _TRUTH})),
         "offices": listed(record({"office": _TEXT, "moment": INSTANT, "met": _COUNT, "counted": _COUNT,
                                   "imported": _COUNT, "percent": nullable(_TEXT), "target_value": nullable(_TEXT),
                                   "kept": nullable(_TRUTH)})),
         "changes_since": listed(ref("SettingChangedSince"))}
    ),
    "SettingChangedSince": record(
        {"office": _TEXT, "name": _TEXT, "zh": _TEXT, "en": _TEXT, "before": _TEXT, "value": _TEXT,
         "valid_from": {"type": "string", "format": "date"}, "changed_at": INSTANT, "reason": _TEXT,
         "requested_by": _TEXT, "confirmed_by": nullable(_TEXT)}
    ),
    "StandardCases": record(
        {"bucket": _TEXT, "cases": listed(record({"office": _TEXT, "case_id": _TEXT, "line": _TEXT})),
         "next": nullable(_TEXT)}
    ),
    "Office": record({"code": _TEXT, "name": _TEXT, "simulated": _TRUTH, "number": _COUNT, "recorded_at": INSTANT,
                      "now": INSTANT}),
    "Clock": record({"now": INSTANT}),
    "Moved": record({"now": INSTANT, "fired": _COUNT, "failed": _COUNT}),
    "Offices": record({"offices": listed(ref("Office"))}),
    "Me": record({"user_id": _TEXT, "name": _TEXT,
                  "grants": listed(record({"office": _TEXT, "role": _TEXT, "zh": _TEXT}))}),
    "Session": record({"user_id": _TEXT, "expires_at": INSTANT, "failures": _COUNT,
                       "last_failure_at": nullable(INSTANT)}),
    "Users": record({"users": listed(record({"user_id": _TEXT, "login": _TEXT, "name": _TEXT, "program": _TRUTH,
                                             "disabled_at": nullable(INSTANT), "created_at": INSTANT,
                                             "grants": listed(record({"office": _TEXT, "role": _TEXT}))}))}),
    "UserMade": record({"user_id": _TEXT}),
    "TokenMade": record({"token_id": _TEXT, "token": _TEXT}),
    "Tokens": record({"tokens": listed(record({"token_id": _TEXT, "name": _TEXT, "created_at": INSTANT,
                                               "expires_at": nullable(INSTANT)}))}),
    "Health": record({"status": _TEXT, "database": _TEXT, "clock": record(
        {"status": _TEXT, "times_set_back": _COUNT, "seconds_back": _COUNT, "set_back_at": nullable(INSTANT),
         "book_ahead_seconds": _COUNT})}),
    "Ready": record({"ready": _TRUTH}),
    "DueNotices": record(
        {"notices": listed(record(
             {"case_id": _TEXT, "household": nullable(_TEXT), "stage": _COUNT, "due_on": _DAY, "total_fen": _COUNT,
              "current_fen": _COUNT, "late_fee_until": _DAY, "claims": listed({"type": "object"}),
              "current": listed({"type": "object"})})),
         "left_out": listed(record(
             {"case_id": _TEXT, "household": nullable(_TEXT), "stage": _COUNT, "due_on": _DAY, "code": _TEXT,
              "clause": nullable(_TEXT), "why_zh": _TEXT, "why_en": _TEXT})),
         "next": nullable(_TEXT)}
    ),
    "BankFile": record(
        {"statement": nullable(_TEXT), "number": _COUNT, "rows_taken": _COUNT, "rows_known": _COUNT,
         "rows_refused": _COUNT, "credits_fen": _COUNT, "debits_fen": _COUNT,
         "rows": listed(record({"row": _COUNT, "field": _TEXT, "cell": _TEXT, "code": _TEXT, "zh": _TEXT, "en": _TEXT,
                                "taken_anyway": _TRUTH}))}
    ),
    "Proposals": record(
        {"lines": listed(record(
             {"case_id": _TEXT, "row": _COUNT, "booked_on": _DAY, "amount_fen": _COUNT, "reference": nullable(_TEXT),
              "payer": nullable(_TEXT), "payer_account": nullable(_TEXT), "narration": nullable(_TEXT),
              "candidates": listed(record(
                  {"household": _TEXT, "home": _TEXT, "points": _COUNT, "sure": _TRUTH, "payment": nullable(_TEXT),
                   "match_grounds": listed(record({"ground": _TEXT, "zh": _TEXT, "en": _TEXT}))}))})),
         "next": nullable(_TEXT)}
    ),
    "Matched": record(
        {"matched": listed(record({"bank_line": _TEXT, "payment": _TEXT, "number": _COUNT})),
         "left_out": listed(record({"bank_line": _TEXT, "code": _TEXT, "clause": nullable(_TEXT), "why_zh": _TEXT,
                                    "why_en": _TEXT}))}
    ),
    "PaperCheck": record(
        {"verdict": _TEXT, "zh": _TEXT, "en": _TEXT, "papers": listed(record(
            {"case_id": _TEXT, "printed_at": INSTANT, "printed_by": _TEXT, "paper_kind": _TEXT, "paper_number": _TEXT,
             "fingerprint": _TEXT, "sha256": _TEXT, "printed_case": _TEXT, "book_pages": listed(_COUNT),
             "agrees": {"type": ["boolean", "null"]}}))},
    ),
    "NoticeParts": record(
        {"parts": listed(record(
             {"part": _COUNT, "building": nullable(_TEXT), "first_home": _TEXT, "last_home": _TEXT, "notices": _COUNT,
              "ready": _TRUTH, "href": _TEXT}))}
    ),
    "Report": record(
        {"report": _TEXT, "zh": _TEXT, "en": _TEXT, "clause": _TEXT, "as_of": _COUNT, "on": _DAY, "since": _DAY,
         "until": _DAY, "by": _TEXT, "rows": listed({"type": "object"}),
         "totals": {"type": "object", "additionalProperties": _COUNT}}
    ),
    "Statement": record(
        {"household": _TEXT, "account": _TEXT, "on": _DAY, "owed_fen": _COUNT, "prepaid_fen": _COUNT,
         "refunded_fen": _COUNT, "bills": listed({"type": "object"}), "entries": listed({"type": "object"})}
    ),
    "LateFee": record(
        {"bill": _TEXT, "on": _DAY, "due_on": nullable(_DAY), "named_due_on": nullable(_DAY), "grace_days": _COUNT,
         "accrued_fen": _COUNT, "exact_fen": _TEXT, "cap": _TEXT, "cap_fen": _COUNT, "capped": _TRUTH,
         "spans": listed(record({"first": _DAY, "last": _DAY, "days": _COUNT, "outstanding_fen": _COUNT,
         "rate_per_day": _TEXT, "exact_fen": _TEXT})),
         "formula_zh": _TEXT, "formula_en": _TEXT, "assessed_fen": _COUNT, "waived_fen": _COUNT, "paid_fen": _COUNT,
         "holds": listed({"type": "object"}), "warnings": listed(record({"zh": _TEXT, "en": _TEXT}))}
    ),
    "Collection": record(
        {"on": _DAY, "collected_fen": _COUNT, "charged_fen": _COUNT, "households_paid": _COUNT,
         "households_billed": _COUNT, "by_amount": nullable(_TEXT), "by_household": nullable(_TEXT)}
    ),
}
# fmt: on


_HEADERS: Final = {
    "ETag": {"description": "版本，可用于 If-Match / the version, for If-Match", "schema": _TEXT},
    "Location": {"description": "事项地址 / where it is to be found", "schema": _TEXT},
}


ANY_FILE: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
"""A body that is a file of any kind, as it is."""


def answered(
    schema: dict[str, Any] | None,
    status: int = 200,
    description: str = "成功 / done",
    *,
    headers: tuple[str, ...] = (),
    files: Mapping[str, dict[str, Any]] = MappingProxyType({}),
) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: the schema (None for files alone), other media types, and the headers that matter."""
    content: dict[str, Any] = {"application/json": {"schema": schema}} if schema is not None else {}
    content.update({name: {"schema": each} for name, each in files.items()})
    said: dict[str, Any] = {"description": description, "content": content}
    if headers:
        said["headers"] = {name: _HEADERS[name] for name in headers}
    return {status: said}


def parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """A query parameter."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


_JSON: Final[dict[type, dict[str, Any]]] = {
    str: _TEXT,
    int: _COUNT,
    bool: _TRUTH,
    date: {"type": "string", "format": "date"},
    datetime: INSTANT,
}


def register_schema(register: Register) -> dict[str, Any]:
    """One page of a register."""
    said = f"{register.zh} / {register.en} (§{register.clause})"
    return {"allOf": [ref("Page"), record({"rows": listed(ref(row_schema(register)))})], "description": said}


def row_schema(register: Register) -> str:
    """The name of the schema of one row."""
    return f"Row.{register.name}"


PAGE: Final = record({"register": _TEXT, "as_of": _COUNT, "next": nullable(_TEXT)}, names=_NAMES)
"""What every page of every register says of itself."""


def row_of(register: Register) -> dict[str, Any]:
    """One row: its own columns, and what every row has."""
    number = {"number": _COUNT}  # of the row's last fact, unless the register has one of its own
    return {"allOf": [ref("Row"), record(number | _properties(register.columns))]}


def _properties(columns: Iterable[Column]) -> dict[str, Any]:
    return {column.name: nullable(json_type(column.type)) for column in columns}


def json_type(kind: type) -> dict[str, Any]:
    """The JSON type of a register's column."""
    if issubclass(kind, StrEnum):
        return dict(_TEXT)
    return dict(_JSON[kind])


@lru_cache(maxsize=10_000)
def slug(name: str) -> str:
    """``RegisterComplaint`` → ``register-complaint``."""
    return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


ROW: Final = record({"office": _TEXT, "case_id": _TEXT, "line": _TEXT, **_properties((*MARKS, STAMPS[0]))})
"""What every row of every register has."""
