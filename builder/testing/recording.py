"""Writing a test down: what came of each step becomes what is expected of it from now on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from builder.testing.outcome import BrokenTestError
from builder.testing.run import play_before
from builder.testing.seen import EXPECTATIONS, Forms, Seen
from builder.testing.stage import join, stage, throw_away
from builder.testing.steps import perform
from builder.testing.values import LINE, Row, targets
from builder.testing.world import STEP, World
from runtime.compile.field import Field
from runtime.definitions.app_test import START, read_app_test
from runtime.infra.messages import message
from runtime.infra.strict_json import Json
from runtime.kinds.families import PEOPLE
from runtime.query.shapes import value_json
from runtime.workflow import of_record

# What a row of the books says that no author means: counters and moments of this very run, and
# what follows from the rest of the row and those before it.
_OF_THE_RUN: Final = frozenset(
    {"seq", "after", "posted_at", "key", "document", "user", "n"}
    | {"form", "qty_after", "value_after", "unit_cost"}
)


def recorded(source: Mapping[str, Any], test: Mapping[str, Any]) -> dict[str, Any]:
    """Return a test of an app's JSON with what it leaves open filled in.

    A step leaves open what it expects by `null`: `{"values": null, "status": null}`; where it is
    `{}`, it gets what an author would look at first. A step without it only prepares the others.
    """
    with throw_away() as database, stage(database, source, datetime(2026, 1, 1, tzinfo=UTC)) as own:
        world = play_before(own, source, test)
        read = read_app_test(test)
        if read.at or not read.after:
            world.set_clock(read.at or START)
        join(world, read.people)
        written: list[dict[str, Any]] = []
        sources = [test["example"]] if read.is_example else test["steps"]
        for step, asked in zip(read.steps, sources, strict=True):
            if step.at:
                world.set_clock(step.at)
            world.now += STEP
            seen = perform(world, step)
            if "expect" not in asked:
                _require_done(seen, len(written))
                written.append(dict(asked))
                continue
            expected = _filled(seen, step.expect, step.source.get("values", {}))
            written.append({**asked, "expect": expected})
    if read.is_example:
        return {**test, "example": written[0]}
    return {**test, "steps": written}


def _require_done(seen: Seen, place: int) -> None:
    if seen.error is not None:
        said = "；".join(str(each["message"]) for each in seen.problems())
        params = {"step": place + 1, "reason": said or message(seen.error.code, seen.error.params)}
        raise BrokenTestError("test_step_refused", params)


def _filled(seen: Seen, expected: Mapping[str, Any], given: Row) -> dict[str, Any]:
    if seen.error is not None:
        refused: dict[str, Any] = {"refused": seen.error.code}
        problems = list(_problems(seen))
        return {**refused, "problems": problems} if problems else refused
    names = expected or dict.fromkeys(_usual(seen))
    return {
        name: wanted if wanted is not None else _OBSERVED[name](seen, given)
        for name, wanted in names.items()
        if wanted is not None or name in _OBSERVED
    }


def _usual(seen: Seen) -> Iterator[str]:
    """What an author looks at first."""
    if seen.record is not None:
        yield from ("status", "values")
        if seen.record.form.workflow is not None:
            yield "asked"
    for name, value in (
        ("rows", seen.rows), ("values", seen.values), ("rights", seen.rights),
        ("hidden_fields", seen.hidden),
    ):  # fmt: skip
        if value is not None:
            yield name


def _problems(seen: Seen) -> Iterator[dict[str, Json]]:
    """Where and which; the words only where they are the author's own."""
    for each in seen.problems():
        names = ("at", "code", "message") if each["code"] == "check_failed" else ("at", "code")
        yield {name: each[name] for name in names}


def _status(seen: Seen, _given: Row) -> Json:
    return seen.record.status if seen.record is not None else None


