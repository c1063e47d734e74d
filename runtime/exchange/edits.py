"""What a person changes in the preview of a workbook, edit by edit: said, taken back, said again.

An edit is a small JSON object; `do` says what it is about. All of them together, in their order,
are the corrections the reader works by and what becomes of tables and columns.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from runtime.exchange.cells import MAX_ROW
from runtime.exchange.corrected import region_of
from runtime.infra.errors import BadRequest

Json = dict[str, Any]
MOST: Final = 500
_LETTERS: Final = re.compile(r"[A-Z]{1,3}", re.ASCII)
_LONGEST_SIGN: Final = 10
_LONGEST_FORMULA: Final = 2_000
_MOST_HEADERS: Final = 5
_PLAN: Final = ("label", "taken", "with_lines")


def added(choices: Mapping[str, Any], edit: Json) -> Json:
    """Return the choices with an edit more; what had been taken back is gone for good."""
    edits = [*choices.get("edits", ()), edit]
    if len(edits) > MOST:
        raise BadRequest("import_too_many_edits", {"most": MOST})
    return folded({**choices, "edits": edits, "taken_back": []})


def taken_back(choices: Mapping[str, Any]) -> Json:
    """Return the choices without the last edit, which may be said again."""
    edits, back = list(choices.get("edits", ())), list(choices.get("taken_back", ()))
    if not edits:
        return dict(choices)
    return folded({**choices, "edits": edits[:-1], "taken_back": [*back, edits[-1]]})


def said_again(choices: Mapping[str, Any]) -> Json:
    """Return the choices with the edit that was taken back last."""
    edits, back = list(choices.get("edits", ())), list(choices.get("taken_back", ()))
    if not back:
        return dict(choices)
    return folded({**choices, "edits": [*edits, back[-1]], "taken_back": back[:-1]})


def folded(choices: Json) -> Json:
    """Return the choices with what their edits come to: corrections, plans, groups."""
    corrections: Json = {"tables": {}, "added": {}}
    plans: dict[str, Json] = {}
    groups: dict[str, Json] = {}
    for edit in _each(choices["edits"]):
        match edit["do"]:
            case "add":
                corrections["added"].setdefault(edit["sheet"], []).append(edit["region"])
            case "plan":
                _plan(plans, edit["tables"])
            case "group":
                groups[edit["table"]] = {"on": edit["on"]}
            case _:
                _correct(corrections["tables"].setdefault(edit["table"], {}), edit)
                if edit["do"] in {"formula", "relation"}:
                    # What kind of field it is follows from what was just said of it.
                    columns = plans.get(edit["table"], {}).get("columns", {})
                    columns.get(edit["col"], {}).pop("kind", None)
    return {**choices, "corrections": corrections, "plans": plans, "groups": groups}


def _each(edits: Sequence[Json]) -> Iterator[Json]:
    """The edits one by one; one that is about several tables is said once and taken back once."""
    for edit in edits:
        if edit["do"] == "all":
            yield from _each(edit["edits"])
        else:
            yield edit


def _correct(table: Json, edit: Json) -> None:
    match edit["do"]:
        case "region":
            table["region"] = edit["region"]
            if "header" in edit:
                table["header"] = edit["header"]
        case "header":
            table.pop("header", None)
            table["header_row"] = edit["row"]
        case "split" | "join" | "fill":
            _reshape(table, edit)
        case "formula":
            table.setdefault("formulas", {})[edit["col"]] = edit["text"]
        case "relation":
            table.setdefault("relations", {})[edit["col"]] = edit["to"]


def _reshape(table: Json, edit: Json) -> None:
    match edit["do"]:
        case "split":
            table.setdefault("splits", []).append({"col": edit["col"], "by": edit["by"]})
        case "join":
            table.setdefault("joins", []).append({"cols": edit["cols"], "by": edit["by"]})
        case _:
            fills = table.setdefault("fills", [])
            fills += [] if edit["col"] in fills else [edit["col"]]


def _plan(plans: dict[str, Json], told: Mapping[str, Json]) -> None:
    for key, one in told.items():
        kept = plans.setdefault(key, {"columns": {}})
        kept |= {name: one[name] for name in _PLAN if name in one}
        for col, column in one.get("columns", {}).items():
            kept["columns"].setdefault(col, {}).update(column)


# -- edits out of what a form says


def region_edit(table: str, told: Mapping[str, str]) -> Json:
    """The region of a table, and the rows of its header; BadRequest for what is none."""
    region = _region(told)
    edit: Json = {"do": "region", "table": table, "region": region}
    first, last = told.get("header_first", ""), told.get("header_last", "")
    if first:
        begin, end = _row(first), _row(last or first)
        if not 0 <= end - begin < _MOST_HEADERS:
            raise BadRequest("import_bad_header")
        edit["header"] = list(range(begin, end + 1)) if begin else []
    return edit


def header_edit(table: str, row: str) -> Json:
    """The row with the names, the levels above and below it found by themselves; 0: none."""
    return {"do": "header", "table": table, "row": _row(row)}


def add_edit(sheet: str, told: Mapping[str, str]) -> Json:
    """A region that is a table of its own."""
    return {"do": "add", "sheet": sheet, "region": _region(told)}


def split_edit(table: str, col: str, by: str) -> Json:
    """A column cut at a sign."""
    return {"do": "split", "table": table, "col": letters(col), "by": _sign(by)}


def join_edit(table: str, cols: Sequence[str], by: str) -> Json:
    """Columns put together; at least two."""
    own = list(dict.fromkeys(letters(col) for col in cols))
    if len(own) < 2:
        raise BadRequest("import_join_needs_two")
    sign = by if not by.strip() else _sign(by)
    return {"do": "join", "table": table, "cols": own, "by": sign[:_LONGEST_SIGN]}


def fill_edit(table: str, col: str) -> Json:
    """A column whose blank cells mean what stands above them."""
    return {"do": "fill", "table": table, "col": letters(col)}


def formula_edit(table: str, col: str, text: str) -> Json:
    """A formula for every row of a column, with names of columns in braces."""
    said = text.strip()
    if not said or len(said) > _LONGEST_FORMULA:
        raise BadRequest("import_bad_formula")
    told = said if said.startswith("=") else f"={said}"
    return {"do": "formula", "table": table, "col": letters(col), "text": told}


def relation_edit(table: str, col: str, to: tuple[str, str] | None) -> Json:
    """What a column points to; None for nothing."""
    end = None if to is None else [to[0], letters(to[1])]
    return {"do": "relation", "table": table, "col": letters(col), "to": end}


def letters(col: str) -> str:
    """The letters of a column; BadRequest for what is none."""
    if _LETTERS.fullmatch(col) is None:
        raise BadRequest("import_no_table")
    return col


def _region(told: Mapping[str, str]) -> str:
    bottom = told.get("bottom", "").strip()
    corners = [told.get(name, "").strip().upper() for name in ("left", "top", "right")]
    region = "{}{}:{}".format(*corners) + bottom
    if region_of(region) is None:
        raise BadRequest("import_bad_region")
    return region


def _row(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:9]) > MAX_ROW:
        raise BadRequest("import_bad_header")
    return int(text)


def _sign(by: str) -> str:
    """A sign to cut at: blanks mean any white space."""
    if not by or len(by) > _LONGEST_SIGN:
        raise BadRequest("import_bad_sign")
    return by if by.isspace() else by.strip()
