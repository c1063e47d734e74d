"""What a step lets its people see and fill in, as pages and acts ask for it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from runtime.compile import Form
from runtime.documents.flows.standing import Standing
from runtime.documents.flows.writing import Access, access_of
from runtime.infra.act import Act
from runtime.infra.errors import AppError
from runtime.query import Record
from runtime.screens.form_values import Posted


def access_of_task(standing: Standing) -> Access | None:
    """What a task of the actor's lets them do with the fields; None where there is none to do."""
    try:
        mine = standing.mine
    except AppError:
        # Their right to it was withdrawn: whoever draws the page says so.
        return None
    return None if mine is None else access_of(mine.step)


def veiled(act: Act, form: Form, may: Access | None) -> Act:
    """The same act, to which a step shows no more than it says."""
    hidden = [] if may is None else [path for path, right in may.fields.items() if right == "hide"]
    if not hidden:
        return act
    name = f"{form.app_code}.{form.code}"
    return replace(act, actor=replace(act.actor, veiled=frozenset((name, each) for each in hidden)))


def may_write_lines(form: Form, may: Access, code: str) -> bool:
    """Whether a step lets anything of a line table be changed."""
    rights = may.lines.get(code)
    if may.is_open or (rights is not None and (rights.add or rights.delete)):
        return True
    return any(may.may_write(f"{code}.{field.code}") for field in form.lines_of(code).fields)


def missing_of(record: Record, may: Access) -> Iterator[str]:
    """The paths of what a step requires and is not there yet."""
    for path, right in may.fields.items():
        if right != "require":
            continue
        code, _dot, column = path.partition(".")
        rows = [line.values for line in record.lines.get(code, ())] if column else [record.values]
        if any(row.get(column or code) in (None, "", (), []) for row in rows):
            yield path


def edits_of(form: Form, may: Access, posted: Posted) -> dict[str, Any]:
    """What was typed into the boxes a step lets be filled in, and nothing of the others."""
    if may.is_open:
        return posted.values
    tables = {table.code for table in form.lines}
    found: dict[str, Any] = {}
    for code, value in posted.values.items():
        if code not in tables:
            if may.may_write(code):
                found[code] = value
        elif may_write_lines(form, may, code):
            found[code] = [_row(may, code, row) for row in value]
    return found


def _row(may: Access, lines: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line of the document says what may be said of it; a new one says everything."""
    if "id" not in row:
        return row
    return {
        code: value
        for code, value in row.items()
        if code == "id" or may.may_write(f"{lines}.{code}")
    }
