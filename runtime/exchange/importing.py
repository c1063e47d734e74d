"""Rows of a workbook become records through the one write path; what fails is told by address."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from runtime import documents, query
from runtime.compile import Field, Form, missing, validate
from runtime.exchange.adoption import ImportPlan
from runtime.exchange.spool import RawRow
from runtime.exchange.values import clean, value_of
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Problem
from runtime.kinds.field_type import Unreadable

Json = dict[str, Any]
Values = dict[str, Any]
MOST_ERRORS: Final = 1_000


@dataclass
class Outcome:
    """Counts of an import so far, and the first errors."""

    done: int = 0
    created: int = 0
    skipped: int = 0
    failed: int = 0
    errors: list[Json] = field(default_factory=list)

    def fail(self, problems: Iterable[Json]) -> None:
        """One more row that did not go in."""
        self.failed += 1
        self.errors.extend(list(problems)[: MOST_ERRORS - len(self.errors)])


def import_chunk(act: Act, plan: ImportPlan, rows: Sequence[RawRow], outcome: Outcome) -> None:
    """Create a record for each row; a row that fails leaves nothing behind and stops nothing."""
    ids = References(act, plan, rows, create=True)
    for row in rows:
        outcome.done += 1
        values = values_of(plan, row, ids)
        if not any(value is not None for value in values.values()):
            outcome.skipped += 1
            continue
        key = f"import:{plan.batch_id}:{row.row}"
        try:
            with act.connection.begin_nested():
                documents.create(act, plan.form, values, key=key)
        except AppError as error:
            outcome.fail(problems_of(plan, row, error))
        else:
            outcome.created += 1


def check_rows(act: Act, plan: ImportPlan, rows: Sequence[RawRow]) -> tuple[Outcome, list[str]]:
    """Say what an import would do with these rows, and which referenced records it would make."""
    ids = References(act, plan, rows, create=False)
    outcome = Outcome()
    unique = {item.code: set[Any]() for _, item in plan.columns if item.definition.unique}
    for row in rows:
        outcome.done += 1
        values = values_of(plan, row, ids)
        if not any(value is not None for value in values.values()):
            outcome.skipped += 1
            continue
        found = list(_problems(plan.form, values, unique))
        if found:
            outcome.fail(_addressed(plan, row, problem) for problem in found)
        else:
            outcome.created += 1
    return outcome, ids.would_make()


def values_of(plan: ImportPlan, row: RawRow, ids: "References") -> Values:
    """Return what documents are given for a row."""
    values: Values = {}
    for col, item in plan.columns:
        taken = row.cells.get(col)
        if taken is None:
            values[item.code] = None
        elif item.kind.kind == "reference":
            values[item.code] = ids.id_of(item, taken.text)
        else:
            values[item.code] = value_of(taken, item)
    return values


def _problems(form: Form, values: Values, unique: Mapping[str, set[Any]]) -> Iterator[Problem]:
    clean_values, problems = validate(form, values)
    yield from problems
    named = {problem.pointer for problem in problems}
    for problem in missing(form, clean_values):
        if problem.pointer not in named and not form.is_document:
            yield problem
    for code, seen in unique.items():
        value = clean_values.get(code)
        if value is None:
            continue
        if value in seen:
            item = form.by_code[code]
            params = {"label": item.label.zh, "value": item.format(value)}
            yield Problem(f"/{code}", "value_taken", params)
        seen.add(value)


def problems_of(plan: ImportPlan, row: RawRow, error: AppError) -> Iterator[Json]:
    """Return why a row did not go in, each reason with the cell it is about."""
    if not error.problems:
        yield _json(f"{plan.sheet}!{row.row}", row.row, error.code, error.params)
    for problem in error.problems:
        yield _addressed(plan, row, problem)


def _addressed(plan: ImportPlan, row: RawRow, problem: Problem) -> Json:
    code = problem.pointer.strip("/").split("/")[0]
    col = next((col for col, item in plan.columns if item.code == code), "")
    return _json(f"{plan.sheet}!{col}{row.row}", row.row, problem.code, problem.params)


def _json(cell: str, row: int, code: str, params: Mapping[str, Any]) -> Json:
    shown = {key: str(value)[:200] for key, value in params.items()}
    return {"cell": cell, "row": row, "code": code, "params": shown}


class References:
    """Texts -> ids of referenced records for a chunk of rows, made on the way where allowed."""

    def __init__(self, act: Act, plan: ImportPlan, rows: Sequence[RawRow], *, create: bool) -> None:
        self._known: dict[str, dict[str, int]] = {}
        self._missing: dict[str, list[str]] = {}
        for col, item in plan.columns:
            if item.kind.kind == "reference":
                texts = [row.cells[col].text for row in rows if col in row.cells]
                self._look_up(act, plan, item, [clean(text, lines=False) for text in texts])
                if create:
                    self._make(act, plan.form.siblings[item.target or ""], item)

    def id_of(self, item: Field, text: str) -> Any:
        """Return the record a text means; the text itself is the complaint when there is none."""
        wanted = clean(text, lines=False)
        if not wanted:
            return None
        if wanted in self._missing.get(item.code, ()):
            # Not there yet, but it will be: checking takes any id that is one.
            return 1
        return self._known[item.code].get(wanted) or Unreadable(wanted[:60], "reference_unknown")

    def would_make(self) -> list[str]:
        """Return the texts for which records are still to be made."""
        return [text for texts in self._missing.values() for text in texts]

    def _look_up(self, act: Act, plan: ImportPlan, item: Field, texts: Sequence[str]) -> None:
        target = plan.form.siblings[item.target or ""]
        known = query.resolve(act, target, texts)
        self._known[item.code] = known
        if item.code in plan.create_missing and needs_only_title(target):
            unknown = dict.fromkeys(text for text in texts if text and text not in known)
            self._missing[item.code] = list(unknown)

    def _make(self, act: Act, target: Form, item: Field) -> None:
        for text in self._missing.pop(item.code, ()):
            try:
                with act.connection.begin_nested():
                    made = documents.create(act, target, {target.title: text})
            except AppError:
                # The row itself then says that there is no such record.
                continue
            self._known[item.code][text] = made.id


def needs_only_title(form: Form) -> bool:
    """Whether a record of this form is complete with nothing but its title."""
    title = form.by_code.get(form.title)
    if form.is_document or title is None or title.kind.kind != "text":
        return False
    return all(item.code == form.title for item in form.fields if item.required)
