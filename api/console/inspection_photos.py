"""Photos of an inspection 检查照片 (§3.5): each lies with the rectification that its defect opened, where whoever mends it looks.

They come with the checklist, from a telephone that may have had no network: the same photo is filed once, however often
it arrives.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from api.console.page import first
from api.routes.papers import file_paper
from api.routes.sealed_files import check_file
from domain.homes.vacant_home.events import HomeInspected
from domain.kernel.errors import Refusal, RuleBroken
from journal.files import Files

if TYPE_CHECKING:
    from api.console.page import Page
    from api.http.multipart import Upload

__all__ = ["PHOTO", "check_photos", "file_photos"]

PHOTO: Final = "photo."
"""How the fields of the checklist begin that bear a photo; then the number of their line."""
_RECTIFICATION: Final = """
select case_id from wuye.r_rectifications
 where office = %s and to_number is null and origin_id = %s and origin_item = %s limit 1
"""
_MOST_ABOUT: Final = 60


def check_photos(page: Page) -> None:
    """Before anything is written: what cannot be filed is no photo. Raises RuleBroken, naming its field."""
    for _, photo in _photos(page):
        check_file(photo.data, photo.media, "3.5")
        if not photo.media.startswith("image/"):
            raise RuleBroken("no-photo", "3.5", zh="请选择照片", en="choose a photo", field="photo")


def file_photos(page: Page, case_id: str) -> None:
    """File each photo with the rectification of its defect; where there is none, with the home."""
    photos = list(_photos(page))
    if not photos:
        return
    files = Files(page.context.settings.home)
    _, facts = page.context.handler.history(page.office, case_id)
    defects = next((fact.event.defects for fact in reversed(facts) if isinstance(fact.event, HomeInspected)), ())
    for line, photo in photos:
        item, matter = first(page.form, f"checklist.{line}.item"), first(page.form, f"matter.{line}").strip()
        numbers = [str(each.number) for each in defects if (each.item, each.matter) == (item, matter)]
        target = _rectification(page, case_id, numbers[0]) if numbers else None
        with suppress(Refusal):  # it is filed already
            file_paper(
                page.context,
                files,
                page.request,
                page.office,
                target or case_id,
                photo.data,
                photo.media,
                kind="照片",
                title=None,
                about=f"{item}：{matter}"[:_MOST_ABOUT],
            )


def _photos(page: Page) -> Iterator[tuple[str, Upload]]:
    """The photos of those lines that say what is wrong."""
    for name, photo in page.files.items():
        line = name.removeprefix(PHOTO)
        if name.startswith(PHOTO) and photo.data and first(page.form, f"checklist.{line}.good") == "false":
            yield line, photo


def _rectification(page: Page, case_id: str, number: str) -> str | None:
    with page.connect() as connection:
        row = connection.execute(_RECTIFICATION, [page.office, case_id, number]).fetchone()
    return row[0] if row is not None else None
