"""A vacancy 空房 (§3): taken over, cleaned, inspected every month, handed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from domain.homes.keys import Custody, KeyItem, OtherKey
from domain.homes.vacant_home.case import VacantHome
from domain.homes.vacant_home.commands.custody import numbered
from domain.homes.vacant_home.commands.entrustment import not_standing, stands
from domain.homes.vacant_home.events import (
    Checked,
    CleaningScope,
    Defect,
    FoundDefect,
    HandOverReason,
    HomeCleaned,
    HomeDefectClosed,
    HomeHandedOver,
    HomeInspected,
    HomeTakenOver,
    InspectionMissed,
    VacancyKind,
)
from domain.kernel.errors import Refusal
from domain.kernel.fact import Command, Event, Moment, Personal, command
from domain.kernel.people import Actor, Role
from domain.kernel.rules import before, broken, forbid, missing, not_positive, unsigned
from domain.kernel.spelling import canonical


@command
class TakeOverHome(Command):
    """接管空房及钥匙 · Take over a vacant home with its keys."""

    home: str
    kind: VacancyKind
    area: int
    keys: tuple[KeyItem, ...] = ()
    household: str | None = None
    owner: Personal | None = None
    agreement_signed_on: date | None = None
    entrusted_from: date | None = None
    entrusted_until: date | None = None
    other_keys: tuple[OtherKey, ...] | None = None
    other_keys_note: Personal | None = None
    stated_kind: str | None = None

    def decide(self, _home: None, at: Moment) -> Iterator[Event]:
        """All keys, numbered and counted; of an entrusted home only under a signed agreement (§3.1)."""
        at.require_evidence(not_positive(self.area, "3.1", "area"))
        if not self.keys:
            at.require_evidence(missing("keys", "3.1", "须接管全部钥匙", "all keys are taken over"))
        numbered(self.keys, ())
        if self.kind is VacancyKind.ENTRUSTED:
            if self.owner is None or self.agreement_signed_on is None or self.other_keys is None:
                at.require_evidence(
                    broken(
                        "agreement-missing",
                        "3.1",
                        "业主委托的房屋须先签订委托协议，写明委托人及其它钥匙去向和现状",
                        "an entrusted home needs its signed agreement, with the owner and where the other keys are",
                        "agreement_signed_on",
                    )
                )
            if not stands(self.agreement_signed_on, self.entrusted_from, self.entrusted_until, at):
                at.require_evidence(not_standing())
        yield HomeTakenOver(
            home=self.home,
            kind=self.kind,
            area=self.area,
            keys=self.keys,
            inspections_wanted=int(at.numbers["vacancy.inspections_per_month"]),
            household=self.household,
            owner=self.owner,
            agreement_signed_on=self.agreement_signed_on,
            entrusted_from=self.entrusted_from,
            entrusted_until=self.entrusted_until,
            other_keys=self.other_keys or (),
            other_keys_note=self.other_keys_note,
            stated_kind=self.stated_kind,
        )


@command
class RecordCleaning(Command):
    """记录空房清洁 · Record a cleaning of the vacant home."""

    scope: CleaningScope = CleaningScope.WHOLE
    consent: Personal | None = None

    def decide(self, home: VacantHome, at: Moment) -> Iterator[Event]:
        """Inside and out, as its state demands (§3.4)."""
        if self.scope is not CleaningScope.OUTSIDE:
            _entered(home, self.consent, at)
        yield self.to_event(HomeCleaned)


@command
class InspectHome(Command):
    """检查空房 · Inspect the vacant home."""

    checklist: tuple[Checked, ...]
    defects: tuple[Defect, ...] = ()
    inspector_signature: Personal | None = None
    consent: Personal | None = None
    score_hundredths: int | None = None
    stated_result: str | None = None

    def decide(self, home: VacantHome, at: Moment) -> Iterator[Event]:
        """A careful check every month, on the form (§3.5); what is not good is written down as a defect, once."""
        _entered(home, self.consent, at)
        if not self.checklist:
            at.require_evidence(missing("checklist", "3.5", "请逐项填写检查内容", "the checklist is empty"))
        at.require_evidence(_incomplete(self.checklist, at))
        at.require_evidence(
            unsigned(self.inspector_signature, "3.5", "检查人须签名", "the inspector signs", "inspector_signature")
        )
        said = {defect.item for defect in self.defects} | {home.defects[n].found.item for n in home.open_defects}
        unsaid = {line.item for line in self.checklist if not line.good} - said
        if unsaid:
            at.require_evidence(
                broken(
                    "defect-unsaid",
                    "3.5",
                    f"检查不合格的项目须写明问题：{'、'.join(sorted(unsaid))}",
                    f"say what is wrong with: {', '.join(sorted(unsaid))}",
                    "defects",
                )
            )
        first = len(home.defects) + 1
        yield HomeInspected(
            checklist=self.checklist,
            defects=tuple(
                FoundDefect(number=number, item=each.item, matter=each.matter, severity=each.severity)
                for number, each in enumerate(self.defects, first)
            ),
            inspections_wanted=int(at.numbers["vacancy.inspections_per_month"]),
            inspector_signature=self.inspector_signature,
            consent=self.consent,
            score_hundredths=self.score_hundredths,
            stated_result=self.stated_result,
        )


@command
class MarkInspectionMissed(Command):
    """当月未检查 · Note that a month passed without the inspection."""

    def decide(self, home: VacantHome, at: Moment) -> Iterator[Event]:
        """The breach stands at the month's end, 24:00; several missed months follow in order (§3.5)."""
        assert home.due_month is not None
        yield InspectionMissed(
            month=home.due_month.first,
            due_at=home.due_month.ends_at,
            inspections_wanted=int(at.numbers["vacancy.inspections_per_month"]),
        )


