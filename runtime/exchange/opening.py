"""The door for files: what a file is called and begins with says who reads it."""

from pathlib import Path
from typing import Final

from runtime.exchange.limits import LIMITS, Limits
from runtime.exchange.old_excel import read_old
from runtime.exchange.reader import Workbook, read_workbook
from runtime.exchange.refusals import FileRefused
from runtime.exchange.sniff import HEAD, kind_of
from runtime.exchange.texts import read_text
from runtime.exchange.web_tables import read_web

_TEXTS: Final = frozenset({".csv", ".tsv", ".txt", ".tab"})
_OLD: Final = frozenset({".xls", ".xlt", ".et", ".ett"})
_WITH_MACROS: Final = frozenset({".xlsm", ".xltm"})
_PAGES: Final = frozenset({".html", ".htm"})
# What the field of an upload lets one choose; the reader has the last word.
ACCEPTED: Final = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".tsv", ".txt")


def open_workbook(path: Path, name: str, limits: Limits = LIMITS) -> Workbook:
    """Read a file as what its name says, if its first bytes agree.

    A text or a web page that is called .xls is what many programs export. One that is called
    .xlsx is not opened, nor is a workbook with macros under the name of one without.
    """
    suffix = Path(name).suffix.lower()
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    if suffix in _TEXTS | _OLD and kind == "file_is_text":
        return read_text(path, name, limits)
    if suffix in _TEXTS and kind == "file_not_excel":
        # UTF-16 has zeros between its letters.
        return read_text(path, name, limits)
    if suffix in _OLD and kind in {"file_old_format", "file_old_or_encrypted"}:
        return read_old(path, limits)
    if kind == "file_is_markup" and suffix in _OLD | _PAGES:
        return read_web(path, name, limits)
    if kind == "file_is_markup" and suffix in _TEXTS:
        raise FileRefused(kind)
    return read_workbook(path, limits, with_macros=suffix in _WITH_MACROS)
