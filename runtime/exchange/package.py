"""The zip package of a workbook, checked record by record before a part is opened."""

import io
import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from runtime.exchange.limits import Limits
from runtime.exchange.refusals import FileRefused
from runtime.exchange.sniff import refuse_what_is_no_package

CHUNK: Final = 256 * 1024
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_SIZES_FOLLOW: Final = 0x08
_ENCRYPTED: Final = 0x41
_ZIP64: Final = 0xFFFFFFFF
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)


class Package:
    """A checked package: parts by name, readable in bounded chunks."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._read_bytes = 0
        size = path.stat().st_size
        with path.open("rb") as file:
            refuse_what_is_no_package(file.read(65_536), size, limits.file_bytes)
        self._file: IO[bytes] = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
            self.parts: Mapping[str, zipfile.ZipInfo] = self._checked(self._zip.infolist())
        except _DAMAGED as error:
            self._file.close()
            raise FileRefused("file_damaged") from error
        except FileRefused:
            self._file.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()
        self._file.close()

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part's bytes; what comes out is counted, whatever the directory claims."""
        count = 0
        try:
            with self._zip.open(self.parts[name]) as part:
                while chunk := part.read(CHUNK):
                    count += len(chunk)
                    self._read_bytes += len(chunk)
                    if count > self._limits.part_bytes:
                        raise FileRefused("file_unpacks_too_large")
                    yield chunk
        except _DAMAGED as error:
            raise FileRefused("file_damaged") from error
        if count != self.parts[name].file_size:
            raise FileRefused("file_damaged")

    def whole(self, name: str, most: int) -> bytes:
        """Return a small part in one piece."""
        gathered = io.BytesIO()
        for chunk in self.chunks(name):
            gathered.write(chunk)
            if gathered.tell() > most:
                raise FileRefused("file_part_too_large", {"part": name[:80]})
        return gathered.getvalue()

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        limits = self._limits
        if len(entries) > limits.parts:
            raise FileRefused("file_too_many_parts", {"count": len(entries), "most": limits.parts})
        parts: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            refuse_entry(entry, limits)
            key = entry.filename.lower()
            if key in parts:
                raise FileRefused("file_duplicate_part", {"part": entry.filename[:80]})
            parts[key] = entry
        if sum(entry.file_size for entry in entries) > limits.package_bytes:
            raise FileRefused("file_unpacks_too_large")
        self._refuse_overlaps(entries)
        return {entry.filename: entry for entry in entries if not entry.is_dir()}

    def _refuse_overlaps(self, entries: list[zipfile.ZipInfo]) -> None:
        # Records that share bytes make one small part look like many large ones.
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise FileRefused("file_overlapping_parts")
            end = entry.header_offset + self._local_length(entry) + entry.compress_size

    def _local_length(self, entry: zipfile.ZipInfo) -> int:
        self._file.seek(entry.header_offset)
        header = self._file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise FileRefused("file_damaged")
        fields = _LOCAL.unpack(header)
        flags, packed, unpacked, name_length, extra_length = fields[2], *fields[7:11]
        told_later = flags & _SIZES_FOLLOW or _ZIP64 in (packed, unpacked)
        if not told_later and (packed, unpacked) != (entry.compress_size, entry.file_size):
            raise FileRefused("file_sizes_disagree")
        return _LOCAL.size + int(name_length) + int(extra_length)


def refuse_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    """Turn away one record of the directory: its path, kind, encryption, size and ratio."""
    name = entry.filename
    if entry.flag_bits & _ENCRYPTED:
        raise FileRefused("file_encrypted")
    if _escapes(entry.orig_filename) or _escapes(name):
        raise FileRefused("file_part_path", {"part": name[:80]})
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise FileRefused("file_part_link", {"part": name[:80]})
    if entry.file_size > limits.part_bytes:
        raise FileRefused("file_unpacks_too_large")
    packed = max(entry.compress_size, 1)
    if entry.file_size > limits.ratio_from_bytes and entry.file_size // packed > limits.ratio:
        raise FileRefused("file_unpacks_too_large")


def _escapes(name: str) -> bool:
    if not name or name.startswith(("/", "\\")) or "\0" in name or ":" in name:
        return True
    flat = name.replace("\\", "/")
    return ".." in flat.split("/") or posixpath.normpath(flat).startswith("..")
