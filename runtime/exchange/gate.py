"""The gate: a file is judged on its raw package before any reader opens a sheet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runtime.exchange import markup, relationships
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.relationships import Relationship

CONTENT_TYPES: Final = "[Content_Types].xml"
_MOST_NAMES: Final = 1_000
_MARKUP: Final = (".xml", ".rels", ".vml")
_MACROS: Final = ("vbaproject.bin", "vbadata.xml")


@dataclass(frozen=True)
class SheetPart:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    state: str


@dataclass(frozen=True)
class Admitted:
    """What the gate learnt about a workbook it let in."""

    sheets: tuple[SheetPart, ...]
    workbook: str
    styles: str | None
    shared_strings: str | None
    epoch_1904: bool
    has_external_links: bool
    names: Mapping[str, str]


class _ContentTypes(markup.Elements):
    def __init__(self) -> None:
        self.types: list[str] = []
        self.starts = {"Override": self._type, "Default": self._type}

    def _type(self, attributes: markup.Attributes) -> None:
        self.types.append(attributes.get("ContentType", "").lower())


class _Workbook(markup.Elements):
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._defined = ""
        self.sheets: list[tuple[str, str, str]] = []
        self.names: dict[str, str] = {}
        self.epoch_1904 = False
        self.external = False

        self.starts = {
            "sheet": self._sheet,
            "workbookPr": self._properties,
            "definedName": self._start_name,
            "externalReference": self._external,
        }
        self.ends = {"definedName": self._end_name}

    def _sheet(self, attributes: markup.Attributes) -> None:
        key = next((value for key, value in attributes.items() if key.endswith(" id")), "")
        state = attributes.get("state", "visible")
        self.sheets.append((attributes.get("name", ""), key, state))
        if len(self.sheets) > self._limits.sheets:
            raise FileRefused("file_too_many_sheets", {"most": self._limits.sheets})

    def _properties(self, attributes: markup.Attributes) -> None:
        self.epoch_1904 = attributes.get("date1904", "0") in {"1", "true"}

    def _external(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self.external = True

    def _start_name(self, attributes: markup.Attributes) -> None:
        if len(self.names) < _MOST_NAMES:
            self._defined = attributes.get("name", "")[:255]

    def _end_name(self) -> None:
        self._defined = ""

    def text(self, chars: str) -> None:
        if self._defined:
            self.names[self._defined] = (self.names.get(self._defined, "") + chars)[:1024]


def admit(package: Package, limits: Limits, *, with_macros: bool = False) -> Admitted:
    """Judge the whole package and say where its sheets are."""
    if not with_macros:
        _refuse_macros(package)
    _refuse_foreign(package)
    for name in package.parts:
        if name.lower().endswith(_MARKUP):
            markup.refuse_document_type(package.chunks(name))
    _refuse_by_content_type(package, limits, with_macros=with_macros)
    workbook = _workbook_part(package, limits)
    reader = _Workbook(limits)
    markup.read(package.chunks(workbook), reader, limits, workbook)
    links = relationships.of_part(package, workbook, limits)
    sheets = tuple(_sheets(reader, links, package))
    if not sheets:
        raise FileUnreadable("workbook_without_sheets")
    return Admitted(
        sheets=sheets,
        workbook=workbook,
        styles=_only(links, "styles", package),
        shared_strings=_only(links, "sharedStrings", package),
        epoch_1904=reader.epoch_1904,
        has_external_links=reader.external,
        names=reader.names,
    )


def _refuse_macros(package: Package) -> None:
    if any(name.lower().endswith(_MACROS) for name in package.parts):
        raise FileRefused("file_macros")


def _refuse_foreign(package: Package) -> None:
    names = {name.lower() for name in package.parts}
    if CONTENT_TYPES.lower() not in names:
        raise FileRefused("file_other_office" if "mimetype" in names else "file_no_content_types")


def _refuse_by_content_type(package: Package, limits: Limits, *, with_macros: bool) -> None:
    name = next(name for name in package.parts if name.lower() == CONTENT_TYPES.lower())
    reader = _ContentTypes()
    markup.read(package.chunks(name), reader, limits, name)
    if not with_macros and any(
        "macroenabled" in kind or "vbaproject" in kind for kind in reader.types
    ):
        raise FileRefused("file_macros")
    if any("sheet.binary" in kind for kind in reader.types):
        raise FileRefused("file_binary_workbook")
    if any("wordprocessingml" in kind and "main" in kind for kind in reader.types):
        raise FileRefused("file_other_office")


def _workbook_part(package: Package, limits: Limits) -> str:
    for link in relationships.of_part(package, "", limits).values():
        if link.kind == "officeDocument":
            if link.target not in package.parts:
                raise FileUnreadable("workbook_part_missing", {"part": link.target[:80]})
            return link.target
    raise FileRefused("file_no_workbook")


def _sheets(
    workbook: _Workbook, links: Mapping[str, Relationship], package: Package
) -> list[SheetPart]:
    found = []
    for name, key, state in workbook.sheets:
        link = links.get(key)
        if link is None or link.kind not in {"worksheet", "chartsheet", "dialogsheet"}:
            raise FileUnreadable("sheet_part_missing", {"sheet": name[:80]})
        if link.kind != "worksheet":
            continue
        part = _existing(link.target, package)
        if part is None:
            raise FileUnreadable("sheet_part_missing", {"sheet": name[:80]})
        found.append(SheetPart(name, part, state))
    return found


def _existing(target: str, package: Package) -> str | None:
    if target in package.parts:
        return target
    # Part names are compared without case.
    return next((name for name in package.parts if name.lower() == target.lower()), None)


def _only(links: Mapping[str, Relationship], kind: str, package: Package) -> str | None:
    for link in links.values():
        if link.kind == kind:
            return _existing(link.target, package)
    return None
