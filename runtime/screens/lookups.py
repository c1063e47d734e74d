"""Finding records while a form is filled: the list under a box, pasted codes, stock by line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask import Response, jsonify, request

from runtime import access, query
from runtime.compile import Field, Form
from runtime.infra import departments, strict_json, users
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.kinds.decimal_field import DecimalField
from runtime.kinds.families import PEOPLE
from runtime.posting import datasets
from runtime.query.called import NAMED
from runtime.query.last_given import last_prices, terms_of
from runtime.query.record import for_actor
from runtime.query.search import search_text
from runtime.screens.acting import form_of, reading
from runtime.screens.form_fields import STOCK, plain
from runtime.screens.form_grid import code_column
from runtime.screens.i18n import _, label, locale
from runtime.screens.masks import brief
from runtime.screens.routes import permission

SHOWN: Final = 7
MOST_SHOWN: Final = 49
MOST_TEXTS: Final = 5000
MOST_ITEMS: Final = 500
MOST_COLUMNS: Final = 6
BODY: Final = 2_000_000
DEPTH: Final = 6
LONGEST: Final = 200
# The pseudo column of what an item last cost.
LAST: Final = "_last"


@dataclass(frozen=True)
class Box:
    """A reference box: its field, and the line table it stands in."""

    form: Form
    lines: str | None
    item: Field
    # The fields beside it that the actor sees, by code.
    peers: Mapping[str, Field]

    @property
    def stock_warehouse(self) -> bool:
        """Whether the box is the item of lines that show what is available."""
        if self.lines is None:
            return False
        stock = self.form.lines_of(self.lines).options.get("stock") or {}
        return bool(stock.get("item") == self.item.code)


@permission("view")
def lookup(app_code: str, form_code: str, field_path: str) -> Response:
    """Answer the rows that fit what is typed (`q`), seven at a time."""
    text = request.args.get("q", "")[:LONGEST]
    skipped = max(0, request.args.get("after", 0, type=int))
    warehouse = request.args.get("warehouse", type=int)
    with reading() as act:
        box = box_of(act, form_of(act, app_code, form_code), field_path)
        if box.item.kind.kind in NAMED:
            return jsonify(_named(act, box.item.kind.kind, text))
        target = box.form.target(box.item)
        if (key := request.args.get("id", type=int)) is not None:
            # What was made beside the form comes back by its number, with the rights of reading.
            ids: Sequence[int] = [key] if query.record(act, target, key) else []
        elif request.args.get("exact"):
            found = query.resolve(act, target, [text])
            ids = list(found.values())
        else:
            wanted = min(skipped + SHOWN + 1, MOST_SHOWN + 1)
            ids = [row.id for row in query.lookup(act, target, text, limit=wanted)][skipped:]
        stock = warehouse if box.stock_warehouse else None
        last = _last_prices(act, box, ids[:SHOWN])
        rows = _rows(act, box, ids[:SHOWN], stock, last)
        more = str(skipped + SHOWN) if len(ids) > SHOWN and skipped + SHOWN < MOST_SHOWN else ""
        columns = _columns(act, box, has_stock=stock is not None, has_last=bool(last))
        return jsonify({"columns": columns, "rows": rows, "more": more})


@permission("view", body=BODY)
def resolve(app_code: str, form_code: str) -> Response:
    """Answer the records that pasted or scanned texts mean, for several boxes in one request."""
    sent = strict_json.loads(request.get_data(), max_bytes=BODY, max_depth=DEPTH)
    wanted = sent.get("fields") if isinstance(sent, dict) else None
    if not isinstance(wanted, dict):
        raise BadRequest("form_incomplete")
    with reading() as act:
        form = form_of(act, app_code, form_code)
        found = {path: _resolved(act, form, path, texts) for path, texts in wanted.items()}
        return jsonify({"fields": found})


@permission("view")
def line_stock(app_code: str, form_code: str) -> Response:
    """Answer how much of each item can still leave a warehouse."""
    warehouse = request.args.get("warehouse", type=int)
    words = request.args.get("item", "").split(",")[:MOST_ITEMS]
    items = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 16]
    if warehouse is None:
        raise BadRequest("form_incomplete")
    with reading() as act:
        form = form_of(act, app_code, form_code)
        if not any(table.options.get("stock") for table in form.lines):
            raise NotFound
        found = datasets.available(act.connection, form.app_code, items, warehouse)
        return jsonify({"available": {str(key): plain(qty) for key, qty in found.items()}})


def box_of(act: Act, form: Form, path: str) -> Box:
    """Return the reference box a path names: `customer`, or `lines.item`."""
    lines, dot, code = path.partition(".")
    if not dot:
        fields, lines_code, code = access.visible_fields(act.actor, form), None, lines
    else:
        table = next((table for table in form.lines if table.code == lines), None)
        if table is None:
            raise NotFound
        fields, lines_code = access.visible_line_fields(act.actor, form, table), lines
    item = next((item for item in fields if item.code == code), None)
    if item is None or item.kind.kind not in NAMED | {"reference"}:
        raise NotFound
    return Box(form, lines_code, item, {peer.code: peer for peer in fields})


def _resolved(act: Act, form: Form, path: str, texts: Any) -> dict[str, Any]:
    if not isinstance(texts, list) or len(texts) > MOST_TEXTS:
        raise BadRequest("form_incomplete")
    words = [text for text in texts if isinstance(text, str)]
    box = box_of(act, form, path)
    if box.item.kind.kind in NAMED:
        known = {name: key for key, name, _ in _candidates(act, box.item.kind.kind)}
        return {word: _person(known[word], word) for word in words if word in known}
    target = box.form.target(box.item)
    ids = query.resolve(act, target, words)
    rows = {row["id"]: row for row in _rows(act, box, list(ids.values()), None)}
    return {word: rows.get(ids.get(word.strip())) for word in words}


def _named(act: Act, kind: str, text: str) -> dict[str, Any]:
    """The people or departments that fit, by name, sign-in name or pinyin initials."""
    word = text.strip().lower()
    found = [
        (key, name) for key, name, words in _candidates(act, kind) if word in words or not word
    ]
    rows = [_person(key, name) for key, name in found[:SHOWN]]
    return {"columns": [{"code": "name", "label": "", "main": True}], "rows": rows, "more": ""}


def names_meant(act: Act, kind: str, texts: Iterable[str]) -> dict[str, int]:
    """Which people or departments these names mean."""
    known = {name: key for key, name, _ in _candidates(act, kind)}
    return {text: known[text] for text in texts if text in known}


def _candidates(act: Act, kind: str) -> Iterator[tuple[int, str, str]]:
    """Who may be chosen: the id, the name, and what they are found by."""
    if kind in PEOPLE:
        for user in users.everybody(act.connection):
            if not user.is_disabled:
                words = search_text([user.display_name, user.name])
                yield user.id, user.display_name, words
        return
    for each in departments.everyone(act.connection):
        if not each.is_disabled:
            yield each.id, each.name, search_text([each.name])


def _person(user_id: int, name: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "label": name,
        "cells": [name],
        "fill": {},
        "keys": {},
        "carry": {},
        "code": "",
    }


def _shown(act: Act, box: Box) -> list[Field]:
    """Return the columns of the list: those the field asks for, else the target's own."""
    target = box.form.target(box.item)
    seen = {item.code: item for item in access.visible_fields(act.actor, target)}
    codes = box.item.options.get("columns") or (target.title, *target.search_fields)
    wanted = dict.fromkeys(code for code in codes if code in seen and not seen[code].is_lines)
    return [seen[code] for code in wanted][:MOST_COLUMNS]


