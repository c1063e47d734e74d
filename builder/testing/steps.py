"""What a step of a test does: the verbs of the one write path, and the looks people take."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from builder.testing.outcome import BrokenTestError
from builder.testing.seen import Seen
from builder.testing.values import Row, sent, targets
from builder.testing.world import World
from runtime import access, documents, query
from runtime.compile import App, Form
from runtime.definitions import AppTestStep
from runtime.definitions.role import VERBS as RIGHTS
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound
from runtime.kinds.families import PEOPLE
from runtime.posting import datasets
from runtime.query import Page, PageRequest, Record
from runtime.workflow import of_record

_PAGE: Final = 200
_COMMENT: Final = "测试"
# What the books keep as fractions.
_COSTS: Final = ("standard", "estimate")


def perform(world: World, step: AppTestStep) -> Seen:
    """Do what a step says, in the transaction of the world; a refusal leaves nothing behind."""
    if step.do in LOOKS:
        try:
            return LOOKS[step.do](world, step)
        except AppError as error:
            return _refused(world, error)
    attempt = world.connection.begin_nested()
    try:
        record = WRITES[step.do](world, step, world.act(step.by))
    except AppError as error:
        attempt.rollback()
        return _refused(world, error)
    attempt.commit()
    if record is None:
        return Seen(world)
    if "as" in step.source:
        world.records[step.source["as"]] = (record.form.code, record.id)
    return Seen(world, record=world.stored(record.form, record.id), act=world.act(step.by))


def _refused(world: World, error: AppError) -> Seen:
    if isinstance(error, BrokenTestError):
        raise error
    return Seen(world, error=error)


def _create(world: World, step: AppTestStep, act: Act) -> Record:
    form = world.form(step.source["form"])
    return documents.create(act, form, sent(world, form, step.source.get("values", {})))


def _send(world: World, step: AppTestStep, act: Act) -> Record:
    """Fill in and submit in one go; what has no life cycle is only filled in."""
    form = world.form(step.source["form"])
    if not form.is_document:
        return _create(world, step, act)
    return documents.create_and_submit(act, form, sent(world, form, step.source.get("values", {})))


def _update(world: World, step: AppTestStep, act: Act) -> Record:
    form, key = world.record(step.source["record"])
    before = _now(world, form, key)
    values = sent(world, form, step.source["values"], before)
    return documents.update(act, form, key, values, version=before.version)


def _submit(world: World, step: AppTestStep, act: Act) -> Record:
    form, key = world.record(step.source["record"])
    return documents.submit(act, form, key, version=_now(world, form, key).version)


def _decide(world: World, step: AppTestStep, act: Act) -> Record:
    form, key = world.record(step.source["record"])
    tasks = [
        each.task_id
        for each in of_record(act, form.app_code, form.code, key)
        if each.user_id == act.actor.user_id
    ]
    if not tasks:
        # Nobody asked them: there is no task they could answer.
        raise NotFound
    said = step.source.get("comment", _COMMENT)
    documents.decide(act, form, key, step.do, said, task_id=tasks[-1])
    return _now(world, form, key)


def _cancel(world: World, step: AppTestStep, act: Act) -> Record:
    form, key = world.record(step.source["record"])
    version = _now(world, form, key).version
    said = step.source.get("comment", _COMMENT)
    return documents.cancel(act, form, key, version=version, reason=said)


def _delete(world: World, step: AppTestStep, act: Act) -> None:
    form, key = world.record(step.source["record"])
    documents.delete(act, form, key, version=_now(world, form, key).version)


def _now(world: World, form: Form, key: int) -> Record:
    found = world.stored(form, key)
    if found is None:
        raise NotFound
    return found


def _read(world: World, step: AppTestStep) -> Seen:
    form, key = world.record(step.source["record"])
    act = world.act(step.by)
    found = query.record(act, form, key)
    if found is None:
        raise NotFound
    return Seen(world, record=found, act=act)


def _list(world: World, step: AppTestStep) -> Seen:
    form = world.form(step.source["form"])
    asked = PageRequest(search=step.source.get("text", ""), size=_PAGE)
    page = query.page(world.act(step.by), form, asked)
    names = tuple(world.name_of(form.code, row.id) for row in page.rows)
    return Seen(world, rows=_told(world, form, page), forms=_targets(form), records=names)


def _table(world: World, step: AppTestStep) -> Seen:
    """All columns of a form's list, or of an aggregate table."""
    form = world.form(step.source["form"])
    act = world.act(step.by)
    columns = tuple(f.code for f in access.visible_fields(act.actor, form) if f.column is not None)
    page = query.page(act, form, PageRequest(columns=columns, size=_PAGE))
    return Seen(world, rows=_told(world, form, page), forms=_targets(form))


def _told(world: World, form: Form, page: Page) -> list[Row]:
    """The rows of a page, with people by their names."""
    people = {field.code for field in form.fields if field.kind.kind in PEOPLE}
    return [
        {
            code: f"@{world.person_of(value)}" if code in people and value else value
            for code, value in row.values.items()
        }
        for row in page.rows
    ]


def _targets(form: Form) -> dict[str, Form]:
    return targets(form, form.fields)