@command
class CloseHomeDefect(Command):
    """消除空房问题 · Note that a defect of the home is solved."""

    defect: int

    def decide(self, home: VacantHome, _at: Moment) -> Iterator[Event]:
        """When its rectification is closed (§3.5)."""
        if self.defect in home.open_defects:
            yield HomeDefectClosed(defect=self.defect)


@command
class HandOverHome(Command):
    """移交空房及钥匙 · Hand over the home with its keys."""

    reason: HandOverReason
    keys: tuple[str, ...] = ()
    move_in: str | None = None
    receiver: Personal | None = None
    signature: Personal | None = None
    defects_signature: Personal | None = None
    defects_accepted: bool = False
    stated_reason: str | None = None

    @staticmethod
    def ready(home: VacantHome, _who: Actor) -> Refusal | None:
        """No key out or missing (§3.2); cleaned inside and out after the last inspection (§3.4)."""
        out = home.with_custody(Custody.LENT, Custody.MISSING)
        if out:
            listed = "、".join(out)
            return broken("keys-out", "3.2", f"钥匙借出或缺失：{listed}", f"keys on loan or missing: {', '.join(out)}")
        inspected, cleaned = home.last_inspected_at, home.cleaned_at
        if cleaned is None or (inspected is not None and cleaned <= inspected):
            return broken(
                "cleaning-missing",
                "3.4",
                "移交前须在最后一次检查后清洁室内外",
                "it is cleaned after the last inspection first",
            )
        return None

    def decide(self, home: VacantHome, at: Moment) -> Iterator[Event]:
        """The whole set, against a signature; open defects only if the resident signs for them (§1.3).

        Who moves in gets the keys through his move-in, which has its documents, its file and its follow-up; it drives
        the hand-over and holds the signatures: a policy copies no personal data.
        """
        if self.reason is HandOverReason.MOVE_IN and at.role is not Role.POLICY:
            at.require_evidence(
                broken(
                    "move-in-missing",
                    "1.3",
                    "入住的钥匙须经入住手续交付",
                    "who moves in is given the keys through a move-in",
                    "reason",
                )
            )
        signed_elsewhere = at.role is Role.POLICY and self.move_in is not None
        zh, en = "移交不能早于检查和清洁", "it was inspected or cleaned after that"
        for earlier in (home.cleaned_at, home.last_inspected_at):
            forbid(before(earlier, "3.4", at, zh, en, "before-the-cleaning"))
        kept = home.with_custody(Custody.KEPT)
        if len(self.keys) != len(kept) or set(self.keys) != set(kept):
            at.require_evidence(
                broken(
                    "keys-not-accounted",
                    "3.1",
                    f"须清点移交全部钥匙：{'、'.join(kept)}",
                    f"all keys are accounted for: {', '.join(kept)}",
                    "keys",
                )
            )
        if not signed_elsewhere:
            at.require_evidence(unsigned(self.signature, "1.3", "接收人须签名", "the receiver signs"))
        accepted = self.defects_signature is not None or (signed_elsewhere and self.defects_accepted)
        if home.open_defects and not accepted:
            at.require_evidence(
                broken(
                    "open-defects",
                    "1.3",
                    "尚有未解决的问题，须住户签字认可",
                    "there are open defects: the resident has to sign for them",
                    "defects_signature",
                )
            )
        yield HomeHandedOver(
            reason=self.reason,
            keys=kept,
            open_defects=home.open_defects,
            move_in=self.move_in,
            receiver=self.receiver,
            signature=self.signature,
            defects_signature=self.defects_signature,
            stated_reason=self.stated_reason,
        )


def wanted_of(listed: str) -> tuple[str, ...]:
    """What every inspection says something of, as the office's setting lists it; nothing where it lists nothing."""
    return tuple(dict.fromkeys(filter(None, re.split(r"[\s、，,;；]+", listed))))


def _incomplete(checklist: tuple[Checked, ...], at: Moment) -> Refusal | None:
    """A careful check says something of all that the office has listed, whatever else it says (§3.5)."""
    said = {canonical(line.item) for line in checklist}
    left_out = [item for item in wanted_of(at.numbers.text("vacancy.checklist")) if canonical(item) not in said]
    if not left_out:
        return None
    listed = "、".join(left_out)
    zh, en = f"检查表缺项：{listed}", f"the checklist leaves out: {listed}"
    return broken("checklist-incomplete", "3.5", zh, en, "checklist")


def _entered(home: VacantHome, consent: str | None, at: Moment) -> None:
    """An entrusted home is entered under a standing entrustment or with consent (民法典1033)."""
    if consent is None and not home.may_enter(at.today):
        at.require_evidence(
            broken(
                "entry-without-entrustment",
                "民法典1033",
                "委托期限外进入房屋须经业主同意",
                "outside the entrustment the home is entered with the owner's consent only",
                "consent",
            )
        )
