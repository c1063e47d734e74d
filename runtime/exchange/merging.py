"""Look-alike sheets, one per month or per brand, seen as one table with a column more.

What is true of all of them is true of the table: a formula only where every sheet has it, a kind
of value that all their values are.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

from runtime.exchange.cells import LAST_LETTERS, column_letters
from runtime.exchange.formulas.shapes import walk

Json = dict[str, Any]
# Where the column stands that tells the sheets apart: behind everything else.
APART: Final = column_letters(LAST_LETTERS)
_WIDER: Final = {
    frozenset({"integer", "decimal"}): "decimal",
    frozenset({"integer", "money"}): "money",
    frozenset({"decimal", "money"}): "money",
    frozenset({"date", "datetime"}): "datetime",
}
_MOST_OPTIONS: Final = 50
_SUMS: Final = ("filled", "formula_cells", "bad_cells", "line_breaks", "proved", "of", "fills")
_LARGEST: Final = ("places", "longest", "distinct")
_COMPUTES: Final = ("formula", "conversion", "proved", "of", "fills", "result_type", "offer")
_POINTS: Final = ("to", "to_table", "to_col", "matched", "matched_of", "value_type")


def merged(inspection: Mapping[str, Any], told: Mapping[str, Any] | None = None) -> Json:
    """Return the inspection with one table for every group; `told` says which not to merge.

    Such a table has `members`: the sheets, what its column says for each, and where its columns
    stand there. A group that is left apart is told in `apart`.
    """
    by_key = {str(table.get("key", table["sheet"])): table for table in inspection["tables"]}
    made: dict[str, Json] = {}
    gone: set[str] = set()
    apart: list[Json] = []
    for group in inspection.get("groups", ()):
        first, said = group["tables"][0], (told or {}).get(group["tables"][0], {})
        if not said.get("on", may_merge(inspection, group["tables"])):
            apart.append(dict(group))
            continue
        made[first] = _one([by_key[key] for key in group["tables"]], group)
        gone.update(group["tables"][1:])
    tables = [made.get(key, table) for key, table in by_key.items() if key not in gone]
    return {**inspection, "tables": tables, "apart": apart}


def may_merge(inspection: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether nothing reads one of the sheets alone: a sum over January is not one over all."""
    own = set(keys)
    for table in inspection["tables"]:
        for column in table["columns"]:
            if column.get("to_table") in own or _reads(column) & own:
                return False
    return True


def _reads(column: Mapping[str, Any]) -> set[str]:
    tree = (column.get("conversion") or {}).get("tree")
    if not tree:
        return set()
    nodes = [node for node in walk(tree) if node[0] in {"col", "look"}]
    return {str(node[1] if node[0] == "col" else node[2]) for node in nodes}


def _one(tables: Sequence[Json], group: Mapping[str, Any]) -> Json:
    first = tables[0]
    places = [{str(c["name"]): str(c["col"]) for c in table["columns"]} for table in tables]
    columns = [
        reduce(_wider, (_column(table, str(column["name"]), places[0]) for table in tables))
        for column in first["columns"]
        if all(str(column["name"]) in known for known in places)
    ]
    members = [
        {
            "key": table["key"],
            "value": value,
            "label": table["label"],
            "rows": table["n_rows"],
            "cols": {col: known[name] for name, col in places[0].items() if name in known},
        }
        for table, known, value in zip(tables, places, group["values"], strict=True)
    ]
    told = {
        **first,
        "columns": [_telling(str(group["column"]), group["values"], tables), *columns],
        "n_rows": sum(table["n_rows"] for table in tables),
        "members": members,
    }
    if not all(table.get("lines") for table in tables):
        told.pop("lines", None)
    return told


def _telling(name: str, values: Sequence[str], tables: Sequence[Json]) -> Json:
    """The column that says which sheet a record comes from."""
    rows = sum(table["n_rows"] for table in tables)
    return {
        "col": APART,
        "name": name,
        "type": "select",
        "options": list(values),
        "confidence": "0.95",
        "why": "",
        "filled": rows,
        "distinct": len(values),
        "samples": list(values[:3]),
        "apart": True,
    }


def _column(table: Json, name: str, places: Mapping[str, str]) -> Json:
    """A column of a sheet, its formula with the letters of the first sheet."""
    column = next(one for one in table["columns"] if str(one["name"]) == name)
    letters = {str(one["col"]): places.get(str(one["name"]), "") for one in table["columns"]}
    conversion = column.get("conversion")
    told = {key: value for key, value in column.items() if key != "unique"}
    if conversion:
        tree = _renamed(conversion["tree"], letters)
        told["conversion"] = {**conversion, "tree": tree}
    return {**told, "col": places[name]}


def _renamed(tree: Any, letters: Mapping[str, str]) -> Any:
    if isinstance(tree, list | tuple):
        if tree and tree[0] == "own":
            return ["own", letters.get(str(tree[1]), "")]
        return [_renamed(part, letters) for part in tree]
    return tree


def _wider(one: Json, other: Json) -> Json:
    """What both columns are."""
    if not other["filled"] and not other.get("conversion"):
        return {**one, "distinct": max(one["distinct"], other["distinct"])}
    if not one["filled"] and not one.get("conversion"):
        return other
    told = {**one, **_counted(one, other)}
    if not _computes_alike(one, other):
        _forget(told, _COMPUTES)
    if (one.get("to_table"), one.get("to_col")) != (other.get("to_table"), other.get("to_col")):
        _forget(told, _POINTS)
    told["type"] = _type_of(told, one, other)
    told["against"] = [*one.get("against", ()), *other.get("against", ())][:3]
    listed = dict.fromkeys([*_listed(one), *_listed(other)])
    told["options" if told["type"] == "select" else "values"] = list(listed)[:_MOST_OPTIONS]
    return told


def _counted(one: Json, other: Json) -> Json:
    told: Json = {}
    for names, both in ((_SUMS, sum), (_LARGEST, max)):
        for name in names:
            if name in one or name in other:
                told[name] = both((int(one.get(name, 0)), int(other.get(name, 0))))
    return told


def _computes_alike(one: Json, other: Json) -> bool:
    trees = [(each.get("conversion") or {}).get("tree") for each in (one, other)]
    both = one["type"] == other["type"] == "formula" and trees[0] == trees[1]
    return bool(both) and trees[0] is not None


def _forget(told: Json, names: Sequence[str]) -> None:
    for name in names:
        told.pop(name, None)


def _type_of(told: Json, one: Json, other: Json) -> str:
    if told.get("conversion") and told.get("formula"):
        return "formula"
    if told.get("to_table") and one["type"] == other["type"] == "reference":
        return "reference"
    kinds = frozenset({_value_type(one), _value_type(other)})
    if len(kinds) == 1:
        kind = next(iter(kinds))
        several = len({*_listed(one), *_listed(other)}) > _MOST_OPTIONS
        return "text" if kind == "select" and several else kind
    return _WIDER.get(kinds, "text")


def _value_type(column: Json) -> str:
    found = str(column["type"])
    if found == "formula":
        return str(column.get("result_type", "text"))
    return str(column.get("value_type", "text")) if found == "reference" else found


def _listed(column: Json) -> Sequence[str]:
    return column.get("options") or column.get("values") or ()
