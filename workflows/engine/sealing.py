"""Sealing 加密: a fact's personal fields are replaced by tokens before it goes into a draft's append."""

from __future__ import annotations

from typing import Final

from domain.kernel.fact import Command, Event
from domain.kernel.names import strangers_in
from domain.kernel.record import restated
from journal.append import Append
from journal.blind_index import BlindIndex, How, index_purpose
from journal.confidential import ERASED, is_token, open_token, seal, seal_outsiders, subject_of
from journal.errors import KeyDestroyed
from workflows.engine.open_cases import OpenCase
from workflows.engine.ports import SealingKeys

__all__ = ["Sealer"]

_NOT_GIVEN: Final = (None, ())


class Sealer:
    """Seals the facts of one draft; the append gets the keys that are new, and the subjects whose keys must still be."""

    def __init__(self, append: Append, keys: SealingKeys) -> None:
        """``keys`` finds or makes the key of a subject."""
        self._append = append
        self.keys = keys
        self.used: set[str] = set()
        """Whose keys sealed since somebody last emptied it."""
        self._index: BlindIndex | None = None
        self._plain: dict[str, str] = {}

    def sealed(self, said: Event, case_id: str, version: int, opened: OpenCase) -> Event:
        """The event of a case's next fact with its personal fields sealed for whom they are about: a household, or the case alone.

        So are the names of outsiders, whatever field names them. Raises :class:`~journal.errors.KeyDestroyed` when that
        key is gone.
        """
        strangers = strangers_in(said)
        if not strangers and not _says_personal(said):
            return said
        subject = said.whose() or _household_of(said, opened) or case_id
        # A case that was not in the book when the draft began has no key there yet.
        brand_new = subject == case_id and opened.found_at == 0
        self.used.add(subject)
        key, wrapped = self.keys.for_sealing(subject, brand_new=brand_new)
        if wrapped is not None:
            self._append.new_keys[subject] = wrapped
        elif subject not in self._append.new_keys:
            self._append.subjects.add(subject)
        event = seal(said, subject, case_id, version, key)
        for name in event.PERSONAL:
            token = getattr(event, name)
            if isinstance(token, str):
                self._plain[token] = getattr(said, name)
        return seal_outsiders(event, strangers, subject, key) if strangers else event

    def found_by(self, how: How, value: str) -> tuple[str | None, list[str]]:
        """The entry of the blind index for a column's value: whose key seals it, and the tokens by which it is found.

        A sealed value is one that this draft has sealed; what stood there before has its entry already.
        """
        if self._index is None:
            self._index = BlindIndex(self.keys.secret(index_purpose(self._append.office)))
        if is_token(value):
            return subject_of(value), self._index.tokens(how, self._plain[value]) if value in self._plain else []
        return None, self._index.tokens(how, value)

    def handed_on(self, command: Command, case_id: str) -> Command:
        """The command of a policy that hands on what its cause, in ``case_id``, holds sealed: opened, to be sealed anew.

        A policy never reads it: what stays sealed under one household's key is sealed under another's. What was erased
        is not handed on.
        """
        if not command.PERSONAL:
            return command
        sealed = {name: getattr(command, name) for name in command.PERSONAL if is_token(getattr(command, name))}
        opened = {name: open_token(token, case_id, self._key_of) for name, token in sealed.items()}
        given = {name: text if text != ERASED else None for name, text in opened.items()}
        return restated(command, **given) if given else command

    def _key_of(self, subject: str) -> bytes | None:
        try:
            return self.keys.for_sealing(subject, brand_new=False)[0]
        except KeyDestroyed:
            return None


def _says_personal(event: Event) -> bool:
    """Whether a personal field of it is given."""
    return bool(event.PERSONAL) and any(getattr(event, name) not in _NOT_GIVEN for name in event.PERSONAL)


def _household_of(said: Event, opened: OpenCase) -> str | None:
    """Whose household's matter it is, where its kind has one: what opens a case says so itself."""
    if opened.lifecycle.subject is None:
        return None
    return getattr(said, "household", None) if opened.case is None else opened.lifecycle.subject(opened.case)
