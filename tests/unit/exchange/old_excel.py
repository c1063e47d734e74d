"""A small workbook in the old binary format: a compound file with one stream of records."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def old_workbook(path: Path, rows: Sequence[Sequence[Any]], name: str = "S1") -> Path:
    """Write one sheet of numbers and texts as .xls."""
    stream = _stream(rows, name)
    # Streams below 4096 bytes live elsewhere in such a file.
    stream += b"\0" * (-len(stream) % _SECTOR + 4096)
    sectors = len(stream) // _SECTOR
    chain = [*range(1, sectors), _END, _END, _FAT]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    head += struct.pack("<HHHHH6xIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, sectors)
    head += struct.pack("<IIIIII", 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", sectors + 1, *[_FREE] * 108)
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 0, len(stream))
    assert len(head) == _SECTOR
    path.write_bytes(head + stream + entries.ljust(_SECTOR, b"\0") + fat)
    return path


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    told = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    told += struct.pack("<III", _FREE, _FREE, child) + b"\0" * 36
    return told + struct.pack("<IQ", start, size)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _stream(rows: Sequence[Sequence[Any]], name: str) -> bytes:
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    wide = name.encode("utf-16-le")
    length = 8 + len(wide)
    before = _record(0x0809, begin) + _record(0x0042, struct.pack("<H", 1200))
    after = _record(0x000A, b"")
    offset = len(before) + 4 + length + len(after)
    bound = struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + wide
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    width = max(len(row) for row in rows)
    body += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            body += _cell(row, column, value)
    return before + _record(0x0085, bound) + after + body + _record(0x000A, b"")


def _cell(row: int, column: int, value: Any) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
        return _record(0x0204, place + text)
    return _record(0x0203, place + struct.pack("<d", value))
