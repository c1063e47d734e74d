"""Pictures of a workbook on their way into fields: through the door every upload goes through."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from runtime.compile import Form
from runtime.documents import kept_files
from runtime.exchange import cells
from runtime.exchange.evidence import BLANK_WORDS
from runtime.exchange.spool import Taken
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import AppError
from runtime.infra.settings import Settings
from runtime.kinds.field_type import Unreadable

Json = dict[str, Any]
Values = dict[str, Any]
# Writes the pictures of a workbook into a folder and says what became of each.
Extract = Callable[[Path], Mapping[str, Json]]
_LOST: Final = "import_picture_missing"


@dataclass(frozen=True)
class Remark:
    """Why a picture is left out, while its record goes in."""

    row: int
    cell: str
    code: str
    params: Mapping[str, Any]

    @property
    def told(self) -> Json:
        """As problems of rows are written down."""
        shown = {key: str(value)[:200] for key, value in self.params.items()}
        return {"cell": self.cell, "row": self.row, "code": self.code, "params": shown}


@dataclass(frozen=True)
class Held:
    """The pictures of one cell, not yet kept anywhere: a check stores nothing."""

    row: int
    cell: str
    found: tuple[tuple[Path, str], ...] = ()
    remarks: tuple[Remark, ...] = ()

    def is_kept(self, act: Act, present: Any) -> bool:
        """Whether a field holds these very pictures already."""
        ids = present if isinstance(present, list | tuple) else ()
        kept = {file.id: file.sha256 for file in files.several(act.connection, ids)}
        return [kept.get(key) for key in ids] == [digest for _, digest in self.found]


class Pictures:
    """The pictures of one workbook, in a folder that is gone when the import is over."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._known: dict[str, Json] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def read_out(self, extract: Extract) -> None:
        """Take the pictures out of the workbook."""
        assert self._settings is not None, "without settings there is no place for them"
        home = self._settings.home / "imports"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = tempfile.TemporaryDirectory(dir=home, prefix="pictures-")
        told = extract(Path(self._folder.name))
        self._known = {part: dict(became) for part, became in told.items()}

    def value_of(self, taken: Taken, row: int, cell: str) -> Held | Unreadable | None:
        """What a cell means to a field of pictures; words, or numbers, mean none."""
        if taken.kind != cells.PICTURE:
            text = taken.text.strip()
            return None if text.lower() in BLANK_WORDS else Unreadable(text[:60], "files_expected")
        held = Held(row, cell)
        for part in taken.text.split("\n"):
            found = self._looked_at(part)
            if isinstance(found, str):
                remark = Remark(row, cell, found, {})
                held = replace(held, remarks=(*held.remarks, remark))
            else:
                held = replace(held, found=(*held.found, found))
        return held

    def stored(self, act: Act, values: Mapping[str, Any]) -> tuple[Values, list[Remark]]:
        """Keep the pictures among the values of a record; ids stand for them from here on."""
        remarks: list[Remark] = []

        def kept(value: Any) -> Any:
            if isinstance(value, Held):
                return self._stored(act, value, remarks)
            if isinstance(value, list):
                return [self._line(line, kept) for line in value]
            return value

        return {code: kept(value) for code, value in values.items()}, remarks

    @staticmethod
    def _line(line: Any, kept: Callable[[Any], Any]) -> Any:
        if not isinstance(line, dict):
            return line
        return {code: kept(value) for code, value in line.items()}

    def _stored(self, act: Act, held: Held, remarks: list[Remark]) -> list[int] | None:
        assert self._settings is not None, "a picture was found in a workbook"
        ids = []
        for path, digest in held.found:
            name = f"{held.cell.rpartition('!')[2]}-{digest[:8]}{path.suffix}"
            try:
                with path.open("rb") as stream:
                    ids.append(files.store(act, self._settings, stream, name).id)
            except AppError as error:
                remarks.append(Remark(held.row, held.cell, error.code, error.params))
        return ids or None

    def _looked_at(self, part: str) -> tuple[Path, str] | str:
        """The file of a picture with its digest, or why it is none."""
        if part not in self._known:
            return _LOST
        known = self._known[part]
        if "file" in known and "digest" not in known:
            assert self._folder is not None, "its file is there"
            known |= _judged(Path(self._folder.name) / str(known["file"]))
        if "refused" in known:
            return str(known["refused"])
        return known["path"], str(known["digest"])


def _judged(path: Path) -> Json:
    """A picture's place and digest; what its bytes show says what it is, not its name."""
    with path.open("rb") as stream:
        media_type = files.sniff(stream.read(files.HEAD))
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if media_type not in files.PICTURE_TYPES:
        return {"refused": "import_not_picture"}
    named = path.rename(path.with_suffix("." + media_type.partition("/")[2]))
    return {"path": named, "digest": digest}


def all_held(values: Mapping[str, Any]) -> list[Held]:
    """Every cell of pictures among the values of a record and of its lines."""
    lines = [line for value in values.values() if isinstance(value, list) for line in value]
    rows = [values, *(line for line in lines if isinstance(line, Mapping))]
    return [value for row in rows for value in row.values() if isinstance(value, Held)]


def without_pictures(values: Mapping[str, Any]) -> Values:
    """What is handed on but for pictures: a check keeps none, so it cannot speak of them."""
    found: Values = {}
    for code, value in values.items():
        if isinstance(value, list):
            found[code] = [without_pictures(v) if isinstance(v, dict) else v for v in value]
        elif not isinstance(value, Held):
            found[code] = value
    return found


def dropped(act: Act, form: Form, values: Mapping[str, Any]) -> None:
    """Forget the pictures of a record that did not go in."""
    files.discard(act, kept_files.ids(form, values))
