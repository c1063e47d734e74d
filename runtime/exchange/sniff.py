"""What a file is by its first bytes, before anything opens it."""

import codecs
from typing import Final

from runtime.exchange.refusals import FileRefused

HEAD: Final = 65_536
PACKAGE: Final = "package"
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_MARKUP: Final = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<body", b"<meta")


def refuse_what_is_no_package(head: bytes, size: int, largest: int) -> None:
    """Turn away everything that is not a zip package, each with its own sentence.

    `head` is the file's first 64 kB: enough for the names inside an old binary container.
    """
    if size == 0:
        raise FileRefused("file_empty")
    if size > largest:
        raise FileRefused("file_too_large", {"size": _megabytes(size), "most": _megabytes(largest)})
    kind = kind_of(head)
    if kind != PACKAGE:
        raise FileRefused(kind)


def kind_of(head: bytes) -> str:
    """What a file is: a package, or the code of the sentence that says why it is none."""
    if head.startswith(_ZIP):
        return PACKAGE
    if not head:
        return "file_empty"
    if head.startswith(_OLE):
        return _kind_of_ole(head)
    if head.startswith(b"version https://git-lfs"):
        return "file_is_pointer"
    if head.startswith(b"%PDF"):
        return "file_is_pdf"
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_MARKUP):
        return "file_is_markup"
    return "file_is_text" if _looks_like_text(head[:4096]) else "file_not_excel"


def _kind_of_ole(head: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in head:
        return "file_encrypted"
    if "Workbook".encode("utf-16-le") in head:
        return "file_old_format"
    return "file_old_or_encrypted"


def _looks_like_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            # The head may end in the middle of a letter.
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return all(char.isprintable() or char in "\t\r\n" for char in text)
    return False


def _megabytes(size: int) -> str:
    return f"{size / 1_048_576:.1f}"