def _values(seen: Seen, given: Row) -> Json:
    """What the app made of it: everything that is filled and was not given."""
    if seen.values is not None:
        return _row(seen.world, seen.forms, seen.values)
    record = seen.record
    if record is None:
        raise BrokenTestError("test_expects_nothing_there", {"at": "values"})
    form, world = record.form, seen.world
    found = _made(world, form.fields, targets(form, form.fields), record.values, given)
    for table in form.lines:
        told: Sequence[Any] = given.get(table.code) or ()
        forms = targets(form, table.fields)
        rows: list[Json] = []
        for place, line in enumerate(record.lines.get(table.code, ())):
            row = told[place] if place < len(told) and isinstance(told[place], Mapping) else {}
            rows.append(_made(world, table.fields, forms, line.values, {} if LINE in row else row))
        if rows:
            found[table.code] = rows
    return found


# Kinds whose value says less than the words people read.
_WORDS: Final = frozenset({"formula", "rollup", "choice", "multi_choice", "boolean"})


def _shown(seen: Seen, _given: Row) -> Json:
    """What people read where the app has computed or chosen it."""
    record = seen.record
    if record is None:
        raise BrokenTestError("test_expects_nothing_there", {"at": "shown"})
    form = record.form
    found: dict[str, Json] = {
        field.code: record.shown(field.code)
        for field in form.fields
        if field.kind.kind in _WORDS and record.values.get(field.code) is not None
    }
    for table in form.lines:
        codes = [field.code for field in table.fields if field.kind.kind in _WORDS]
        rows: list[Json] = [
            {
                code: record.shown(code, line, table.code)
                for code in codes
                if line.values.get(code) is not None
            }
            for line in record.lines.get(table.code, ())
        ]
        if any(rows):
            found[table.code] = rows
    return found


def _made(
    world: World, fields: Sequence[Field], forms: Forms, values: Row, given: Row
) -> dict[str, Json]:
    by_code = {field.code: field for field in fields}
    return {
        code: _person(world, value)
        if by_code[code].kind.kind in PEOPLE
        else _value(world, forms, code, value)
        for code, value in values.items()
        if value not in (None, "", ()) and code not in given
    }


def _person(world: World, value: Any) -> Json:
    if isinstance(value, (list, tuple)):
        return [_person(world, each) for each in value]
    return f"@{world.person_of(value)}"


def _row(world: World, forms: Forms, row: Row) -> dict[str, Json]:
    return {
        code: _value(world, forms, code, value)
        for code, value in row.items()
        if value is not False and value not in (None, "", ()) and code not in _OF_THE_RUN
    }


def _value(world: World, forms: Forms, code: str, value: Any) -> Json:
    target = forms.get(code)
    if isinstance(value, (list, tuple)):
        return [_value(world, forms, code, each) for each in value]
    if target is not None and isinstance(value, int):
        return f"@{world.name_of(target.code, value)}"
    return value_json(value)


def _rows(seen: Seen, _given: Row) -> Json:
    return [_row(seen.world, seen.forms, row) for row in seen.rows or ()]


def _asked(seen: Seen, _given: Row) -> Json:
    tasks = _path_rows(seen)
    return sorted(str(each["by"]) for each in tasks if each["state"] == "open")


def _path(seen: Seen, _given: Row) -> Json:
    return [*_path_rows(seen)]


def _path_rows(seen: Seen) -> list[dict[str, Json]]:
    record = seen.record
    assert record is not None, "asked of a record"
    form = record.form
    return [
        {"step": each.step, "by": seen.world.person_of(each.user_id), "state": each.state}
        for each in of_record(seen.world.system(), form.app_code, form.code, record.id)
    ]


def _records(seen: Seen, _given: Row) -> Json:
    return [*(seen.records or ())]


def _rights(seen: Seen, _given: Row) -> Json:
    return {code: [*verbs] for code, verbs in (seen.rights or {}).items() if verbs}


def _hidden(seen: Seen, _given: Row) -> Json:
    return {code: [*paths] for code, paths in (seen.hidden or {}).items() if paths}


_OBSERVED: Final[Mapping[str, Callable[[Seen, Row], Json]]] = {
    "status": _status,
    "values": _values,
    "shown": _shown,
    "rows": _rows,
    "asked": _asked,
    "path": _path,
    "records": _records,
    "rights": _rights,
    "hidden_fields": _hidden,
}
assert EXPECTATIONS.keys() >= _OBSERVED.keys(), "what is written down can be expected"
