"""A posting rule names columns of the kind the kernel command wants."""

from collections.abc import Iterator
from typing import Final

from runtime.definitions import AppDef, FieldDef, FormDef, PostingDef
from runtime.infra.errors import Problem

# Which kinds of field may feed which part of a command.
WANTED: Final = {
    "date": frozenset({"date"}),
    "item": frozenset({"reference"}),
    "qty": frozenset({"quantity", "number"}),
    "warehouse": frozenset({"reference"}),
    "to_warehouse": frozenset({"reference"}),
    "unit_cost": frozenset({"money", "number", "formula"}),
    "amount": frozenset({"money", "formula"}),
}


def postings(definition: AppDef) -> Iterator[Problem]:
    """Yield what a posting rule lacks or names wrongly."""
    for index, form in enumerate(definition.forms):
        if form.posting is not None:
            for problem in _rule(form, form.posting):
                yield problem.under(f"/forms/{index}/posting")
            if form.type != "document":
                yield Problem(f"/forms/{index}/posting", "posting_needs_document")


def _rule(form: FormDef, rule: PostingDef) -> Iterator[Problem]:
    lines = next((f for f in form.fields if f.code == rule.lines and f.kind == "lines"), None)
    if lines is None:
        yield Problem("/lines", "field_unknown", {"name": rule.lines})
        return
    for part, kinds in WANTED.items():
        path = getattr(rule, part)
        if path is None:
            continue
        field = _field(form, lines, path)
        if field is None:
            yield Problem(f"/{part}", "field_unknown", {"name": path})
        elif field.kind not in kinds:
            yield Problem(f"/{part}", "posting_field_kind", {"name": path, "kind": field.kind})
        elif part in {"date", "item", "qty", "warehouse", "to_warehouse"} and not field.required:
            yield Problem(f"/{part}", "posting_field_optional", {"name": path})
    yield from _whole(rule)


def _whole(rule: PostingDef) -> Iterator[Problem]:
    if not rule.item.startswith(f"{rule.lines}.") or not rule.qty.startswith(f"{rule.lines}."):
        yield Problem("/item", "posting_needs_lines")
    if rule.command == "receive" and rule.unit_cost is None and rule.amount is None:
        yield Problem("/amount", "posting_needs_value")
    if rule.command == "transfer" and rule.to_warehouse is None:
        yield Problem("/to_warehouse", "property_missing", {"name": "to_warehouse"})


def _field(form: FormDef, lines: FieldDef, path: str) -> FieldDef | None:
    table, _, code = path.rpartition(".")
    if table and table != lines.code:
        return None
    fields = lines.columns if table else form.fields
    return next((field for field in fields if field.code == code), None)
