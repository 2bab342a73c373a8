"""Codes for cameras 二维码: an address as the picture of a QR code (ISO/IEC 18004), for a twentieth of what a library takes.

A run prints thousands of addresses of one length, and all that depends on the length is worked out once: where the bits of data
go, what stands between them, how many are for mending. That is read off a code of segno's of the same length, whose
codes these are, module for module.

Always with the same mask, which every reader can read: trying all eight for the prettiest takes longer than the page.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import pack
from typing import Any, Final

import segno
from segno import consts

__all__ = ["modules", "picture"]

_MASK: Final = 2
_SHADES: Final = bytes((255, 0)) + bytes(254)
_TIMING: Final = 6
_SQUARES: Final = (consts.TYPE_ALIGNMENT_PATTERN_LIGHT, consts.TYPE_ALIGNMENT_PATTERN_DARK)
_SAYS_VERSION_FROM: Final = 7
_WIDE_COUNT_FROM: Final = 10
"""From this version on the length of the text takes two bytes."""
_PADDING: Final = (0xEC, 0x11)
_FIELD: Final = 0x11D
_MOST: Final = 150
"""The longest address that is drawn here; segno draws longer ones, and what is no ASCII."""


def picture(address: str) -> bytes:
    """The code as a PNG of one dot for each module, black on white, without a margin: the paper around it is one."""
    size, dark = modules(address)
    shades = dark.translate(_SHADES)
    packed = zlib.compress(b"".join(b"\0" + shades[at : at + size] for at in range(0, size * size, size)), 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(body)) + name + body + pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    )


def modules(address: str) -> tuple[int, bytes]:
    """How many modules a side has, and all of them row by row: 1 is dark."""
    if len(address) > _MOST or not address.isascii():
        drawn = _drawn(address)
        return len(drawn.matrix), b"".join(map(bytes, drawn.matrix))
    return _of_length(len(address)).filled(address.encode())


def _drawn(text: str) -> segno.QRCode:
    return segno.make(text, error="l", micro=False, mask=_MASK, mode="byte")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """All codes of texts of one length."""

    size: int
    version: int
    blocks: tuple[tuple[int, int], ...]
    """Of each block of data: its bytes, and how many follow it for mending."""
    fixed: bytes
    """The modules that are no data, and the mask where data go."""
    places: tuple[int, ...]
    """The place of each bit of data, in the order in which they are written."""

    def filled(self, text: bytes) -> tuple[int, bytes]:
        """The code of a text of this length."""
        bits = "".join(f"{each:08b}" for each in self._interleaved(self._written(text)))
        modules = bytearray(self.fixed)
        for place, bit in zip(self.places, bits, strict=False):  # what is left over at the end is light before the mask
            if bit == "1":
                modules[place] ^= 1
        return self.size, bytes(modules)

    def _written(self, text: bytes) -> bytes:
        """The bytes of data: the mode (bytes), the length, the text, its end, and padding."""
        room = sum(data for data, _ in self.blocks)
        count = 16 if self.version >= _WIDE_COUNT_FROM else 8
        value = ((0x4 << count | len(text)) << 8 * len(text) | int.from_bytes(text, "big")) << 4
        made = value.to_bytes(1 + count // 8 + len(text), "big")
        padding = (_PADDING[n % 2] for n in range(room - len(made) - 1))
        return made + bytes((0, *padding)) if room > len(made) else made

    def _interleaved(self, written: bytes) -> Iterator[int]:
        """The blocks' data and what mends them, a byte of each in turn."""
        parts, at = [], 0
        for data, _ in self.blocks:
            parts.append(written[at : at + data])
            at += data
        mends = [_mends(part, count) for part, (_, count) in zip(parts, self.blocks, strict=True)]
        for some in (parts, mends):
            for n in range(max(map(len, some))):
                yield from (part[n] for part in some if n < len(part))


@lru_cache(maxsize=64)
def _of_length(length: int) -> _Pattern:
    drawn = _drawn("x" * length)
    version = int(drawn.version)
    size = len(drawn.matrix)
    taken = _taken(size, version, drawn)
    places = tuple(y * size + x for y, x in _order(size) if (y, x) not in taken)
    table: Any = consts.ECC
    levels = {
        "L": consts.ERROR_LEVEL_L,
        "M": consts.ERROR_LEVEL_M,
        "Q": consts.ERROR_LEVEL_Q,
        "H": consts.ERROR_LEVEL_H,
    }
    blocks = tuple(
        (each.num_data, each.num_total - each.num_data)
        for each in table[version][levels[drawn.error]]
        for _ in range(each.num_blocks)
    )
    empty = bytearray(b"".join(map(bytes, drawn.matrix)))
    for place in places:
        empty[place] = (place % size) % 3 == 0  # mask 2 turns every third column
    return _Pattern(size, version, blocks, bytes(empty), places)


def _taken(size: int, version: int, drawn: segno.QRCode) -> set[tuple[int, int]]:
    """The modules that are no data: the three corners with what stands beside them, the rulers, the small squares."""
    corners: tuple[tuple[int, int, int, int], ...] = ((0, 0, 9, 9), (0, size - 8, 9, 8), (size - 8, 0, 8, 9))
    if version >= _SAYS_VERSION_FROM:
        corners = (*corners, (0, size - 11, 6, 3), (size - 11, 0, 3, 6))
    taken = {(top + y, left + x) for top, left, high, wide in corners for y in range(high) for x in range(wide)}
    taken |= {at for n in range(size) for at in ((n, _TIMING), (_TIMING, n))}
    for y, row in enumerate(drawn.matrix_iter(scale=1, border=0, verbose=True)):
        taken |= {(y, x) for x, kind in enumerate(row) if kind in _SQUARES}
    return taken


def _order(size: int) -> Iterator[tuple[int, int]]:
    """The modules in the order of the bits: two columns at a time from the right, up and down in turn."""
    upwards = True
    for right in range(size - 1, 0, -2):
        column = right if right > _TIMING else right - 1
        for y in range(size - 1, -1, -1) if upwards else range(size):
            yield from ((y, column), (y, column - 1))
        upwards = not upwards


def _mends(data: Sequence[int], count: int) -> bytes:
    """The bytes that mend a block (Reed-Solomon): what is left of it when the generator divides it."""
    table, rest, top, whole = _division(count), 0, 8 * (count - 1), (1 << 8 * count) - 1
    for each in data:
        rest = (rest << 8 & whole) ^ table[each ^ rest >> top]
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=32)
def _division(count: int) -> tuple[int, ...]:
    """What each byte takes away, as one number: the generator of this degree times the byte."""
    generator, root = [1], 1
    for _ in range(count):
        generator = [
            a ^ b for a, b in zip([*generator, 0], [0, *(_times(each, root) for each in generator)], strict=True)
        ]
        root = _times(root, 2)
    return tuple(int.from_bytes(bytes(_times(each, n) for each in generator[1:]), "big") for n in range(256))


def _times(a: int, b: int) -> int:
    """The product in the field of 256 elements."""
    made = 0
    while b:
        if b & 1:
            made ^= a
        a = a << 1 ^ (_FIELD if a & 0x80 else 0)
        b >>= 1
    return made
