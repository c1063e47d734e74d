"""What the books are told of items stands in fields of the right kind, with words they know."""

from collections.abc import Iterator, Mapping
from typing import Final

from runtime.definitions import AppDef, FieldDef, FormDef, StockItemDef, UnitsDef
from runtime.definitions.stock import CHOICES
from runtime.infra.errors import Problem

_COSTS: Final = ("standard_cost", "estimate_cost")
_MONEY: Final = frozenset({"money", "number", "formula"})
_ANY_NAME: Final = frozenset({"reference", "choice", "text"})
_NUMBERS: Final = frozenset({"number", "quantity"})


def stock(definition: AppDef) -> Iterator[Problem]:
    """Yield what the stock settings name wrongly, and posting rules about other items."""
    settings = definition.stock
    if settings is None:
        return
    form = definition.form(settings.item.form)
    if form is None:
        yield Problem("/stock/item/form", "form_unknown", {"name": settings.item.form})
    else:
        for problem in _item(form, settings.item):
            yield problem.under("/stock/item")
    if definition.form(settings.warehouse) is None:
        yield Problem("/stock/warehouse", "form_unknown", {"name": settings.warehouse})
    wanted = {"item": settings.item.form, "warehouse": settings.warehouse}
    for index, one in enumerate(definition.forms):
        for problem in _foreign(one, wanted):
            yield problem.under(f"/forms/{index}/posting")


def _item(form: FormDef, settings: StockItemDef) -> Iterator[Problem]:
    for part, allowed in CHOICES.items():
        code = getattr(settings, part)
        if code:
            yield from _choice(form, part, code, allowed)
    for part in (*_COSTS, "base_uom", "group"):
        code = getattr(settings, part)
        kinds = _MONEY if part in _COSTS else _ANY_NAME
        if code:
            yield from _of_kind(form.fields, part, code, kinds)
    if settings.units is not None:
        for problem in _units(form, settings.units):
            yield problem.under("/units")


def _choice(form: FormDef, part: str, code: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    yield from _of_kind(form.fields, part, code, frozenset({"choice"}))
    field = next((one for one in form.fields if one.code == code), None)
    for option in () if field is None else field.options.get("options", ()):
        word = option["code"] if isinstance(option, Mapping) else option
        if word not in allowed:
            params = {"name": code, "code": word, "allowed": ", ".join(allowed)}
            yield Problem(f"/{part}", "posting_choice", params)


def _units(form: FormDef, units: UnitsDef) -> Iterator[Problem]:
    lines = next((f for f in form.fields if f.code == units.lines and f.kind == "lines"), None)
    if lines is None:
        yield Problem("/lines", "field_unknown", {"name": units.lines})
        return
    for part, kinds in (("uom", _ANY_NAME), ("qty", _NUMBERS), ("base_qty", _NUMBERS)):
        table, _, code = getattr(units, part).rpartition(".")
        if table != units.lines:
            yield Problem(f"/{part}", "field_unknown", {"name": getattr(units, part)})
        else:
            yield from _of_kind(lines.columns, part, code, kinds)


def _of_kind(
    fields: tuple[FieldDef, ...], part: str, code: str, kinds: frozenset[str]
) -> Iterator[Problem]:
    field = next((one for one in fields if one.code == code), None)
    if field is None:
        yield Problem(f"/{part}", "field_unknown", {"name": code})
    elif field.kind not in kinds:
        yield Problem(f"/{part}", "posting_field_kind", {"name": code, "kind": field.kind})


def _foreign(form: FormDef, wanted: Mapping[str, str]) -> Iterator[Problem]:
    """Rules whose items or warehouses are records of another form than the books know."""
    if form.posting is None:
        return
    for part, target in wanted.items():
        table, _, code = getattr(form.posting, part).rpartition(".")
        fields = form.fields
        if table:
            fields = next((f.columns for f in form.fields if f.code == table), ())
        field = next((one for one in fields if one.code == code), None)
        if field is not None and field.kind == "reference" and field.options["form"] != target:
            yield Problem(f"/{part}", "posting_other_form", {"name": code, "form": target})
