"""What the books are told of items and warehouses when they first meet them, and what stays so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import Connection, select

from runtime import kernel
from runtime.compile import Form
from runtime.definitions import StockItemDef, UnitsDef
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.posting.columns import Row

_PLACES: Final = ("warehouse", "to_warehouse")
# What a document changes from a day on, and what nothing changes once goods have moved.
_BY_POLICY: Final = ("method", "variance", "negative", "estimate_cost")
_FOR_GOOD: Final = ("tracking", "scope", "base_uom")


def register(connection: Connection, company: int, rows: Sequence[Row]) -> None:
    """Make the items and warehouses of a document known, each item with what its record says."""
    form = rows[0].form
    wanted = {key for row in rows if (key := row.key("item"))}
    missing = wanted - set(kernel.find_items(connection, company, wanted))
    terms = _terms(connection, form, missing)
    for key in sorted(missing, key=_as_number):
        kernel.register_item(connection, company, key, terms.get(key))
    places = {row.key(name) for row in rows for name in _PLACES}
    kernel.register_warehouses(connection, company, places - {""})


def require_same_terms(
    act: Act, form: Form, record_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Let an item of the books change only in what they do not hold, or take over what is new.

    Raises ValidationFailed naming the document that changes the rest without changing any value.
    """
    if form.stock is None or form.stock.item.form != form.code:
        return
    settings = form.stock.item
    company = kernel.find_company(act.connection, form.app_code)
    if company is None:
        return
    known = kernel.find_items(act.connection, company.id, [str(record_id)], with_uoms=True)
    item = known.get(str(record_id))
    if item is None:
        return
    problems = list(_frozen(settings, item, before, after))
    units = settings.units
    if units is not None and before.get(units.lines) != after.get(units.lines):
        problems += _units_frozen(settings, units, item, after)
    if problems:
        raise ValidationFailed("item_in_books", problems=problems)
    if units is not None:
        new = {
            uom: factor
            for uom, factor in units_of_lines(units, after.get(units.lines) or ()).items()
            if uom not in item.uoms
        }
        kernel.register_uoms(act.connection, item, new)


def _frozen(
    settings: StockItemDef, item: kernel.Item, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Problem]:
    codes = {
        **dict.fromkeys(_BY_POLICY, "item_policy_frozen"),
        **dict.fromkeys(_FOR_GOOD, "item_terms_frozen"),
        "standard_cost": "item_standard_frozen",
    }
    for part, code in codes.items():
        field = getattr(settings, part)
        if not field or before.get(field) == after.get(field):
            continue
        # Saying what the books hold already is no change.
        if after.get(field) is not None and _spelled(after[field]) == _held(item, part):
            continue
        yield Problem(f"/{field}", code)


def _held(item: kernel.Item, part: str) -> str:
    policy = item.policy
    if part == "negative":
        return "allow" if policy.negative else "forbid"
    if part in {"standard_cost", "estimate_cost"}:
        # The books keep these exactly, per atom; a record's decimal is compared by its document.
        return ""
    return str(getattr(policy if part in {"method", "variance"} else item, part))


def _units_frozen(
    settings: StockItemDef, units: UnitsDef, item: kernel.Item, after: Mapping[str, Any]
) -> Iterator[Problem]:
    base = _spelled(after.get(settings.base_uom or ""))
    told = units_of_lines(units, after.get(units.lines) or ())
    for uom, (num, den) in item.uoms.items():
        if uom != base and told.get(uom) != Fraction(num, den):
            yield Problem(f"/{units.lines}", "item_unit_frozen")
            return
    for uom, factor in told.items():
        if uom not in item.uoms and not kernel.fits(item, factor):
            yield Problem(f"/{units.lines}", "item_unit_too_fine")
            return


def _terms(connection: Connection, form: Form, keys: Iterable[str]) -> dict[str, kernel.ItemTerms]:
    """What the records of items say; an app that does not say where has plain items."""
    ids = [int(key) for key in keys if key.isdecimal()]
    if form.stock is None or not ids:
        return {}
    settings = form.stock.item
    items = form.siblings[settings.form]
    rows = connection.execute(select(items.table).where(items.table.c.id.in_(ids))).mappings()
    units = _units_of(connection, items, settings.units, ids)
    return {
        str(row["id"]): _as_terms(settings, dict(row), units.get(row["id"], {})) for row in rows
    }


def _as_terms(
    settings: StockItemDef, row: Mapping[str, Any], units: Mapping[str, Fraction]
) -> kernel.ItemTerms:
    def said(part: str) -> Any:
        code = getattr(settings, part)
        return row[f"f_{code}"] if code else None

    base = _spelled(said("base_uom"))
    return kernel.ItemTerms(
        base_uom=base,
        uoms={**units, **({base: Fraction(1)} if base else {})},
        method=said("method"),
        scope=said("scope"),
        variance=said("variance"),
        negative=said("negative"),
        tracking=said("tracking") or "none",
        standard_cost=said("standard_cost"),
        estimate_cost=said("estimate_cost"),
        item_group=_spelled(said("group")),
    )


def _units_of(
    connection: Connection, items: Form, units: UnitsDef | None, ids: Sequence[int]
) -> dict[int, dict[str, Fraction]]:
    if units is None:
        return {}
    table = items.lines_of(units.lines).table
    rows = connection.execute(select(table).where(table.c.parent_id.in_(ids))).mappings()
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        values = {code.removeprefix("f_"): value for code, value in row.items()}
        found.setdefault(row["parent_id"], []).append(values)
    return {item: units_of_lines(units, lines) for item, lines in found.items()}


def units_of_lines(units: UnitsDef, lines: Iterable[Mapping[str, Any]]) -> dict[str, Fraction]:
    """How many base units each unit is, exactly: 3 bottles are 1 box makes a bottle 1/3."""
    uom, qty, base_qty = (
        path.rpartition(".")[2] for path in (units.uom, units.qty, units.base_qty)
    )
    return {
        _spelled(line[uom]): Fraction(line[base_qty]) / Fraction(line[qty])
        for line in lines
        if line.get(uom) is not None and line.get(qty) and line.get(base_qty)
    }


def _spelled(value: Any) -> str:
    return "" if value is None else str(value)


def _as_number(key: str) -> tuple[int, str]:
    return (int(key) if key.isdecimal() else 0, key)
