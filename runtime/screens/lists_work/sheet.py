"""表格编辑: a list as a sheet. What is typed waits on the page; one save writes all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, jsonify, request

from runtime import access, query
from runtime.compile import Field, Form
from runtime.documents.batch import store, undo
from runtime.documents.batch.deeds import plain
from runtime.documents.batch.store import Batch, Own
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.columns import is_key
from runtime.infra.errors import BadRequest
from runtime.kinds.decimal_field import DecimalField
from runtime.kinds.families import KEYED
from runtime.kinds.field_type import Unreadable
from runtime.query.called import names_of, written
from runtime.query.page import Page
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.i18n import label, locale, said_here
from runtime.screens.lists_work.asked import batch_address, list_address, state_asked
from runtime.screens.lists_work.batches import finish
from runtime.screens.lists_work.boxes import editable_fields, sentence
from runtime.screens.lookups import names_meant
from runtime.screens.render import render
from runtime.screens.routes import permission

MOST_ROWS: Final = 500
MOST_CELLS: Final = 200
LONGEST: Final = 10_000
BODY: Final = 2_000_000
# As many rows as a sheet shows at once.
SIZE: Final = 200


@dataclass(frozen=True)
class Column:
    """A column of the sheet."""

    code: str
    label: str
    is_open: bool
    is_right: bool


@permission("update")
def show_sheet(app_code: str, form_code: str) -> Response:
    """Show the first rows of the list as a sheet."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        state = state_asked(form)
        open_codes = {item.code for item in editable_fields(act, form, in_cell=True)}
        page = query.page(act, form, _first(state.request()))
        columns = tuple(
            Column(f.code, label(f.label), f.code in open_codes, isinstance(f.stored, DecimalField))
            for f in page.columns
        )
        return render(
            "lists_work/sheet.html",
            form=form,
            columns=columns,
            rows=_rows(act, page),
            is_cut=bool(page.next),
            list_url=state.href,
            list_label=label(form.label),
        )


def _first(asked: query.PageRequest) -> query.PageRequest:
    return query.PageRequest(
        columns=asked.columns,
        filters=asked.filters,
        where=asked.where,
        sort=asked.sort,
        search=asked.search,
        size=SIZE,
    )


def _rows(act: Act, page: Page) -> list[dict[str, Any]]:
    names = names_of(act.connection, page.columns, [row.values for row in page.rows])
    found = []
    for row in page.rows:
        is_open = not page.form.is_document or row.status in {"draft", "rejected"}
        texts = [_text(f, row.values[f.code], row.titles.get(f.code), names) for f in page.columns]
        found.append({"id": row.id, "version": row.version, "is_open": is_open, "texts": texts})
    return found


def _text(field: Field, value: Any, title: str | None, names: Mapping[str, Any]) -> str:
    """What stands in a cell, the way it may be typed back."""
    if field.code in names:
        return written(value, names[field.code])
    return field.format(value, locale()) if title is None else title


@permission("update", body=BODY)
def save_sheet(app_code: str, form_code: str) -> Response:
    """Save every row that was changed, each by itself; the answer says what became of each."""
    sent = _sent()
    with reading() as act:
        form = form_of(act, app_code, form_code)
        read = _read(act, form, sent)
    problems = {key: found for key, (_values, found) in read.items() if found}
    owns = [
        Own(row["id"], plain(values), row["version"])
        for row in sent
        for values, found in (read[row["id"]],)
        if not found
    ]
    if not owns:
        return jsonify({"rows": {str(key): {"problems": found} for key, found in problems.items()}})

    def work(act: Act) -> Batch:
        return store.begin_own(act, form_of(act, app_code, form_code), owns)

    batch = carry_out(work)
    finish(batch, lambda act: form_of(act, app_code, form_code))
    with reading() as act:
        return jsonify(_answer(act, form_of(act, app_code, form_code), batch, problems))


def _sent() -> list[dict[str, Any]]:
    source = strict_json.loads(request.get_data(), max_bytes=BODY, max_depth=6)
    rows = source.get("rows") if isinstance(source, dict) else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        raise BadRequest("form_incomplete")
    for row in rows:
        fits = isinstance(row, dict) and is_key(row.get("id")) and is_key(row.get("version"))
        cells = row.get("cells") if fits else None
        if not isinstance(cells, dict) or not 0 < len(cells) <= MOST_CELLS:
            raise BadRequest("form_incomplete")
        if not all(isinstance(text, str) and len(text) <= LONGEST for text in cells.values()):
            raise BadRequest("form_incomplete")
    if len({row["id"] for row in rows}) < len(rows):
        raise BadRequest("form_incomplete")
    return rows


Read = dict[int, tuple[dict[str, Any], dict[str, str]]]


def _read(act: Act, form: Form, rows: Sequence[Mapping[str, Any]]) -> Read:
    """Turn texts into values: records and people by what they are called, one query a column."""
    fields = {item.code: item for item in editable_fields(act, form, in_cell=True)}
    meant = {
        code: _meant(act, form, item, [row["cells"][code] for row in rows if code in row["cells"]])
        for code, item in fields.items()
        if item.kind.kind in KEYED
    }
    found: Read = {}
    for row in rows:
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for code, text in row["cells"].items():
            value = _value(fields.get(code), text, meant.get(code, {}))
            if isinstance(value, Unreadable):
                problems[code] = said_here(value.code, {"text": value.text[:60], "name": code[:60]})
            else:
                values[code] = value
        found[row["id"]] = (values, problems)
    return found


def _meant(act: Act, form: Form, item: Field, texts: list[str]) -> Mapping[str, int]:
    wanted = sorted({text.strip() for text in texts if text.strip()})
    if item.kind.kind != "reference":
        return names_meant(act, item.kind.kind, wanted)
    target = form.target(item)
    return query.resolve(act, target, wanted) if access.may(act.actor, "view", target) else {}


def _value(item: Field | None, text: str, meant: Mapping[str, int]) -> Any:
    if item is None:
        return Unreadable(text, "cell_not_editable")
    if item.kind.kind not in KEYED:
        return item.kind.parse(text, item.definition)
    typed = text.strip()
    return meant.get(typed, Unreadable(typed, "reference_unknown")) if typed else None


def _answer(
    act: Act, form: Form, batch: Batch, unread: Mapping[int, Mapping[str, str]]
) -> dict[str, Any]:
    rows: dict[str, Any] = {str(key): {"problems": found} for key, found in unread.items()}
    for state in ("done", "same"):
        for row in store.rows(act.connection, batch.id, state, limit=MOST_ROWS):
            version = row.version or row.given["version"]
            rows[str(row.record_id)] = {"version": version}
    for row in store.rows(act.connection, batch.id, "refused", limit=MOST_ROWS):
        rows[str(row.record_id)] = {"problems": _at_cells(form, row.problems)}
    may_undo = undo.may_undo(act, store.find(act.connection, batch.id))
    address = batch_address(form, batch.id, "undo_batch")
    may_undo = may_undo and access.may(act.actor, "bulk", form)
    return {"rows": rows, "undo": address if may_undo else "", "list": list_address(form)}


def _at_cells(form: Form, problems: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Each reason at the cell it is about; what is about the whole row stands at no cell."""
    found: dict[str, str] = {}
    for each in problems:
        code = each["pointer"].strip("/").split("/")[0]
        words = sentence(form, each["pointer"], each["code"], each["params"])
        found.setdefault(code if code in form.by_code else "", words)
    return found
