"""A field that is named after it was added gets the code of its name, while nothing else has it.

The library adds "Single-line text"; its author calls it "Contract number" a moment later. What is
called by its first code in JSON, in workbooks and in SQL for good should be called after that.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from builder.drafts import Draft
from builder.drafts.naming import free_code
from builder.workbook.codes import FIELD_CHARS, LINES_CHARS, field_code
from runtime.definitions.label import read_label

Json = Mapping[str, Any]


def with_codes(draft: Draft, ops: Sequence[Any]) -> list[Any]:
    """Return the operations, each new name followed by the code that goes with it."""
    return [each for op in ops for each in (op, *_recoded(draft, op))]


def with_view_codes(ops: Sequence[Any]) -> list[Any]:
    """Return the operations with a code for each view that has none yet, by its name."""
    return [_coded(op) if _sets_views(op) else op for op in ops]


def _sets_views(op: Any) -> bool:
    if not isinstance(op, Mapping) or (op.get("op"), op.get("name")) != ("set_form", "views"):
        return False
    value = op.get("value")
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _coded(op: Json) -> dict[str, Any]:
    taken = {str(each.get("code", "")) for each in op["value"]}
    views: list[Json] = []
    for each in op["value"]:
        code = each.get("code") or free_code(each.get("label") or "view", taken, "view")
        taken.add(code)
        views.append({**each, "code": code})
    return {**op, "value": views}


def _recoded(draft: Draft, op: Any) -> Iterator[Json]:
    if not isinstance(op, Mapping) or (op.get("op"), op.get("name")) != ("set", "label"):
        return
    fields = _fields(draft, op)
    field = next((each for each in fields if each["code"] == op.get("field")), None)
    if field is None or not _is_of_its_name(field):
        return
    taken = {each["code"] for each in fields} - {field["code"]}
    most = LINES_CHARS if field["kind"] == "lines" else FIELD_CHARS
    code = field_code(_zh(op.get("value")), taken, _usual(draft), most=most)
    if code != field["code"]:
        place = {name: op[name] for name in ("form", "lines", "field") if name in op}
        yield {"op": "recode", **place, "code": code, "if_free": True}


def _fields(draft: Draft, op: Json) -> Sequence[Json]:
    form = draft.form(str(op.get("form", ""))) or {}
    fields: Sequence[Json] = form.get("fields", ())
    if op.get("lines") is None:
        return fields
    table = next((each for each in fields if each["code"] == op["lines"]), {})
    columns: Sequence[Json] = table.get("options", {}).get("fields", ())
    return columns


def _is_of_its_name(field: Json) -> bool:
    """Whether the code is what the product made of the present name: nobody chose it."""
    own = field_code(_zh(field.get("label")), ())
    return re.fullmatch(rf"{re.escape(own)}(_\d+)?", str(field["code"])) is not None


def _usual(draft: Draft) -> dict[str, str]:
    known: dict[str, str] = {}
    for form in draft.source["forms"]:
        for field in form["fields"]:
            known.setdefault(_zh(field.get("label")), field["code"])
    return known


def _zh(label: Any) -> str:
    return read_label(label).zh if isinstance(label, (str, Mapping)) else ""