def _rights(world: World, step: AppTestStep) -> Seen:
    actor = world.act(step.by).actor
    rights: dict[str, tuple[str, ...]] = {}
    hidden: dict[str, tuple[str, ...]] = {}
    for code, form in world.app.forms.items():
        rights[code] = tuple(verb for verb in RIGHTS if access.may(actor, verb, form))
        if "view" in rights[code]:
            seen = {field.code for field in access.visible_fields(actor, form)}
            hidden[code] = tuple(field.code for field in form.fields if field.code not in seen)
            for lines in form.lines:
                shown = {f.code for f in access.visible_line_fields(actor, form, lines)}
                hidden[code] += tuple(
                    f"{lines.code}.{f.code}" for f in lines.fields if f.code not in shown
                )
    return Seen(world, rights=rights, hidden=hidden)


def _stock(world: World, step: AppTestStep) -> Seen:
    item, warehouse = _place(world, step)
    rows = datasets.stock_on_hand(
        world.connection, world.app.code, item=item, warehouse=warehouse
    )  # fmt: skip
    return _goods(world, rows)


def _places(world: World, step: AppTestStep) -> Seen:
    item, warehouse = _place(world, step)
    by = step.source.get("kind", "lot")
    rows = datasets.stock_places(
        world.connection, world.app.code, item=item, warehouse=warehouse, by=by
    )
    return _goods(world, rows)


def _ledger(world: World, step: AppTestStep) -> Seen:
    item, warehouse = _place(world, step)
    assert item is not None, "the definition says of which item"
    rows = datasets.stock_ledger(world.connection, world.app.code, item, warehouse, limit=_PAGE)
    return _goods(world, rows, lambda row: {"record": f"@{world.name_of(row.form, row.document)}"})


def _reservations(world: World, step: AppTestStep) -> Seen:
    item, warehouse = _place(world, step)
    rows = datasets.reservations(
        world.connection, world.app.code, item=item, warehouse=warehouse
    )  # fmt: skip
    return _goods(world, rows)


def _journal(world: World, step: AppTestStep) -> Seen:
    form, key = world.record(step.source["record"])
    rows = datasets.journal(world.connection, world.app.code, form.code, key)
    return Seen(world, rows=[vars(row) for row in rows])


def _costing(world: World, step: AppTestStep) -> Seen:
    """How the books cost an item: the terms they took over from the item's form."""
    item, _warehouse = _place(world, step)
    assert item is not None, "the definition says of which item"
    found = datasets.costing(world.connection, world.app.code, item)
    if found is None:
        raise NotFound
    own = {name: value for name, value in vars(found).items() if name != "policy"}
    for name in _COSTS:
        text = getattr(found.policy, name)
        own[name] = datasets.quantity(Fraction(text)) if text else None
    terms = _goods_terms(world.app)
    for part in terms:
        # The books know a record by its number alone.
        own[part] = int(own[part]) if own[part] else None
    return Seen(world, values={**vars(found.policy), **own}, forms=terms)


def _place(world: World, step: AppTestStep) -> tuple[int | None, int | None]:
    forms = _goods_forms(world.app)
    found: list[int | None] = []
    for part in ("item", "warehouse"):
        text = step.source.get(part)
        key = None if text is None else world.key(forms.get(part), text)
        if text is not None and key is None:
            raise BrokenTestError("test_reference_unknown", {"text": text, "field": part})
        found.append(key)
    return found[0], found[1]


def _goods(world: World, rows: Any, more: Callable[[Any], Row] = lambda _row: {}) -> Seen:
    named = [{**vars(row), **_others(world, row), **more(row)} for row in rows]
    return Seen(world, rows=named, forms=_goods_forms(world.app))


def _others(world: World, row: Any) -> Row:
    """Whose goods, and with whom they were dealt in: the books say `supplier:7`."""
    found: dict[str, Any] = {}
    for part in ("owner", "party"):
        form, _, key = str(getattr(row, part, "")).partition(":")
        if form in world.app.forms and key.isdecimal():
            found[part] = f"@{world.name_of(form, int(key))}"
    return found


def _goods_terms(app: App) -> dict[str, Form]:
    """The forms that terms of an item point to."""
    item, stock = _goods_forms(app)["item"], app.stock
    assert stock is not None, "an app with goods"
    named = {"base_uom": stock.item.base_uom, "item_group": stock.item.group}
    fields = {part: item.by_code[code] for part, code in named.items() if code is not None}
    return {part: item.target(field) for part, field in fields.items() if field.target is not None}


def _goods_forms(app: App) -> dict[str, Form]:
    if app.stock is None:
        raise BrokenTestError("test_without_stock")
    item, warehouse = app.forms[app.stock.item.form], app.forms[app.stock.warehouse]
    return {"item": item, "warehouse": warehouse}


WRITES: Final[Mapping[str, Callable[[World, AppTestStep, Act], Record | None]]] = {
    "create": _create,
    "send": _send,
    "update": _update,
    "submit": _submit,
    "approve": _decide,
    "reject": _decide,
    "cancel": _cancel,
    "delete": _delete,
}
LOOKS: Final[Mapping[str, Callable[[World, AppTestStep], Seen]]] = {
    "read": _read,
    "list": _list,
    "table": _table,
    "rights": _rights,
    "stock": _stock,
    "places": _places,
    "ledger": _ledger,
    "reservations": _reservations,
    "journal": _journal,
    "costing": _costing,
}
