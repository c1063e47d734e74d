"""A column with a proved formula -> the field that computes it: lookup, roll-up or formula."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from builder.workbook.naming import CannotSay, Column, Made, Sheets, said
from runtime.exchange.formulas.shapes import lookup_of, rollup_of

Json = dict[str, Any]
RESULTS: Final[Mapping[str, str]] = {
    "integer": "number",
    "decimal": "number",
    "money": "money",
    "percent": "percent",
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
}
_NUMBERS: Final = frozenset({"number", "money", "percent"})
_TESTS: Final = frozenset({"=", "<>", "<", ">", "<=", ">="})
_LEAST_PLACES: Final = {"money": 2, "percent": 4}
MOST_PLACES: Final = 6


def tree_of(column: Mapping[str, Any]) -> Sequence[Any] | None:
    """Return the formula of a column: every row was proved equal, or a person takes it anyway."""
    if not column.get("formula") and not column.get("offer"):
        return None
    conversion = column.get("conversion")
    return conversion["tree"] if conversion else None


def define(column: Mapping[str, Any], sheets: Sheets, at: Column, made: Made) -> None:
    """Make the field of a column compute what its formula does. Raises CannotSay."""
    tree = tree_of(column)
    if tree is None:
        raise CannotSay
    field = _lookup(tree, sheets, at[0], made) or _rollup(tree, sheets, at, made, column)
    if field is None:
        text = said(tree, sheets, at[0], made.lines)
        result = result_of(column) if _says(tree, column) else {"result": "text"}
        field = {"kind": "formula", "options": {"formula": text, **result}}
    made.field.update(field)


def _says(tree: Sequence[Any], column: Mapping[str, Any]) -> bool:
    """Whether a formula gives what its values look like: 是 and 否 may as well be words."""
    if RESULTS.get(str(column.get("result_type"))) != "boolean":
        return True
    is_test = tree[0] == "op" and tree[1] in _TESTS
    return is_test or tree[0] == "b" or (tree[0] == "call" and tree[1] in {"AND", "OR", "NOT"})


def _as_exact(value: Made, result: Json) -> Json:
    """A sum keeps as many places as what is summed."""
    if value.field["kind"] == "quantity" and result["result"] == "number":
        return {"result": "quantity"}
    places = value.field.get("options", {}).get("places")
    if places is None or "places" not in result:
        return {}
    return {"places": max(int(places), int(result["places"]))}


def result_of(column: Mapping[str, Any]) -> Json:
    """The kind of the result, and how many places it keeps."""
    kind = RESULTS.get(str(column.get("result_type", "text")), "text")
    if kind not in _NUMBERS:
        return {"result": kind}
    places = min(int(column.get("places", 0)), MOST_PLACES)
    return {"result": kind, "places": max(places, _LEAST_PLACES.get(kind, 0))}


def _lookup(tree: Sequence[Any], sheets: Sheets, table: str, made: Made) -> Json | None:
    """A value of the record a reference of the same row points to."""
    found = lookup_of(tree)
    if found is None:
        return None
    key = sheets.made.get((table, found.key_col))
    if key is None or key.to != (found.table, found.match_col) or key.lines != made.lines:
        return None
    value = sheets.of(found.table, found.value_col)
    if value.lines or value.to is not None:
        return None
    return {"kind": "lookup", "options": {"reference": key.code, "field": value.code, "live": True}}


def _rollup(
    tree: Sequence[Any], sheets: Sheets, at: Column, made: Made, column: Mapping[str, Any]
) -> Json | None:
    """A figure over the records that refer to this one."""
    found = rollup_of(tree)
    if found is None or len(found.pairs) != 1 or made.lines:
        return None
    (far, own), *_ = found.pairs
    if own[0] != "own":
        return None
    pointing = sheets.made.get((found.table, far))
    if pointing is None or pointing.to != (at[0], str(own[1])):
        return None
    result = result_of(column)
    if result["result"] not in {*_NUMBERS, "date", "datetime"}:
        return None
    options: Json = {
        "form": sheets.forms[found.table],
        "reference": pointing.path,
        "measure": found.function,
        **result,
    }
    if found.value_col is not None:
        value = sheets.of(found.table, found.value_col)
        options |= {"field": value.path, **_as_exact(value, result)}
        if options["result"] == "quantity":
            options.pop("places", None)
    return {"kind": "rollup", "options": options}
