"""Rows of a workbook become records through the one write path; what fails is told by address."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from runtime import documents
from runtime.documents import many
from runtime.documents.prepare import as_values
from runtime.exchange import imported
from runtime.exchange.adoption import ImportPlan
from runtime.exchange.entries import Entry
from runtime.exchange.matches import Matches
from runtime.exchange.pictures_in import Pictures, all_held, dropped, without_pictures
from runtime.exchange.reading import (
    Key,
    References,
    Values,
    Wanted,
    addressed,
    problems_of,
    read_entry,
    sent,
    told,
)
from runtime.exchange.unchanged import changing, in_places
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Conflict
from runtime.query import Record

Json = dict[str, Any]
MOST_ERRORS: Final = 1_000
# For rows that come from no workbook: whatever is called a picture there is not found.
NO_PICTURES: Final = Pictures()


@dataclass
class Outcome:
    """Counts of an import so far, and the first errors. `kept` were there and stay as they are."""

    done: int = 0
    created: int = 0
    updated: int = 0
    kept: int = 0
    skipped: int = 0
    failed: int = 0
    errors: list[Json] = field(default_factory=list)

    def fail(self, problems: Iterable[Json]) -> None:
        """One more record that did not go in."""
        self.failed += 1
        self.tell(problems)

    def tell(self, problems: Iterable[Json]) -> None:
        """Say what is wrong somewhere, whether or not it keeps a record out."""
        self.errors.extend(list(problems)[: MOST_ERRORS - len(self.errors)])


@dataclass
class _Chunk:
    """Some entries on their way in."""

    act: Act
    plan: ImportPlan
    outcome: Outcome
    matches: Matches
    seen: set[Key]
    pictures: Pictures
    rows: list[Json] = field(default_factory=list)

    def stored(self, values: Values) -> Values:
        """Keep the pictures among what is handed on; those that are refused are told."""
        if not self.plan.takes_files:
            return values
        kept, remarks = self.pictures.stored(self.act, values)
        self.outcome.tell(remark.told for remark in remarks)
        return kept

    def fail(self, wanted: Wanted, problems: Sequence[Json]) -> None:
        """Leave one out, with its cells: a person may still put it right."""
        self.outcome.fail(problems)
        cells = [[row.row, row.cells] for row in wanted.entry.rows]
        self._note(wanted, "failed", problems=list(problems), cells=cells)

    def created(self, wanted: Wanted, made: many.Made) -> None:
        """One more that is new."""
        self.outcome.created += 1
        self._note(wanted, "created", record_id=made.id, version=made.version)

    def updated(self, wanted: Wanted, before: Json, after: Record) -> None:
        """One more that was there and is different now."""
        self.outcome.updated += 1
        told_before = {"record_id": after.id, "version": after.version, "before": before}
        self._note(wanted, "updated", **told_before)

    def _note(self, wanted: Wanted, state: str, **more: Any) -> None:
        form = self.plan.form.code
        self.rows.append({"row": wanted.entry.row, "form": form, "state": state, **more})


def import_chunk(
    act: Act,
    plan: ImportPlan,
    chunk: Sequence[Entry],
    outcome: Outcome,
    pictures: Pictures = NO_PICTURES,
) -> None:
    """Make or change a record for each entry; one that fails leaves nothing and stops nothing."""
    rows = [row for entry in chunk for row in entry.rows]
    ids = References(act, plan, rows, pictures, create=True)
    read = [read_entry(plan, entry, ids) for entry in chunk]
    outcome.done += len(rows)
    matches = Matches(act, plan, (each.key for each in read))
    before = imported.touched(act.connection, plan.batch_id, plan.form.code, matches.ids())
    work = _Chunk(act, plan, outcome, matches, set(), pictures)
    new: list[Wanted] = []
    for wanted in read:
        if plan.takes_files:
            outcome.tell(wanted.remarks)
        if wanted.is_empty:
            outcome.skipped += 1
            continue
        try:
            record = _meant(work, wanted, before)
        except AppError as error:
            work.fail(wanted, [*wanted.problems, *problems_of(plan, wanted, error)])
            continue
        _sort(work, wanted, record, new)
    _create(work, new)
    made = [
        {"row": 0, "form": form.code, "state": "created", "record_id": key, "version": version}
        for form, key, version in ids.made
    ]
    imported.keep(act.connection, plan.batch_id, [*made, *work.rows])


def _meant(work: _Chunk, wanted: Wanted, written: set[int]) -> Record | None:
    """The record an entry means, unless the import has written it before."""
    if work.plan.mode == "add" or not work.plan.key:
        return None
    if wanted.key is None:
        if work.plan.mode == "update":
            raise Conflict("import_key_empty")
        return None
    record = work.matches.record(wanted.key)
    if wanted.key in work.seen or (record is not None and record.id in written):
        raise Conflict("import_key_twice")
    work.seen.add(wanted.key)
    return record


def _sort(work: _Chunk, wanted: Wanted, record: Record | None, new: list[Wanted]) -> None:
    mode = work.plan.mode
    if wanted.problems:
        work.fail(wanted, wanted.problems)
    elif record is None and mode == "update":
        work.outcome.kept += 1
    elif record is None:
        new.append(wanted)
    elif mode == "skip":
        work.outcome.kept += 1
    else:
        _update(work, wanted, record)


def _create(work: _Chunk, new: Sequence[Wanted]) -> None:
    act, plan = work.act, work.plan
    values = [work.stored(sent(plan, wanted.values, is_new=True)) for wanted in new]
    found: Iterable[many.Made | AppError]
    if plan.submits:
        found = (_submitted(act, plan, each) for each in values)
    else:
        found = many.create_many(act, plan.form, values)
    for wanted, made, given in zip(new, found, values, strict=True):
        if isinstance(made, AppError):
            if plan.takes_files:
                dropped(act, plan.form, given)
            work.fail(wanted, list(problems_of(plan, wanted, made)))
        else:
            work.created(wanted, made)


def _submitted(act: Act, plan: ImportPlan, values: Values) -> many.Made | AppError:
    def write() -> Record:
        return documents.create_and_submit(act, plan.form, values)

    found = _tried(act, write)
    return found if isinstance(found, AppError) else many.Made(found.id, found.version)


def _update(work: _Chunk, wanted: Wanted, record: Record) -> None:
    act, plan = work.act, work.plan
    wanted = in_places(wanted, record)
    values = work.stored(_asked(work, wanted, record))

    def write() -> Record:
        after = documents.update(act, plan.form, record.id, values, version=record.version)
        if plan.submits and after.status == "draft":
            return documents.submit(act, plan.form, record.id, version=after.version)
        return after

    after = _tried(act, write)
    if isinstance(after, AppError):
        if all_held(wanted.values):
            dropped(act, plan.form, values)
        work.fail(wanted, list(problems_of(plan, wanted, after)))
    elif after.version == record.version:
        work.outcome.kept += 1
    else:
        work.updated(wanted, _before(record, values), after)


def _tried(act: Act, write: Callable[[], Record]) -> Record | AppError:
    try:
        with act.connection.begin_nested():
            return write()
    except AppError as error:
        return error


def _asked(work: _Chunk, wanted: Wanted, record: Record) -> Values:
    """What is handed on of an entry whose record is there."""
    values = sent(work.plan, wanted.values, is_new=False)
    return changing(work.act, work.plan, wanted, record, values)


def _before(record: Record, values: Mapping[str, Any]) -> Json:
    """What stood in the fields an update was given, as JSON keeps it."""
    was = as_values(record)
    kept = {code: was.get(code) for code in values}
    found: Json = strict_json.loads(strict_json.dumps(kept), max_bytes=64_000_000)
    return found


def check_entries(
    act: Act, plan: ImportPlan, chunk: Sequence[Entry], pictures: Pictures = NO_PICTURES
) -> tuple[Outcome, list[str]]:
    """Say what an import would do with these, and which referenced records it would make."""
    rows = [row for entry in chunk for row in entry.rows]
    ids = References(act, plan, rows, pictures, create=False)
    outcome = Outcome(done=len(rows))
    read = [read_entry(plan, entry, ids) for entry in chunk]
    matches = Matches(act, plan, (each.key for each in read))
    work = _Chunk(act, plan, outcome, matches, set(), pictures)
    new: list[Wanted] = []
    for wanted in read:
        if plan.takes_files:
            outcome.tell(wanted.remarks)
        if wanted.is_empty:
            outcome.skipped += 1
            continue
        try:
            record = _meant(work, wanted, set())
        except AppError as error:
            outcome.fail([*wanted.problems, *problems_of(plan, wanted, error)])
            continue
        _foresee(work, wanted, record, new)
    values = [without_pictures(sent(plan, wanted.values, is_new=True)) for wanted in new]
    for wanted, found in zip(new, many.check_many(act, plan.form, values), strict=True):
        problems = list(_foreseen(work, wanted, found, ids))
        if problems:
            outcome.fail(problems)
        else:
            outcome.created += 1
    return outcome, ids.would_make()


def _foresee(work: _Chunk, wanted: Wanted, record: Record | None, new: list[Wanted]) -> None:
    mode, outcome = work.plan.mode, work.outcome
    if wanted.problems:
        outcome.fail(wanted.problems)
    elif record is None and mode != "update":
        new.append(wanted)
    elif record is None or mode == "skip":
        outcome.kept += 1
    else:
        wanted = in_places(wanted, record)
        values = without_pictures(_asked(work, wanted, record))
        found = documents.problems_of(work.act, work.plan.form, values, record.id)
        if found:
            outcome.fail([addressed(work.plan, wanted, problem) for problem in found])
        else:
            outcome.updated += 1


def _foreseen(work: _Chunk, wanted: Wanted, found: object, ids: References) -> Iterator[Json]:
    """The problems of one, but for references to what the import makes on its way."""
    if not isinstance(found, AppError):
        return
    to_come = {
        told(f"{work.plan.sheet}!{target.col}{row.row}", row.row, "", {})["cell"]
        for target in work.plan.targets
        for row in wanted.entry.rows
        if target.col in row.cells and ids.is_to_come(target, row.cells[target.col].text)
    }
    to_come |= {held.cell for held in all_held(wanted.values) if held.found}
    for problem in problems_of(work.plan, wanted, found):
        if problem["code"] != "value_missing" or problem["cell"] not in to_come:
            yield problem
