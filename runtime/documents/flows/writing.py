"""A document that is in a flow is written by the flow, and by whom a step lets edit it.

Both go through the one write path: read, compute, check, write, history, what depends on it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from runtime.documents import changes, dependents, save, triggers
from runtime.documents.prepare import as_values, prepare
from runtime.documents.told import tell
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.node_type import Step
from runtime.query import Record
from runtime.workflow.flow import START

Values = Mapping[str, Any]
Right = Literal["hide", "view", "edit", "require"]
_WRITES = frozenset({"edit", "require"})


@dataclass(frozen=True)
class LineRights:
    """Whether lines may be added and taken away."""

    add: bool = False
    delete: bool = False


@dataclass(frozen=True)
class Access:
    """What a step lets whoever it asks do with the fields; what is not named is not edited."""

    fields: Mapping[str, Right]
    lines: Mapping[str, LineRights]
    # The initiator puts right whatever they could fill in before.
    is_open: bool = False

    def right(self, path: str) -> Right | None:
        """What is said of a field, or of `lines.column`; None where nothing is."""
        return self.fields.get(path)

    def may_write(self, path: str) -> bool:
        """Whether a field may be edited."""
        right = self.fields.get(path)
        return right in _WRITES or (self.is_open and right not in ("hide", "view"))


def access_of(step: Step) -> Access:
    """What a step lets people do with fields and lines."""
    lines = {
        code: LineRights(bool(each.get("add")), bool(each.get("delete")))
        for code, each in step.options.get("lines", {}).items()
    }
    return Access(step.options.get("access", {}), lines, is_open=step.id == START.id)


def write(act: Act, document: Record, values: Values, *, why: str) -> Record:
    """Write values into a document under way; everything the form asks holds afterwards too."""
    form = document.form
    powerful = replace(act, actor=replace(act.actor, is_admin=True))
    prepared = prepare(powerful, form, values, document, complete=True)
    if prepared.values == as_values(document):
        return document
    after, lines = save.update_record(act, form, document, prepared, document.status)
    after = dependents.changed(act, form, document, after) or after
    noted = {**changes.of_update(form, document, prepared.values, lines), "flow": why}
    tell(act, form, document.id, "update", noted)
    return triggers.as_it_stands(act, after)


def edit(act: Act, document: Record, step: Step, values: Values, *, complete: bool) -> Record:
    """Write what somebody typed into the fields their step lets them edit."""
    access = access_of(step)
    problems = list(_foreign(access, document, values))
    if complete:
        problems += _missing(access, document, values)
    if problems:
        raise ValidationFailed(problems=problems)
    return write(act, document, values, why=step.id) if values else document


def _foreign(access: Access, document: Record, values: Values) -> Iterator[Problem]:
    tables = {table.code for table in document.form.lines}
    for code, value in values.items():
        if code in tables:
            yield from _foreign_lines(access, document, code, value)
        elif not access.may_write(code):
            yield Problem(f"/{code}", "field_not_of_step", {"name": code})


def _foreign_lines(access: Access, document: Record, code: str, rows: Any) -> Iterator[Problem]:
    if access.is_open or not isinstance(rows, (list, tuple)):
        return
    rights = access.lines.get(code, LineRights())
    sent = {row.get("id") for row in rows if isinstance(row, Mapping)}
    if not rights.delete and any(line.id not in sent for line in document.lines.get(code, ())):
        yield Problem(f"/{code}", "field_not_of_step", {"name": code})
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            continue
        is_new = "id" not in row
        if is_new and not rights.add:
            yield Problem(f"/{code}/{index}", "field_not_of_step", {"name": code})
        for column in row:
            allowed = column == "id" or is_new or access.may_write(f"{code}.{column}")
            if not allowed:
                yield Problem(f"/{code}/{index}/{column}", "field_not_of_step", {"name": column})


def _missing(access: Access, document: Record, values: Values) -> Iterator[Problem]:
    """Fields the step requires that are empty, before and in what was typed."""
    for path, right in access.fields.items():
        code, _, column = path.partition(".")
        if right != "require":
            continue
        if not column:
            if _is_empty(values.get(code, document.values.get(code))):
                yield Problem(f"/{code}", "field_of_step_missing", {"name": code})
            continue
        stored = [{"id": line.id, **line.values} for line in document.lines.get(code, ())]
        known = {row["id"]: row for row in stored}
        for index, row in enumerate(values.get(code, stored)):
            whole = {**known.get(row.get("id"), {}), **row}
            if _is_empty(whole.get(column)):
                place = f"/{code}/{index}/{column}"
                yield Problem(place, "field_of_step_missing", {"name": column})


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", (), [])
