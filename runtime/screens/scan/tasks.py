"""What there is to scan: open drafts, one of them whole, and the codes of the goods."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from flask import Response, jsonify, request
from sqlalchemy import select

from runtime import access, documents, query
from runtime.compile import Field, Form
from runtime.documents import scanning
from runtime.documents.scanning import Goods, text_of
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, NotFound
from runtime.query import Filter, PageRequest
from runtime.query.brief import briefs
from runtime.query.search import TEXTS
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.form_rights import may_edit
from runtime.screens.i18n import instant, label
from runtime.screens.routes import permission

OPEN: Final = 50
CHOICES: Final = 200
MOST_ITEMS: Final = 20_000
BODY: Final = 20_000
DEPTH: Final = 4
# Beside the name a line has room for these.
PLACES: Final = ("bin", "lot")


@permission("update")
def tasks(app_code: str, form_code: str) -> Response:
    """Answer the drafts that wait, and what it takes to begin a new one."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        scanning.require_goods(act, form)
        page = query.page(
            act, form, PageRequest(filters=(Filter("status", "any_of", ("draft",)),), size=OPEN)
        )
        known = briefs(act, form, [row.id for row in page.rows])
        found = [
            {
                "id": brief.id,
                "title": brief.title,
                "note": brief.note,
                "at": instant(brief.updated_at),
            }
            for brief in (known[row.id] for row in page.rows if row.id in known)
        ]
        return jsonify({"tasks": found, "fresh": _fresh(act, form)})


@permission("create", body=BODY)
def create_task(app_code: str, form_code: str) -> Response:
    """Begin a draft without lines; the same key twice is one draft."""
    sent = strict_json.loads(request.get_data(), max_bytes=BODY, max_depth=DEPTH)
    values, key = (sent.get(name) if isinstance(sent, dict) else None for name in ("values", "key"))
    if not isinstance(values, dict) or not isinstance(key, str):
        raise BadRequest
    with reading() as act:
        form = form_of(act, app_code, form_code)
        scanning.require_goods(act, form)
    made = carry_out(lambda act: documents.create(act, form, values, key=key))
    return jsonify({"id": made.id})


@permission("update")
def items(app_code: str, form_code: str) -> Response:
    """Answer the goods by id with every text they are scanned by, for use without a network."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        goods = scanning.require_goods(act, form)
        found = list(_cards(act, form, goods, None))
        return jsonify({"items": found[:MOST_ITEMS], "more": len(found) > MOST_ITEMS})


@permission("update")
def task(app_code: str, form_code: str, record_id: int) -> Response:
    """Answer one draft whole: its lines with what is asked and what was scanned so far."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        goods = scanning.require_goods(act, form)
        draft = query.record(act, form, record_id)
        if draft is None:
            raise NotFound
        if not may_edit(act, form, draft):
            raise Conflict("not_editable", {"status": draft.status})
        return jsonify(task_json(act, form, goods, draft))


def task_json(act: Act, form: Form, goods: Goods, draft: query.Record) -> dict[str, Any]:
    """Return a draft the way a device keeps it."""
    found = scanning.tally(act, form, draft)
    lines = draft.lines.get(goods.table.code, ())
    seen = {item.code for item in access.visible_line_fields(act.actor, form, goods.table)}
    named = [line.values.get(goods.item) for line in lines]
    ids = {key for key in (*named, *found.items) if key is not None}
    cards = {card["id"]: card for card in _cards(act, form, goods, ids)}
    places = [code for code in PLACES if code in seen]
    return {
        "id": draft.id,
        "version": draft.version,
        "title": draft.title,
        "form": form.code,
        "label": label(form.label),
        "command": form.posting.command if form.posting else "",
        "lines": [
            {
                "id": line.id,
                "item": line.values.get(goods.item),
                "qty": text_of(line.values.get(goods.qty) or Decimal(0)),
                "place": " · ".join(str(line.values[code]) for code in places if line.values[code]),
                "done": text_of(found.lines[line.id]) if line.id in found.lines else None,
            }
            for line in lines
        ],
        "extra": {str(key): text_of(qty) for key, qty in found.items.items()},
        "items": list(cards.values()),
    }


def _cards(
    act: Act, form: Form, goods: Goods, ids: Iterable[int] | None
) -> Iterator[dict[str, Any]]:
    """Yield goods with their name, their code and every text they may be scanned by."""
    field = goods.table.by_code[goods.item]
    target = form.target(field)
    access.require(act.actor, "view", target)
    seen = {each.code: each for each in access.visible_fields(act.actor, target)}
    texts = _texts(seen, target.search_fields)
    shown = _texts(seen, (target.title, *map(str, field.options.get("columns", ()))))
    columns = {each.code: each.column for each in (*texts, *shown) if each.column is not None}
    asked = select(target.table.c.id, *columns.values()).where(target.table.c.status == "active")
    mine = access.row_condition(act.actor, target)
    asked = asked if mine is None else asked.where(mine)
    if ids is not None:
        asked = asked.where(target.table.c.id.in_(sorted(ids)))
    rows = act.connection.execute(asked.order_by(target.table.c.id).limit(MOST_ITEMS + 1))
    for row in rows.mappings():
        yield _card(target, row, texts, shown)


def _card(
    target: Form, row: Mapping[Any, Any], texts: Iterable[Field], shown: Iterable[Field]
) -> dict[str, Any]:
    def said(fields: Iterable[Field]) -> list[str]:
        words = (row[each.column.name] for each in fields if each.column is not None)
        return [str(word) for word in words if word]

    title = said(each for each in shown if each.code == target.title)
    return {
        "id": row["id"],
        "name": title[0] if title else f"#{row['id']}",
        "note": " · ".join(said(each for each in shown if each.code != target.title)),
        "codes": list(dict.fromkeys(said(texts))),
    }


def _texts(seen: Mapping[str, Field], codes: Iterable[str]) -> tuple[Field, ...]:
    found = (seen[code] for code in dict.fromkeys(codes) if code in seen)
    return tuple(each for each in found if each.column is not None and each.stored.kind in TEXTS)


def _fresh(act: Act, form: Form) -> list[dict[str, Any]] | None:
    """Return what a new draft must say before scanning begins; None where it cannot be begun."""
    if not access.may(act.actor, "create", form):
        return None
    fields = []
    for field in access.visible_fields(act.actor, form):
        if not field.required or field.is_lines or field.default is not None:
            continue
        if not field.target or not access.may(act.actor, "view", form.target(field)):
            return None
        target = form.target(field)
        rows = query.lookup(act, target, "", limit=CHOICES)
        choices = [{"id": row.id, "title": row.title} for row in rows]
        fields.append({"code": field.code, "label": label(field.label), "choices": choices})
    return fields
