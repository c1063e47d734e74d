"""The tables of a workbook, each begun as an import of its own under the workbook's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from runtime.exchange import batches, jobs
from runtime.exchange.adoption import Choices, ColumnChoice, choices_json
from runtime.exchange.batches import Batch
from runtime.exchange.spool import count_rows
from runtime.exchange.whole import Part, SheetPlan, Whole, table_key
from runtime.infra import queue
from runtime.infra.act import Act
from runtime.infra.settings import Settings

TASK: Final = "exchange.import_all"
NOTHING: Final[dict[str, Any]] = {"inspection": {"tables": [], "notes": []}, "preview": []}


def begin(
    act: Act,
    batch: Batch,
    inspection: Mapping[str, Any],
    plans: Sequence[SheetPlan],
    whole: Whole,
    rows: Mapping[str, int],
) -> int:
    """Put the rows of all tables to work, in the transaction that makes their forms."""
    decided = {plan.key: plan for plan in plans}
    tables = {table_key(table): table for table in inspection["tables"]}
    parts = []
    for part in whole.parts:
        columns = _columns(part, decided[part.planned_as], tables[part.planned_as])
        parts.append(_begin(act, batch, part, columns, rows[part.key]))
    job_id = queue.enqueue(act, TASK, {"batch": batch.id})
    choices = {
        **batch.choices,
        "parts": parts,
        "forms": list(dict.fromkeys(part.form.code for part in whole.parts)),
        "kept": [[*at, reason] for at, reason in whole.kept.items()],
    }
    batches.change(act.connection, batch.id, choices=choices, state="running", job_id=job_id)
    return job_id


def _columns(part: Part, plan: SheetPlan, table: Mapping[str, Any]) -> tuple[ColumnChoice, ...]:
    """The columns that go in, by the letters they have on the sheet."""
    choices = {str(column["col"]): plan.choice(column) for column in table["columns"]}
    members = {member["key"]: member["cols"] for member in table.get("members", ())}
    letters = {own: first for first, own in members.get(part.key, {}).items()}
    named = ((col, choices.get(letters.get(col, col))) for col in part.places)
    return tuple(replace(choice, col=col) for col, choice in named if choice is not None)


def corrections_of(batch: Batch, part: Part) -> dict[str, Any]:
    """How the rows of a part are read: as corrected, and with what tells its sheet apart."""
    told = dict(batch.choices.get("corrections") or {})
    if part.constant is None:
        return told
    tables = dict(told.get("tables", {}))
    tables[part.key] = {**tables.get(part.key, {}), "constant": list(part.constant)}
    return {**told, "tables": tables}


def count_parts(act: Act, settings: Settings, batch: Batch, whole: Whole) -> dict[str, int]:
    """How many records each part has, read as they will be."""
    headers = dict(batch.choices.get("header_rows", {}))
    several = [
        Choices(part.key, headers, "", "", (), corrections=corrections_of(batch, part))
        for part in whole.parts
    ]
    spools = jobs.spooled_all(act.connection, settings, batch, several)
    return {part.key: count_rows(spool) for part, spool in zip(whole.parts, spools, strict=True)}


def _begin(act: Act, batch: Batch, part: Part, columns: tuple[ColumnChoice, ...], rows: int) -> int:
    headers = dict(batch.choices.get("header_rows", {}))
    corrections = corrections_of(batch, part)
    choices = Choices(
        part.key, headers, part.form.code, "", columns, key=part.header, corrections=corrections
    )
    part_id = batches.create(act, batch.app, batch.file_id, batch.file_name, NOTHING)
    kept = {
        **choices_json(choices),
        "fields": dict(part.places),
        "rows": rows,
        "of": batch.id,
        "part": part.label,
    }
    batches.change(act.connection, part_id, choices=kept, state="running")
    return part_id