def _columns(act: Act, box: Box, *, has_stock: bool, has_last: bool) -> list[dict[str, Any]]:
    target = box.form.target(box.item)
    code = code_column(box.form, box.item)
    columns = [
        {
            "code": item.code,
            "label": label(item.label),
            "align": "right" if isinstance(item.stored, DecimalField) else "",
            "main": item.code == target.title,
            "code_like": item.code == code,
        }
        for item in _shown(act, box)
    ]
    if has_stock:
        columns.append({"code": STOCK, "label": _("可用库存"), "align": "right"})
    if has_last:
        columns.append({"code": LAST, "label": _("上次价"), "align": "right"})
    return columns


def _last_prices(act: Act, box: Box, ids: Sequence[int]) -> Mapping[int, str] | None:
    """What each item last cost the party the page names, as text; None where nobody asks."""
    party = request.args.get("party", type=int)
    if party is None or box.lines is None:
        return None
    table = box.form.lines_of(box.lines)
    terms = terms_of(act, box.form, table, box.item)
    if terms is None:
        return None
    found = last_prices(act, box.form, table, terms, party, ids)
    return {key: terms.price.format(price, locale()) for key, price in found.items()}


def _rows(
    act: Act,
    box: Box,
    ids: Sequence[int],
    warehouse: int | None,
    last: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:
    """Return the records in order, each with its columns and what choosing it brings along."""
    target = box.form.target(box.item)
    whole = query.records_by_id(act.connection, target, ids)
    # What they are called may be hidden, too, and what their own references are called.
    records = {key: for_actor(act, record) for key, record in whole.items()}
    shown = _shown(act, box)
    stock = _available(act, box.form, ids, warehouse)
    seen = frozenset(item.code for item in access.visible_fields(act.actor, target))
    found = [_row(box, records[key], shown, seen, stock.get(key)) for key in ids if key in records]
    if last:
        for row in found:
            row["cells"].append(last.get(row["id"], ""))
    return found


def _available(
    act: Act, form: Form, ids: Iterable[int], warehouse: int | None
) -> Mapping[int, Decimal]:
    if warehouse is None:
        return {}
    return datasets.available(act.connection, form.app_code, list(ids), warehouse)


def _row(
    box: Box,
    record: query.Record,
    shown: Sequence[Field],
    seen: frozenset[str],
    stock: Decimal | None,
) -> dict[str, Any]:
    code = code_column(box.form, box.item)
    brought = _fill(box, record, seen)
    cells = [_text(record, item) for item in shown]
    if stock is not None:
        cells.append(format(stock, ",f"))
    return {
        "id": record.id,
        "label": record.title,
        "code": _text(record, record.form.by_code[code]) if code in seen and code else "",
        "cells": cells,
        "fill": {code: text for code, (text, _key) in brought.items()},
        "keys": {code: key for code, (_text, key) in brought.items()},
        "follows": box.item.options.get("fill_policy") == "follow",
        "carry": _carry(box, record),
    }


def _text(record: query.Record, item: Field) -> str:
    value = record.values.get(item.code)
    if item.target and value is not None:
        return record.labels.get((None, item.code), {}).get(value, "")
    return brief(item, value, locale())


def _fill(box: Box, record: query.Record, seen: frozenset[str]) -> dict[str, tuple[str, str]]:
    """What choosing the record brings along: as people read it, and as a page posts it."""
    found = {}
    for code, source in box.item.options.get("fill", {}).items():
        target = box.peers.get(code)
        value = record.values.get(source)
        if target is not None and value is not None and source in seen:
            is_named = bool(record.form.by_code[source].target)
            text = _text(record, record.form.by_code[source]) if is_named else ""
            found[code] = (text or target.format(value, locale()), plain(value))
    return found


def _carry(box: Box, record: query.Record) -> dict[str, tuple[str, str]]:
    found = {}
    for item in box.peers.values():
        is_ours = item.kind.kind == "lookup" and item.options["reference"] == box.item.code
        source = record.form.by_code.get(str(item.options["field"])) if is_ours else None
        if source is not None:
            value = record.values.get(source.code)
            found[item.code] = (_text(record, source), plain(value))
    return found
