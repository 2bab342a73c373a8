"""Which columns of a register a page shows first 登记簿的列: by hand where a person's work wants it, else by derivation.

A register has up to seventy columns; a page has room for ten. What is not named here shows its first ones, without what
only programs want. Every column can be chosen on the page.
"""

from __future__ import annotations

from typing import Final

from projections.engine.register import Register

__all__ = ["TITLES", "default_columns", "title_column"]

TITLES: Final = (
    "matter",
    "title",
    "scope",
    "name",
    "place",
    "question",
    "procedure",
    "type",
    "zh",
    "fact",
    "day",
    "route",
    "quarter",
    "week",
    "period",
    "estate",
    "register",
    "item",
    "keys",
    "fault_kind",
    "number",
    "receipt",
    "reference",
    "paper_number",
    "mended",
    "home",
    "household",
    "month",
    "task",
    "what",
    "person",
    "first",
)
"""What tells most of a row, the first that the register has: by it a row is opened."""
_TITLE: Final = {"portfolios": "person"}
"""Where another column than the first of these tells it."""
_FOR_PROGRAMS: Final = frozenset(
    {"source_id", "version", "imported", "open", "stated_channel", "line", "case_kind", "en"}
)
_MOST: Final = 9

_SHOWN: Final[dict[str, str]] = {
    "rectifications": "found_on home matter severity state responsible due_at done_at reopened",
    "move-ins": "applied_on home applicant occupancy state wanted_on open_defects keys_at complete_by",
    "move-outs": "opened_at home household reason state leaving_on outstanding_fen completed_at",
    "renovations": "applied_on home scope contractor state valid_until violations held_fen refund_by",
    "notice-boards": "name place title state posted_at edition_due_at months_missed",
    "board-months": "month name wanted posted posted_at due_at missed_at",
    "activities": "planned_on title place organiser state participants spent_fen reported_at",
    "work-orders": "raised_on trade matter place state worker due_at done_at returned",
    "repair-orders": "opened_at home fault_kind channel state worker due_by completed_at returned outcome",
    "patrols": "day route state points points_seen points_missed findings by completed_at",
    "patrol-findings": "day subject place matter handling severity",
    "vacant-homes": "home kind state area keys_kept keys_out last_inspected_on inspection_due_at open_defects",
    "inspections": "month home state inspected_on inspected_by items defects due_at missed_at",
    "inspection-reports": "inspected_on home inspected_by items items_good defects stated_result",
    "inspection-items": "inspected_on home item good mark",
    "vacancy-condition": "home kind condition begins_on ends_on open_defects area intact_area",
    "key-loans": "opened_at home keys borrower purpose state expected_return issued_by returned_at",
    "keys": "home number key_class count condition custody since loan",
    "complaints": "opened_at home complainant matter category channel state responsible due_at resolved_at letter_sent_at outcome",
    "follow-ups": "opened_on type home state visitor closes_on conducted_on satisfaction verdict outcome",
    "surveys": "year number title state issued answered dissatisfied closes_on due_on",
    "weekly-samples": "week state population chosen replaced rate drawn_at",
    "emergency-aids": "opened_at place home patient state ambulance_called_at outcome ended_at",
    "quarterly-reviews": "quarter state detections compiled_at due_at analysed_by approved_by approved_at",
    "review-figures": "quarter type planned conducted in_window conforming nonconforming exited",
    "corrective-actions": "opened_at procedure matter detection state responsible due_at verify_by closed_at",
    "service-items": "code name kind unit state prices",
    "service-prices": "name valid_from price_fen standard",
    "service-orders": "ordered_on home name quantity amount_fen state worker scheduled_at performed_at",
    "service-contracts": "starts_on home name provider price_fen state ends_on last_rendered_at",
    "service-charges": "month home name amount_fen",
    "bank-statements": "first last bank_account state rows_taken credits_fen debits_fen match_by missed_at",
    "bank-lines": "booked_on reference payer amount_fen narration state household dealt_with_on",
    "payments": "taken_on receipt household amount_fen method value_date reversed_on",
    "cash-days": "day state cash_fen counted_fen difference_fen total_fen closed_on missed_at",
    "accounts": "household state bills entries prepaid_fen refunds_waiting",
    "fee-standards": "code name kind area_kind price valid_from coefficient state ended_on",
    "bill-runs": "month state households amount_fen anomalies bills delivered reviewed_at approved_at deliver_by",
    "bill-run-households": "month home looked_after_by amount_fen before_fen difference_fen uncredited_fen unbilled_fen anomaly issued_on delivered_on",
    "deposits": "received_on home household received_fen held_fen refund_by refunded_on refunded_fen deducted_fen state",
    "portfolios": "person building home state first last note",
    "resident-words": "spoken_on home of_case state is_satisfied why office_said differs settle_by",
    "shared-costs": "month item home weight amount_fen cost_fen state",
    "mistakes": "mended_on mended opened_by corrected_field before after reason role",
    "printed-papers": "printed_at paper_number paper_kind printed_by printed_case",
    "bills": "period home principal_fen late_fee_fen charges_fen paid_fen outstanding_fen state due_on paid_on",
    "debt-cases": "opened_on household state unpaid_bills outstanding_fen category reason notice1_on visited_on act_until",
    "dunning-notices": "household ladder stage due_on issued_on delivered_on disputed",
    "debt-bills": "household bill outstanding_fen dunned lapses_on lapsed",
    "households": "home name occupancy phone state persons vehicles preference updated_on update_by",
    "staff": "person state since until deputy left_on",
    "assignments": "of_case task person assigned_by assigned_at state",
    "readings": "read_at reader roles what read_case",
    "register-exports": "opened_at register purpose asked_by approved_by state form",
    "deadlines": "zh due_at clause state role person missed_at",
    "late-entries": "zh occurred_at entered_at hours_late user_id reason verdict judged_by",
}


_DEFAULTS: Final[dict[str, tuple[str, ...]]] = {}
_TITLE_OF: Final[dict[str, str]] = {}


def _default(register: Register) -> tuple[str, ...]:
    known = {column.name for column in register.columns}
    by_hand = tuple(name for name in _SHOWN.get(register.name, "").split() if name in known)
    if by_hand:
        return by_hand
    wanted = [column.name for column in register.columns if column.name not in _FOR_PROGRAMS]
    return tuple(name for name in wanted if name not in register.sealed)[:_MOST]


def default_columns(register: Register) -> tuple[str, ...]:
    """The columns that a page shows unless others are chosen."""
    if register.name not in _DEFAULTS:
        _DEFAULTS[register.name] = _default(register)
    return _DEFAULTS[register.name]


def title_column(register: Register) -> str:
    """The column by which a row is opened; sealed ones are none."""
    if register.name not in _TITLE_OF:
        known = [c.name for c in register.columns if c.name not in register.sealed and c.type is not int]
        wanted = (_TITLE[register.name],) if register.name in _TITLE else TITLES
        _TITLE_OF[register.name] = next((name for name in wanted if name in known), known[0])
    return _TITLE_OF[register.name]
