"""A whole workbook becomes forms: what was found, what becomes of it, done and undone as one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from flask import Response, current_app, request

from runtime.compile import App
from runtime.exchange import again, batches, edits, imported, parts, whole
from runtime.exchange.batches import Batch
from runtime.exchange.importing import Outcome
from runtime.exchange.merging import merged
from runtime.exchange.names import clean
from runtime.exchange.whole import COMPUTED, ColumnPlan, Part, SheetPlan, Whole
from runtime.infra import queue
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, Forbidden, ValidationFailed
from runtime.screens import import_choices as decided
from runtime.screens import import_pages as pages
from runtime.screens.acting import app_of, carry_out, platform, reading
from runtime.screens.i18n import _, label, said
from runtime.screens.import_cards import card
from runtime.screens.render import go, render
from runtime.screens.routes import permission

Json = dict[str, Any]
UNDO_ALL: Final = "workbook.undo"


@permission("admin")
def import_whole(app_code: str, batch_id: int) -> Any:
    """Show every table of a workbook with what becomes of its columns."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        if batch.state != "open":
            return go("screens.import_whole_run", app_code=app_code, batch_id=batch_id)
        return _page(app, batch, before=again.like(act, app, batch.inspection))


@permission("admin")
def repeat_import_whole(app_code: str, batch_id: int) -> Any:
    """Put the rows into the forms that the same workbook made last time."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        like = again.like(act, app, batch.inspection)
        if like is not None:
            again.prepare(act, platform().settings, app, batch, like)

    def start(act: Act) -> None:
        _still_open(act, app_code, batch_id)
        app, batch = _open(act, app_code, batch_id)
        before = again.like(act, app, batch.inspection)
        if before is None:
            raise Conflict("import_not_alike")
        again.begin(act, platform().settings, app, batch, before)

    carry_out(start)
    return go("screens.import_whole_run", app_code=app_code, batch_id=batch_id)


@permission("admin")
def decide_import_whole(app_code: str, batch_id: int) -> Any:
    """Keep what was decided, after seeing that forms can be made of it."""
    carry_out(lambda act: _keep_typed(act, app_code, batch_id))
    if request.form.get("do") == "keep":
        return Response(status=204)
    asked, _colon, at = request.form.get("do", "").partition(":")
    if asked == "column":
        return go("screens.import_column", app_code=app_code, batch_id=batch_id, at=at)
    if asked in {"apart", "together"}:
        edit = {"do": "group", "table": at, "on": asked == "together"}
        carry_out(lambda act: _keep_edit(act, app_code, batch_id, edit))
        return go("screens.import_whole", app_code=app_code, batch_id=batch_id)
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        try:
            if any(plan.taken and not plan.label for plan in plans_of(batch)):
                raise BadRequest("import_label_missing")
            _drafted(act, app, batch, plans_of(batch))
        except (BadRequest, ValidationFailed) as error:
            problem = said(error.code, error.params)
            details = [said(each.code, each.params) for each in error.problems[:5]]
            return _page(app, batch, "；".join([problem, *details]), error.status)
    carry_out(lambda act: _keep(act, app_code, batch_id, checked=True))
    return go("screens.import_whole_check", app_code=app_code, batch_id=batch_id)


def _keep_typed(act: Act, app_code: str, batch_id: int) -> None:
    """Keep what stands in the page as an edit of its own, so that nothing typed is lost."""
    _still_open(act, app_code, batch_id)
    batch = batches.lock(act.connection, batch_id)
    before, tables = plans_of(batch), tables_of(batch)
    changed = {}
    for old, new in zip(before, _posted(batch, before), strict=True):
        found = whole.difference(old, new, tables[old.key])
        if found:
            changed[old.key] = found
    if changed:
        _keep_edit(act, app_code, batch_id, {"do": "plan", "tables": changed})


def _keep_edit(act: Act, app_code: str, batch_id: int, edit: Json) -> None:
    _still_open(act, app_code, batch_id)
    batch = batches.lock(act.connection, batch_id)
    batches.change(act.connection, batch_id, choices=edits.added(batch.choices, edit))


def _keep(act: Act, app_code: str, batch_id: int, **told: Any) -> None:
    _still_open(act, app_code, batch_id)
    batch = batches.lock(act.connection, batch_id)
    batches.change(act.connection, batch_id, choices={**batch.choices, **told})


@permission("admin")
def import_whole_check(app_code: str, batch_id: int) -> Any:
    """Say which forms would be made, what they compute and refer to, and how many rows go in."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        if batch.state != "open" or not batch.choices.get("checked"):
            return go("screens.import_whole", app_code=app_code, batch_id=batch_id)
        plans = plans_of(batch)
        found = _drafted(act, app, batch, plans)
        tables = tables_of(batch)
        named = {plan.key: plan for plan in plans}
        # Of look-alike sheets the first one stands for all.
        once = {part.planned_as: part for part in reversed(found.parts)}
        forms = [_summary(part, tables[key], found, named[key]) for key, part in once.items()]
        forms.reverse()
        return render(
            "imports/whole_check.html",
            app=app,
            batch=batch,
            forms=forms,
            rows=sum(form["rows"] for form in forms),
            computed=sum(len(form["computed"]) for form in forms),
            references=sum(len(form["references"]) for form in forms),
            kept=_kept(found, tables),
        )


