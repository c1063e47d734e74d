"""Next month's file: the same tables once more, whose rows go into the forms that were made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select

from runtime.compile import App
from runtime.exchange import batches, jobs, parts
from runtime.exchange.adoption import Choices, Mode, choices_json, read_choices
from runtime.exchange.batches import Batch, import_table
from runtime.exchange.merging import APART
from runtime.exchange.spool import count_rows
from runtime.exchange.whole import table_key
from runtime.infra import queue
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.infra.settings import Settings

Json = dict[str, Any]
_LOOKED_AT: Final = 20


def like(act: Act, app: App, inspection: Mapping[str, Any]) -> Batch | None:
    """Return the actor's last workbook whose tables are all in this one and whose forms live."""
    columns = import_table.c
    query = select(columns.id).where(
        columns.app == app.code,
        columns.created_by == act.actor.user_id,
        columns.state == "done",
    )
    found = act.connection.execute(query.order_by(columns.id.desc()).limit(_LOOKED_AT)).scalars()
    for batch_id in found:
        batch = batches.find(act.connection, batch_id)
        if batch.choices.get("parts") and _fits(act, app, batch, inspection):
            return batch
    return None


def _fits(act: Act, app: App, batch: Batch, inspection: Mapping[str, Any]) -> bool:
    before = [batches.find(act.connection, part) for part in batch.choices["parts"]]
    return all(
        part.choices["form"] in app.forms and _table(part, inspection) is not None
        for part in before
    )


def _table(part: Batch, inspection: Mapping[str, Any]) -> Json | None:
    """The table that is what a part was, with every column it took."""
    wanted = {
        str(column["head"])
        for column in part.choices["columns"]
        if column["col"] in part.choices["fields"] and column["col"] != APART
    }
    for table in inspection["tables"]:
        names = {str(column["name"]) for column in table["columns"]}
        if table_key(table) == part.choices["sheet"] and wanted <= names:
            found: Json = table
            return found
    return None


def prepare(act: Act, settings: Settings, app: App, batch: Batch, before: Batch) -> None:
    """Have the rows read before the transaction that begins with them."""
    told = [_decided(app, batch, part, table)[0] for part, table in _alike(act, app, batch, before)]
    jobs.spooled_all(act.connection, settings, batch, told)


def _alike(act: Act, app: App, batch: Batch, before: Batch) -> Iterator[tuple[Batch, Json]]:
    for part_id in before.choices["parts"]:
        part = batches.find(act.connection, part_id)
        table = _table(part, batch.inspection)
        if table is None or part.choices["form"] not in app.forms:
            raise Conflict("import_not_alike")
        yield part, table


def begin(act: Act, settings: Settings, app: App, batch: Batch, before: Batch) -> int:
    """Put the rows of all tables to work, into the forms of `before`; Conflict where it changed."""
    made = [
        _begin(act, settings, app, batch, part, table)
        for part, table in _alike(act, app, batch, before)
    ]
    job_id = queue.enqueue(act, parts.TASK, {"batch": batch.id})
    choices = {**batch.choices, "parts": made, "forms": [], "kept": [], "like": before.id}
    batches.change(act.connection, batch.id, choices=choices, state="running", job_id=job_id)
    return job_id


def _begin(act: Act, settings: Settings, app: App, batch: Batch, part: Batch, table: Json) -> int:
    told, fields = _decided(app, batch, part, table)
    spool = jobs.spooled(act.connection, settings, batch, told)
    kept = {
        **choices_json(told),
        "fields": fields,
        "rows": count_rows(spool),
        "of": batch.id,
        "part": part.choices.get("part", ""),
    }
    part_id = batches.create(act, batch.app, batch.file_id, batch.file_name, parts.NOTHING)
    batches.change(act.connection, part_id, choices=kept, state="running")
    return part_id


def _decided(app: App, batch: Batch, part: Batch, table: Json) -> tuple[Choices, dict[str, str]]:
    """What was decided of a part, for this file; what is set right of it now counts for more."""
    choices, fields = _moved(part, table["columns"])
    mode, key = _found_by(app, choices, fields)
    now = batch.choices.get("corrections") or choices.corrections
    return replace(choices, mode=mode, key=key, corrections=now), fields


def _moved(part: Batch, columns: Sequence[Json]) -> tuple[Choices, dict[str, str]]:
    """What was decided, at the letters the columns have in this file."""
    choices = read_choices(part.choices)
    letters = {str(column["name"]): str(column["col"]) for column in columns}
    own = tuple(
        replace(column, col=letters.get(column.head, column.col)) for column in choices.columns
    )
    now = {before.col: after.col for before, after in zip(choices.columns, own, strict=True)}
    fields = {now.get(col, col): place for col, place in part.choices["fields"].items()}
    return replace(choices, columns=own), fields


def _found_by(
    app: App, choices: Choices, fields: Mapping[str, str]
) -> tuple[Mode, tuple[str, ...]]:
    """A list with a key is brought up to date; what has none is added."""
    form = app.forms[choices.form]
    unique = [
        place
        for place in fields.values()
        if "." not in place and form.by_code[place].definition.unique
    ]
    return ("both", (unique[0],)) if unique else (choices.mode, choices.key)
