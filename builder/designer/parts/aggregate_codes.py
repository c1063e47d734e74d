"""Codes for the new groups and figures of a sheet; their cells follow them."""

from collections.abc import Mapping
from typing import Any, Final

from builder.workbook.codes import field_code
from runtime.definitions.label import read_label

PARTS: Final = ("dimensions", "measures")
# What the sheet calls a row that has no code yet; no code looks like it.
NEW: Final = "+"


def with_codes(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sheet with a code for each new row, by the sound of its name."""
    rows = [each for part in PARTS for each in _mappings(sheet.get(part))]
    taken = {str(each.get("code")) for each in rows if not _is_new(each)}
    named: dict[str, str] = {}
    for each in rows:
        if _is_new(each):
            code = field_code(read_label(each.get("label") or "field", "field").zh, taken)
            taken.add(code)
            named[str(each.get("code"))] = code
    made = dict(sheet)
    for part in PARTS:
        made[part] = [_renamed(each, named) for each in _mappings(sheet.get(part))]
    made["sources"] = [_cells_renamed(each, named) for each in _mappings(sheet.get("sources"))]
    return made


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _is_new(row: Mapping[str, Any]) -> bool:
    return str(row.get("code", "")).startswith(NEW)


def _renamed(row: Mapping[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    return {**row, "code": named.get(str(row.get("code")), row.get("code"))}


def _cells_renamed(source: Mapping[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    made = dict(source)
    for part in PARTS:
        cells = source.get(part)
        if isinstance(cells, dict):
            made[part] = {named.get(code, code): cell for code, cell in cells.items()}
    return made
