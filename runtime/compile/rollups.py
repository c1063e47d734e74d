"""Roll-up fields: from where their figures come, and what is kept beside them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.types import TypeEngine

from runtime.compile.feeds import (
    FIGURES,
    condition,
    field_at,
    is_telling,
    read_path,
    scale_of,
    table_at,
)
from runtime.compile.field import Field
from runtime.compile.figures import Path, RollUp, Rows
from runtime.compile.model import Form
from runtime.compile.tables import short_name
from runtime.infra.columns import ExactDecimal, Key
from runtime.infra.errors import Problem


def resolve(forms: dict[str, Form], metadata: MetaData, index: Mapping[str, int]) -> list[Problem]:
    """Give the forms their roll-ups, now that every form they take from is known."""
    problems: list[Problem] = []
    for code, form in list(forms.items()):
        found: dict[str, RollUp] = {}
        for place, field in enumerate(form.fields):
            if field.kind.kind == "rollup":
                pointer = f"/forms/{index[code]}/fields/{place}/options"
                made = _rollup(form, field, metadata, pointer, problems)
                found |= {} if made is None else {field.code: made}
        if found:
            forms[code] = replace(form, rollups=MappingProxyType(found))
    return problems


@lru_cache(maxsize=1024)
def fed_by(form: Form) -> Mapping[str, tuple[RollUp, ...]]:
    """The roll-ups that take from a form, by the form they stand in; in order of its code."""
    found: dict[str, tuple[RollUp, ...]] = {}
    for code in sorted(form.siblings):
        taking = tuple(
            item for item in form.siblings[code].rollups.values() if item.rows.form == form.code
        )
        if taking:
            found[code] = taking
    return found


def _rollup(
    form: Form, field: Field, metadata: MetaData, pointer: str, problems: list[Problem]
) -> RollUp | None:
    child = form.siblings.get(str(field.options["form"]))
    if child is None or child.type == "aggregate":
        problems.append(Problem(f"{pointer}/form", "form_unknown", {"name": field.options["form"]}))
        return None
    before = len(problems)
    reference = read_path(str(field.options["reference"]))
    measured = _measured(child, field, reference, pointer, problems)
    pointing = field_at(child, reference)
    if pointing is None or pointing.kind.kind != "reference" or pointing.target != form.code:
        params = {"name": field.options["reference"], "form": form.label.zh}
        problems.append(Problem(f"{pointer}/reference", "rollup_reference", params))
    lines = reference.lines or (measured.lines if measured else None)
    where = field.options.get("where")
    formula = None
    if where and table_at(child, lines) is None and lines is not None:
        return None
    if where:
        formula = condition(str(where), child, lines, f"{pointer}/where", problems)
    if len(problems) > before:
        return None
    made = RollUp(
        owner=form.code,
        field=field,
        measure=str(field.options["measure"]),
        rows=Rows(child.code, lines, formula),
        reference=reference,
        measured=measured,
    )
    return _with_keeping(made, form, child, metadata)


def _measured(
    child: Form, field: Field, reference: Path, pointer: str, problems: list[Problem]
) -> Path | None:
    measure, name = str(field.options["measure"]), field.options.get("field")
    if measure == "count":
        if name:
            problems.append(Problem(f"{pointer}/field", "rollup_counts_rows"))
        if field.stored.kind not in FIGURES:
            _unfit(measure, field.stored.kind, f"{pointer}/result", problems)
        return None
    path = read_path(str(name or ""))
    source = field_at(child, path)
    if source is None or not is_telling(source):
        problems.append(Problem(f"{pointer}/field", "rollup_field_unknown", {"name": name or ""}))
        return None
    if reference.lines and path.lines and reference.lines != path.lines:
        problems.append(Problem(f"{pointer}/field", "rollup_lines_differ"))
    fits(measure, source, field, f"{pointer}/field", problems)
    return path


def fits(measure: str, source: Field, result: Field, pointer: str, problems: list[Problem]) -> None:
    """Note when values of `source` cannot be measured so, or do not fit into `result`."""
    kind, kept = source.stored.kind, result.stored.kind
    if measure == "distinct":
        if kept not in FIGURES:
            _unfit(measure, kept, pointer, problems)
    elif measure in {"min", "max"} and kind == kept and kind not in FIGURES:
        return
    elif kind not in FIGURES or kept not in FIGURES:
        _unfit(measure, kind, pointer, problems)
    elif measure != "average" and (scale_of(result) or 0) < (scale_of(source) or 0):
        params = {"label": source.label.zh, "places": scale_of(source) or 0}
        problems.append(Problem(pointer, "rollup_places", params))


def _unfit(measure: str, kind: str, pointer: str, problems: list[Problem]) -> None:
    params = {"measure": measure, "kind": kind}
    problems.append(Problem(pointer, "rollup_measure_kind", params))


def _with_keeping(made: RollUp, form: Form, child: Form, metadata: MetaData) -> RollUp:
    """Add the columns or the table that keep what the figure alone does not tell."""
    if made.measured is None:
        return made
    source = field_at(child, made.measured)
    assert source is not None, "it was found before"
    assert source.column is not None, "it was found before"
    if made.measure == "average":
        scale = scale_of(source) or 0
        # The scale is part of the name: another scale is another column, never a narrowed one.
        total: Column[Any] = Column(f"h_{made.code}_total{scale}", ExactDecimal(scale))
        number: Column[Any] = Column(f"h_{made.code}_number", Key())
        form.table.append_column(total)
        form.table.append_column(number)
        return replace(made, total=total, number=number)
    if made.measure == "distinct":
        name = short_name(f"r_{form.app_code}__{form.code}__{made.code}")
        return replace(made, values=values_table(metadata, name, source.column.type))
    return made


def values_table(metadata: MetaData, name: str, kept: TypeEngine[Any]) -> Table:
    """A table of how often each value occurs for an owner."""
    return Table(
        name,
        metadata,
        Column("owner_id", Key(), primary_key=True, autoincrement=False),
        Column("value", kept, primary_key=True, autoincrement=False),
        Column("n", Key(), nullable=False),
        sqlite_strict=True,
        info={"derived": True},
    )
