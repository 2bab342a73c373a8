"""Files as people hand them in: a PNG, a JPEG and a PDF, small and whole."""

from __future__ import annotations

from struct import pack
from zlib import compress, crc32

__all__ = ["jpeg", "png"]


def png(width: int = 60, height: int = 40, shade: int = 200) -> bytes:
    """A grey picture with a darker frame."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))

    edge = bytes([40]) * width
    inner = bytes([40]) + bytes([shade]) * (width - 2) + bytes([40])
    rows = [edge, *([inner] * (height - 2)), edge]
    head = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    """Eight by eight grey dots: one block, of which every coefficient is nothing."""

    def segment(mark: int, data: bytes) -> bytes:
        return pack(">BBH", 0xFF, mark, len(data) + 2) + data

    table = bytes([1]) + bytes(15) + bytes([0])
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        + segment(0xDB, b"\0" + bytes([1]) * 64)
        + segment(0xC0, pack(">BHHB", 8, 8, 8, 1) + b"\1\x11\0")
        + segment(0xC4, b"\0" + table)
        + segment(0xC4, b"\x10" + table)
        + segment(0xDA, b"\1\1\0\0\x3f\0")
        + b"\x3f\xff\xd9"
    )
