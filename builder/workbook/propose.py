"""An inspected table -> the definition of a form, or of fields a form lacks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from builder.workbook import codes
from runtime.exchange.adoption import NEW, SHORT_TEXT, ColumnChoice

Json = dict[str, Any]

_TITLE: Final = re.compile(r"名称|品名|姓名|标题|名$|\bname\b|title", re.IGNORECASE)
_IDENTITY: Final = re.compile(
    r"编码|编号|货号|条码|单号|代码|学号|工号|\bcode\b|\bid\b|\bsku\b", re.IGNORECASE
)
_REQUIRED: Final = re.compile(r"[（(]?\s*必填\s*[）)]?|[*＊]")
_MOST_TEXT: Final = 500
_MOST_PLACES: Final = 6
_MOST_HELP: Final = 200
_LIST_COLUMNS: Final = 12
_SEARCHED: Final = 5


def form_definition(label: str, code: str, fields: Sequence[Json]) -> Json:
    """Return a form of these fields: its title, its list, what is searched."""
    texts = [field for field in fields if field["kind"] in {"text", "document_number"}]
    title = _title(fields, texts)
    shown = [field["code"] for field in fields if field["kind"] != "long_text"]
    searched = [field["code"] for field in _searched(texts, title)]
    return {
        "code": code,
        "label": {"zh": label},
        "type": "record",
        "icon": "clipboard-list",
        "title": title,
        "list": _with_first(title, shown)[:_LIST_COLUMNS],
        "search": searched[:_SEARCHED],
        "fields": list(fields),
        "sections": [
            {
                "code": "basic",
                "label": {"zh": "基本信息", "en": "Basics"},
                "fields": [field["code"] for field in fields],
            }
        ],
    }


def call_after(form: Json, text: str, reference: str) -> None:
    """Call the records by the text of a reference; the list shows it once, the form not again."""
    form["title"] = text
    rest = [code for code in form["list"] if code not in {text, reference}]
    form["list"] = [text, *rest]
    for section in form["sections"]:
        section["fields"] = [code for code in section["fields"] if code != text]


def show_as(form: Json, reference: Json, text: Json) -> None:
    """Let the list show the text of a reference in its place, under its name."""
    text["label"] = reference["label"]
    others = [each for each in form["fields"] if each is not text]
    place = next(n for n, each in enumerate(others) if each is reference)
    form["fields"] = [*others[:place], text, *others[place:]]
    rest = [code for code in form["list"] if code != text["code"]]
    form["list"] = [text["code"] if code == reference["code"] else code for code in rest]


def new_fields(
    table: Mapping[str, Any],
    columns: Sequence[ColumnChoice],
    taken: Sequence[str],
    known: Mapping[str, str],
) -> dict[str, Json]:
    """Return definitions by column letters for the columns that become new fields."""
    inspected = {column["col"]: column for column in table["columns"]}
    used = set(taken)
    found: dict[str, Json] = {}
    for column in columns:
        if column.take != NEW or column.col not in inspected:
            continue
        field = field_definition(inspected[column.col], column, used, known)
        field |= uniqueness(inspected[column.col], field, int(table["n_rows"]))
        used.add(field["code"])
        found[column.col] = field
    return found


def field_definition(
    seen: Mapping[str, Any], column: ColumnChoice, taken: set[str], known: Mapping[str, str]
) -> Json:
    """Return one field: the name and kind a person settled on, options from what was seen."""
    label = _REQUIRED.sub("", column.name).strip() or column.name
    field: Json = {
        "code": codes.field_code(label, taken, known),
        "kind": column.kind,
        "label": {"zh": label[:200]},
    }
    options = {**_options(seen, column.kind), **_bounds(seen, column.kind)}
    if options:
        field["options"] = options
    if seen.get("help"):
        field["help"] = {"zh": str(seen["help"])[:_MOST_HELP]}
    if column.kind == "long_text":
        field["width"] = 12
    return field


def _options(seen: Mapping[str, Any], kind: str) -> Json:
    places = min(int(seen.get("places", 0)), _MOST_PLACES)
    if kind == "choice":
        return {"options": _choice_options(seen.get("options") or seen.get("values") or ())}
    if kind == "money":
        return {"places": max(places, 2)}
    if kind in {"number", "quantity"}:
        return {"places": places} if kind == "number" else {}
    if kind == "percent":
        return {"places": max(places, 4)}
    if kind == "text" and int(seen.get("longest", 0)) > SHORT_TEXT:
        return {"max_length": _MOST_TEXT}
    return {}


def _bounds(seen: Mapping[str, Any], kind: str) -> Json:
    """What the workbook demands of a number, where every record keeps it."""
    limits = seen.get("limits")
    if not limits or limits["against"] or kind not in {"number", "quantity", "money", "percent"}:
        return {}
    told: Json = {}
    if limits["least"] is not None:
        told["min"] = limits["least"]
        if limits["exclusive"]:
            told["min_exclusive"] = True
    if limits["most"] is not None:
        told["max"] = limits["most"]
    return told


def _choice_options(texts: Sequence[str]) -> list[Json]:
    options: list[Json] = []
    taken: set[str] = set()
    for text in texts:
        label = " ".join(text.split())[:80]
        code = codes.option_code(label, taken)
        taken.add(code)
        options.append({"code": code} if code == label else {"code": code, "label": label})
    return options or [{"code": "-"}]


def uniqueness(seen: Mapping[str, Any], field: Json, rows: int) -> Json:
    """A code that stands in every row, never twice, is the key of the table."""
    complete = rows > 0 and seen.get("filled") == rows
    marked = _REQUIRED.search(str(seen["name"])) is not None
    if not complete or field["kind"] != "text":
        return {}
    if _IDENTITY.search(str(seen["name"])) and seen.get("distinct") == rows:
        return {"required": True, "unique": True}
    return {"required": True} if marked or _TITLE.search(str(seen["name"])) else {}


def _title(fields: Sequence[Json], texts: Sequence[Json]) -> str:
    for field in texts:
        if _TITLE.search(str(field["label"]["zh"])):
            return str(field["code"])
    return str((texts or fields)[0]["code"])


def _searched(texts: Sequence[Json], title: str) -> list[Json]:
    # The key first: a code is worth more than a name when somebody pastes it.
    keys = [field for field in texts if field.get("unique")]
    named = [field for field in texts if field["code"] == title and field not in keys]
    rest = [field for field in texts if field not in keys and field not in named]
    return [*keys, *named, *rest]


def _with_first(first: str, codes_shown: Sequence[str]) -> list[str]:
    return [first, *(code for code in codes_shown if code != first)] if first else [*codes_shown]
