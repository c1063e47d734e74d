"""What the books are bound to: fields a posting rule maps once documents of the form are posted.

Forms may be extended freely. What a posted document was posted from stays what it was: it cannot be
removed, become another kind or mean something else, and the rule cannot point elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Text, column, exists, select, table

from runtime.catalogue import PHYSICAL_COLUMN
from runtime.compile.tables import table_name
from runtime.infra.errors import Problem

Json = Mapping[str, Any]
Posted = Callable[[str], bool]
_NO_PATHS: Final = frozenset({"command", "purpose"})


def posted_forms(connection: Connection, app: str) -> Posted:
    """Whether a form has posted documents; each form is asked for once."""
    return cache(lambda form: _has_posted(connection, table_name(app, form)))


def bound_problems(before: Json, after: Json, posted: Posted) -> tuple[Problem, ...]:
    """What `after` takes from the books of an app that ran as `before`."""
    stock = tuple(_stock(before, after))
    # Most changes touch nothing of it: the database is asked only where something would be taken.
    if stock and not any(posted(each["code"]) for each in before["forms"] if "posting" in each):
        stock = ()
    return (*_forms(before, after, posted), *stock)


def bound_parts(source: Json, form: str) -> Mapping[str, str]:
    """The fields of a form the books are bound to, by path, with the part each of them feeds."""
    found = _form(source, form)
    rule = None if found is None else found.get("posting")
    told = {path: part for part, path in _paths(rule)} if rule else {}
    stock = source.get("stock")
    if stock and stock["item"].get("form") == form:
        told |= {path: part for part, path in _paths(_item(stock))}
    return told


def _has_posted(connection: Connection, name: str) -> bool:
    # A form that is new has no table yet.
    is_there = select(exists().where(PHYSICAL_COLUMN.c.table_name == name))
    if not connection.execute(is_there).scalar():
        return False
    status = table(name, column("status", Text)).c.status
    return connection.execute(select(status).where(status == "posted").limit(1)).first() is not None


def _forms(before: Json, after: Json, posted: Posted) -> Iterator[Problem]:
    index = {form["code"]: place for place, form in enumerate(after["forms"])}
    for form in before["forms"]:
        now = None if form["code"] not in index else after["forms"][index[form["code"]]]
        if now is form or "posting" not in form:
            continue
        taken = tuple(_rule(form, now, f"/forms/{index.get(form['code'], '')}"))
        if taken and posted(form["code"]):
            yield from taken


def _rule(form: Json, now: Json | None, pointer: str) -> Iterator[Problem]:
    if now is None:
        yield Problem("/forms", "kernel_bound_form", {"form": _name(form)})
        return
    rule, kept = form["posting"], now.get("posting") or {}
    if kept.get("command") != rule["command"] or now["type"] != form["type"]:
        yield Problem(f"{pointer}/posting", "kernel_bound_rule", {"form": _name(form)})
        return
    paths = dict(_paths(kept))
    for part, path in _paths(rule):
        params = {"form": _name(form), "part": part, "field": _name(_field(form, path), path)}
        if paths.get(part) != path:
            yield Problem(f"{pointer}/posting/{part}", "kernel_bound_part", params)
        elif not _is_same(_field(form, path), _field(now, path)):
            yield Problem(f"{pointer}/posting/{part}", "kernel_bound_field", params)


def _stock(before: Json, after: Json) -> Iterator[Problem]:
    stock, now = before.get("stock"), after.get("stock") or {"item": {}}
    if not stock:
        return
    if (now["item"].get("form"), now.get("warehouse")) != (
        stock["item"]["form"],
        stock["warehouse"],
    ):
        yield Problem("/stock", "kernel_bound_stock")
        return
    items, kept = _form(before, stock["item"]["form"]), _form(after, stock["item"]["form"])
    paths = dict(_paths(_item(now)))
    for part, path in _paths(_item(stock)):
        field = None if items is None else _field(items, path)
        params = {"form": _name(items), "part": part, "field": _name(field, path)}
        if paths.get(part) != path:
            yield Problem(f"/stock/item/{part}", "kernel_bound_part", params)
        elif not _is_same(field, None if kept is None else _field(kept, path)):
            yield Problem(f"/stock/item/{part}", "kernel_bound_field", params)


def _item(stock: Json) -> Json:
    return {name: each for name, each in stock["item"].items() if name != "form"}


def _paths(rule: Json) -> Iterator[tuple[str, str]]:
    for part, path in rule.items():
        if isinstance(path, Mapping):
            yield from ((f"{part}/{inner}", value) for inner, value in _paths(path))
        elif path and part not in _NO_PATHS:
            yield part, path


def _is_same(before: Json | None, after: Json | None) -> bool:
    """Whether it is still the same field: by id, kind, and the form it points to."""
    if before is None or after is None or before is after:
        return before is after
    return _told(before) == _told(after)


def _told(field: Json) -> tuple[Any, ...]:
    target = field.get("options", {}).get("form") if field["kind"] == "reference" else None
    return field.get("id") or field["code"], field["kind"], target


def _field(form: Json, path: str) -> Json | None:
    lines, _, code = path.rpartition(".")
    fields = form["fields"]
    if lines:
        table_field: Json = next((each for each in fields if each["code"] == lines), {})
        fields = table_field.get("options", {}).get("fields", ())
    found: Json | None = next((each for each in fields if each["code"] == code), None)
    return found


def _form(source: Json, code: str) -> Json | None:
    found: Json | None = next((each for each in source["forms"] if each["code"] == code), None)
    return found


def _name(holder: Json | None, otherwise: str = "") -> str:
    if holder is None:
        return otherwise
    label = holder.get("label") or holder["code"]
    return str(label.get("zh") or label.get("en")) if isinstance(label, Mapping) else str(label)
