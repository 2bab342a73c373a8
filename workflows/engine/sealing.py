"""Sealing 加密: a fact's personal fields are replaced by tokens before it goes into a draft's append."""

from __future__ import annotations

from dataclasses import replace

from domain.kernel.fact import Fact
from journal.append import Append
from journal.confidential import seal
from workflows.engine.open_cases import OpenCase
from workflows.engine.ports import SealingKeys

__all__ = ["Sealer"]


class Sealer:
    """Seals the facts of one draft; the append gets the keys that are new, and the subjects whose keys must still be."""

    def __init__(self, append: Append, keys: SealingKeys) -> None:
        """``keys`` finds or makes the key of a subject."""
        self._append = append
        self.keys = keys
        self.used: set[str] = set()
        """Whose keys sealed since somebody last emptied it."""

    def sealed(self, fact: Fact, opened: OpenCase) -> Fact:
        """The fact with its personal fields sealed for whom they are about: a household, or the case alone.

        Raises :class:`~journal.errors.KeyDestroyed` when that key is gone.
        """
        if all(getattr(fact.event, name) in (None, ()) for name in fact.event.PERSONAL):
            return fact
        lifecycle = opened.lifecycle
        known = opened.case if opened.case is not None else lifecycle.apply(None, fact)
        subject = fact.event.whose() or (lifecycle.subject(known) if lifecycle.subject else None) or fact.case_id
        # A case that was not in the book when the draft began has no key there yet.
        brand_new = subject == fact.case_id and opened.found_at == 0
        self.used.add(subject)
        key, wrapped = self.keys.for_sealing(subject, brand_new=brand_new)
        if wrapped is not None:
            self._append.new_keys[subject] = wrapped
        elif subject not in self._append.new_keys:
            self._append.subjects.add(subject)
        return replace(fact, event=seal(fact.event, subject, fact.case_id, fact.version, key))