@permission("admin")
def start_import_whole(app_code: str, batch_id: int) -> Any:
    """Make all forms and put all rows to work: one transaction."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        plans = plans_of(batch)
        drafted = _drafted(act, app, batch, plans)
        rows = parts.count_parts(act, platform().settings, batch, drafted)

    def start(act: Act) -> None:
        _still_open(act, app_code, batch_id)
        # An app that was published meanwhile is a Conflict there.
        _maker().publish_all(act, drafted, _("导入 %(file)s", file=batch.file_name))
        parts.begin(act, batch, seen_of(batch), plans, drafted, rows)

    carry_out(start)
    return go("screens.import_whole_run", app_code=app_code, batch_id=batch_id)


@permission("admin")
def import_whole_run(app_code: str, batch_id: int) -> Any:
    """Show how far the rows of all tables are; asks again by itself until it is over."""
    with reading() as act:
        app, batch = _open(act, app_code, batch_id)
        if batch.job_id is None:
            return go("screens.import_whole", app_code=app_code, batch_id=batch_id)
        job = queue.find(act.connection, batch.job_id)
        begun = [batches.find(act.connection, part) for part in batch.choices["parts"]]
        lines = [_line(act, app, part) for part in begun]
        moment = job.finished_at or platform().clock()
        seconds = max(int((moment - job.created_at).total_seconds()), 0)
        return render(
            "imports/whole_run.html",
            "progress",
            app=app,
            batch=batch,
            job=job,
            parts=lines,
            total=sum(line["rows"] for line in lines),
            seconds=seconds,
            failure=said(job.error["code"], job.error.get("params")) if job.error else "",
            may_undo=batch.state == "done" and job.is_over,
            is_undoing=batch.state in {"undoing", "undone"},
            kept=_kept_words(batch),
        )


@permission("admin")
def undo_import_whole(app_code: str, batch_id: int) -> Any:
    """Take rows and forms back, as one job."""

    def begin(act: Act) -> None:
        _open(act, app_code, batch_id)
        batch = batches.lock(act.connection, batch_id)
        if batch.state != "done" or "parts" not in batch.choices:
            raise Conflict("import_not_undoable")
        told = {"batch": batch_id, "reason": _("撤销导入 %(file)s", file=batch.file_name)}
        job_id = queue.enqueue(act, UNDO_ALL, told)
        batches.change(act.connection, batch_id, state="undoing", job_id=job_id)

    carry_out(begin)
    return go("screens.import_whole_run", app_code=app_code, batch_id=batch_id)


# -- what was decided


def is_whole(inspection: Mapping[str, Any]) -> bool:
    """Whether a workbook is more than one plain table."""
    tables = [table for table in inspection["tables"] if table["n_rows"]]
    computes = any(column.get("formula") for table in tables for column in table["columns"])
    return len(tables) > 1 or computes or any(table.get("lines") for table in tables)


def _open(act: Act, app_code: str, batch_id: int) -> tuple[App, Batch]:
    app = app_of(act, app_code)
    return app, batches.own(act, app.code, batch_id)


def _still_open(act: Act, app_code: str, batch_id: int) -> None:
    if _open(act, app_code, batch_id)[1].state != "open":
        raise Conflict("import_started")


def _maker() -> whole.WholeMaker:
    found: whole.WholeMaker | None = current_app.extensions.get("dajian.workbook")
    if found is None:
        raise Forbidden("import_needs_builder")
    return found


def _drafted(act: Act, app: App, batch: Batch, plans: tuple[SheetPlan, ...]) -> Whole:
    return _maker().draft_all(act, app, seen_of(batch), plans)


def seen_of(batch: Batch) -> Json:
    """The workbook with its look-alike sheets as one table each, where that was not declined."""
    return merged(batch.inspection, batch.choices.get("groups"))


def plans_of(batch: Batch) -> tuple[SheetPlan, ...]:
    """What becomes of every table: as proposed, and as a person said."""
    return whole.proposed(seen_of(batch), batch.file_name, batch.choices.get("plans"))


def tables_of(batch: Batch) -> dict[str, Json]:
    """The tables by their keys."""
    return {whole.table_key(table): table for table in seen_of(batch)["tables"]}


def _posted(batch: Batch, before: Sequence[SheetPlan]) -> Iterator[SheetPlan]:
    """What the page says of every table; one it does not show stays as it was decided."""
    tables = tables_of(batch)
    for number, plan in enumerate(before):
        table = tables[plan.key]
        if request.form.get(f"key.{number}") != plan.key:
            yield plan
            continue
        columns = {
            str(column["col"]): _posted_column(number, column)
            for column in table["columns"]
            if f"name.{number}.{column['col']}" in request.form
        }
        yield SheetPlan(
            plan.key,
            clean(request.form.get(f"label.{number}", ""))[:60],
            request.form.get(f"take.{number}") == "1",
            request.form.get(f"lines.{number}") == "1" or not table.get("lines"),
            {**plan.columns, **columns},
        )


def _posted_column(number: int, column: Json) -> ColumnPlan:
    at = f"{number}.{column['col']}"
    kind = request.form.get(f"kind.{at}", "")
    if kind not in {*pages.KINDS, *whole.special_kinds(column)}:
        kind = whole.value_kind(column)
    name = clean(request.form.get(f"name.{at}", ""))[:100] or str(column["name"])
    return ColumnPlan(request.form.get(f"col.{at}") == "1", name, kind)


# -- what the pages show


def _page(
    app: App, batch: Batch, problem: str = "", status: int = 200, before: Batch | None = None
) -> Any:
    opened = request.args.get("open", "")[:4]
    seen = seen_of(batch)
    tables = {whole.table_key(table): table for table in seen["tables"]}
    cards = [card(plan, tables[plan.key]) for plan in plans_of(batch)]
    return render(
        "imports/whole.html",
        status=status,
        app=app,
        batch=batch,
        cards=cards,
        relations=list(whole.relations_of(batch.inspection)),
        apart=seen["apart"],
        problem=problem,
        before=before,
        notes=decided.notes_of(batch, ""),
        opened=int(opened) if opened.isascii() and opened.isdigit() else -1,
    )


def _summary(part: Part, table: Json, found: Whole, plan: SheetPlan) -> Json:
    fields = [*part.form.fields, *(each for lines in part.form.lines for each in lines.fields)]
    return {
        "label": plan.label,
        "rows": int(table["n_rows"]),
        "fields": sum(plan.takes(column) for column in table["columns"]),
        "lines": bool(part.form.lines),
        "computed": [
            (column.name, str(each["formula"]))
            for each, column in _computed(part, table, found, plan)
        ],
        "references": [
            (label(each.label), label(part.form.siblings[each.target].label))
            for each in fields
            if each.kind.kind == "reference" and each.target
        ],
        "kept": sum(1 for key, _col in found.kept if key == part.planned_as),
    }


def _computed(
    part: Part, table: Json, found: Whole, plan: SheetPlan
) -> Iterator[tuple[Json, ColumnPlan]]:
    """The columns that go on computing, with what they are called."""
    for column in table["columns"]:
        col = str(column["col"])
        is_kept = (part.planned_as, col) in found.kept
        if plan.takes(column) and plan.kind(column) == COMPUTED and not is_kept:
            yield column, ColumnPlan(take=True, name=plan.choice(column).name, kind=COMPUTED)


def _kept(found: Whole, tables: Mapping[str, Json]) -> list[str]:
    names = {
        (key, str(column["col"])): f"{table['sheet']}·{column['name']}"
        for key, table in tables.items()
        for column in table["columns"]
    }
    return [names.get(at, "·".join(at)) for at in found.kept]


def _kept_words(batch: Batch) -> list[str]:
    tables = tables_of(batch)
    found = []
    for key, col, _reason in batch.choices.get("kept", ()):
        columns = tables[key]["columns"] if key in tables else ()
        name = next((str(each["name"]) for each in columns if each["col"] == col), str(col))
        found.append(f"{key}·{name}")
    return found


def _line(act: Act, app: App, part: Batch) -> Json:
    outcome = {**asdict(Outcome()), **part.outcome}
    form = app.forms.get(part.choices["form"])
    return {
        "id": part.id,
        "form": form,
        "label": str(part.choices.get("part") or part.choices["sheet"]),
        "rows": int(part.choices["rows"]),
        "left": imported.count(act.connection, part.id).get("failed", 0),
        "is_done": part.state == "done",
        "is_undone": part.state == "undone",
        **outcome,
    }
