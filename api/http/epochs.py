"""Epochs 纪元: a restored book gives page numbers a second time, so a place in the feed is a page of an epoch.

An epoch is the second in which the book was restored, 0 before it ever was. Whoever stands at a page that the restored
book still has goes on; whoever has seen pages that are there no more is told so, and where to go on: silence would leave
him with facts that nobody else has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from api.http.problems import Problem

if TYPE_CHECKING:
    import psycopg

__all__ = ["EVENT_ID", "Place", "epochs_of", "of_event_id"]

EVENT_ID: Final = r"^([0-9]{1,12}-)?[0-9]{1,15}$"
"""What a listener says that he saw last: a page, with its epoch if the book was ever restored."""
_RESTORED: Final = (
    "select state from wuye.facts where office = %s and case_id = %s and name = 'BookRestored' order by version"
)


class _Restored(msgspec.Struct):
    epoch: int
    page: int


_STATE: Final = msgspec.json.Decoder(_Restored)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader of the feed stands: after this page of this epoch."""

    epoch: int
    after: int

    def event_id(self, number: int) -> bytes:
        """What a page is called in the stream."""
        return b"%d-%d" % (self.epoch, number) if self.epoch else b"%d" % number

    def now(self, office: str, restored: list[tuple[int, int]]) -> Place:
        """The same place in the present epoch. Raises Problem 410 when what was seen there is in the book no more."""
        current = restored[-1][0] if restored else 0
        epochs = [0, *(epoch for epoch, _ in restored)]
        common = 0  # of an epoch that the book does not know, nobody can tell what it had
        if self.epoch == current:
            return self
        if self.epoch in epochs:
            common = min(page for _, page in restored[epochs.index(self.epoch) :])
        if self.after <= common:
            return Place(current, self.after)
        raise Problem(
            410,
            "book-restored",
            f"台账已由备份恢复至第{common}页，其后页码另有所指：请弃去第{common}页以后所读，自该页起以现纪元续读",
            f"the book was restored to page {common}, and what came after it is another: drop what you read beyond that page"
            " and go on from there in the present epoch",
            go_on={
                "epoch": current,
                "after": common,
                "href": f"/offices/{office}/facts?epoch={current}&after={common}",
            },
        )


def epochs_of(connection: psycopg.Connection[Any], office: str) -> list[tuple[int, int]]:
    """The restores of a book, in order: epoch, and the last page that it had then."""
    rows = connection.execute(_RESTORED, [office, f"office-{office}"]).fetchall()
    return [(said.epoch, said.page) for (state,) in rows for said in [_STATE.decode(state)]]


def of_event_id(last_event_id: str, epoch: int) -> Place:
    """The place that a listener names; ``epoch`` is what he says beside it."""
    said, _, page = re.sub(r"^(?!.*-)", "-", last_event_id).partition("-")
    return Place(int(said) if said else epoch, int(page))
