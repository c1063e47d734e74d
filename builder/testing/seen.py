"""What a step of a test brought to light, and the comparing of it with what was expected."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from builder.testing.field_states import states_at
from builder.testing.outcome import BrokenTestError, Difference, refusal_json
from builder.testing.values import Row, is_same, target_of, targets, told
from builder.testing.world import World
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError
from runtime.infra.messages import message
from runtime.infra.strict_json import Json
from runtime.query import LineRecord, Record
from runtime.workflow import of_record

Forms = Mapping[str, Form]
Expected = Any
Finding = Iterator[Difference]


@dataclass(frozen=True)
class Seen:
    """What came of a step. Of what it does not speak of there is nothing to expect."""

    world: World
    record: Record | None = None
    # Who looks: rules and rights are asked for them.
    act: Act | None = None
    error: AppError | None = None
    rows: Sequence[Row] | None = None
    # The forms that columns of `rows` and values point to.
    forms: Forms = field(default_factory=dict)
    values: Row | None = None
    records: tuple[str, ...] | None = None
    rights: Mapping[str, tuple[str, ...]] | None = None
    hidden: Mapping[str, tuple[str, ...]] | None = None

    def problems(self) -> list[Row]:
        """Each problem of a refusal: where, which, and in which words."""
        assert self.error is not None, "there are problems where something is refused"
        return [
            {
                "at": each.pointer,
                "code": each.code,
                "message": message(each.code, each.params, "zh"),
            }
            for each in self.error.problems
        ]


def differences(seen: Seen, expected: Mapping[str, Any], at: str) -> Finding:
    """Yield everything that is not as a step expects it."""
    wants_no = "refused" in expected or "problems" in expected
    if seen.error is not None and not wants_no:
        yield Difference(at, dict(expected), refusal_json(seen.error, list(seen.problems())))
        return
    if seen.error is None and wants_no:
        wanted = {name: expected[name] for name in ("refused", "problems") if name in expected}
        yield Difference(at, wanted, None)
        return
    for name, wanted in expected.items():
        yield from EXPECTATIONS[name](seen, wanted, f"{at}/{name}")


def _refused(seen: Seen, wanted: Expected, at: str) -> Finding:
    assert seen.error is not None, "asked of refusals"
    if seen.error.code != wanted:
        yield Difference(at, wanted, refusal_json(seen.error, list(seen.problems())))


def _problems(seen: Seen, wanted: Expected, at: str) -> Finding:
    yield from _rows(seen.world, {}, wanted, seen.problems(), at)


def _status(seen: Seen, wanted: Expected, at: str) -> Finding:
    status = _record(seen, at).status
    if status != wanted:
        yield Difference(at, wanted, status)


def _values(seen: Seen, wanted: Expected, at: str) -> Finding:
    if seen.values is not None:
        yield from _cells(seen.world, seen.forms, wanted, seen.values, at)
        return
    record = _record(seen, at)
    form, world = record.form, seen.world
    for code, value in wanted.items():
        here = f"{at}/{code}"
        if code in record.lines and isinstance(value, list):
            forms = targets(form, form.lines_of(code).fields)
            yield from _lines(world, forms, value, record.lines[code], here)
        else:
            points = target_of(form, form.by_code.get(code))
            forms = {} if points is None else {code: points}
            yield from _cells(world, forms, {code: value}, record.values, at)


def _lines(
    world: World, forms: Forms, wanted: Sequence[Any], lines: Sequence[LineRecord], at: str
) -> Finding:
    """Line by line in their order; each must be there, and none beside them."""
    for place, (row, line) in enumerate(zip_longest(wanted, lines)):
        here = f"{at}/{place}"
        if line is None or row is None:
            yield Difference(here, row, None if line is None else _told(world, forms, line.values))
        else:
            yield from _cells(world, forms, row, line.values, here)


def _cells(world: World, forms: Forms, wanted: Row, values: Row, at: str) -> Finding:
    for code, value in wanted.items():
        if code not in values:
            yield Difference(f"{at}/{code}", value, None)
        elif not is_same(world, forms.get(code), value, values[code]):
            yield Difference(f"{at}/{code}", value, told(world, forms.get(code), values[code]))


def _shown(seen: Seen, wanted: Expected, at: str) -> Finding:
    record = _record(seen, at)
    for code, value in wanted.items():
        if isinstance(value, list):
            rows = record.lines.get(code, ())
            found: Json = [
                {name: record.shown(name, line, code) for name in row}
                for row, line in zip(value, rows, strict=False)
            ]
        else:
            found = record.shown(code) if code in record.values else None
        if found != value:
            yield Difference(f"{at}/{code}", value, found)


def _fields(seen: Seen, wanted: Expected, at: str) -> Finding:
    record, act = _record(seen, at), _given(seen.act, at)
    for place, states in wanted.items():
        found = states_at(act, record, place)
        if found is None:
            yield Difference(f"{at}/{place}", states, None)
            continue
        for name, value in states.items():
            if found[name] is not value:
                yield Difference(f"{at}/{place}/{name}", value, found[name])


def _asked(seen: Seen, wanted: Expected, at: str) -> Finding:
    open_tasks = [each for each in _tasks(seen, at) if each.state == "open"]
    found = sorted(seen.world.person_of(each.user_id) for each in open_tasks)
    if found != sorted(wanted):
        yield Difference(at, wanted, [*found])


def _path(seen: Seen, wanted: Expected, at: str) -> Finding:
    rows = [
        {"step": each.step, "by": seen.world.person_of(each.user_id), "state": each.state}
        for each in _tasks(seen, at)
    ]
    yield from _rows(seen.world, {}, wanted, rows, at)


def _tasks(seen: Seen, at: str) -> Sequence[Any]:
    record = _record(seen, at)
    return of_record(seen.world.system(), record.form.app_code, record.form.code, record.id)


def _found(seen: Seen, wanted: Expected, at: str) -> Finding:
    found = sorted(_given(seen.records, at))
    if found != sorted(wanted):
        yield Difference(at, wanted, [*found])


def _seen_rows(seen: Seen, wanted: Expected, at: str) -> Finding:
    yield from _rows(seen.world, seen.forms, wanted, _given(seen.rows, at), at)


def _rows(
    world: World, forms: Forms, wanted: Sequence[Row], rows: Sequence[Row], at: str
) -> Finding:
    """Every row that is expected, in any order, and no other."""
    left = list(rows)
    missing: list[tuple[int, Row]] = []
    for place, row in enumerate(wanted):
        same = next((each for each in left if not any(_cells(world, forms, row, each, ""))), None)
        if same is None:
            missing.append((place, row))
        else:
            left.remove(same)
    for expected, actual in zip_longest(missing, left):
        if expected is None:
            yield Difference(f"{at}/-", None, _told(world, forms, actual))
        elif actual is None:
            yield Difference(f"{at}/{expected[0]}", dict(expected[1]), None)
        else:
            yield from _cells(world, forms, expected[1], actual, f"{at}/{expected[0]}")


def _rights(seen: Seen, wanted: Expected, at: str) -> Finding:
    yield from _by_form(_given(seen.rights, at), wanted, at)


def _hidden(seen: Seen, wanted: Expected, at: str) -> Finding:
    yield from _by_form(_given(seen.hidden, at), wanted, at)


def _by_form(found: Mapping[str, Sequence[str]], wanted: Expected, at: str) -> Finding:
    """What is said form by form: one that is not named has nothing."""
    for code in sorted({*found, *wanted}):
        expected, actual = sorted(wanted.get(code, ())), sorted(found.get(code, ()))
        if expected != actual:
            yield Difference(f"{at}/{code}", [*expected], [*actual])


def _record(seen: Seen, at: str) -> Record:
    found: Record = _given(seen.record, at)
    return found


def _given(value: Any, at: str) -> Any:
    """What a step shows of this kind; a test that expects what there cannot be is broken."""
    if value is None:
        raise BrokenTestError("test_expects_nothing_there", {"at": at})
    return value


def _told(world: World, forms: Forms, row: Row) -> Json:
    return {code: told(world, forms.get(code), value) for code, value in row.items()}


EXPECTATIONS: Final[Mapping[str, Callable[[Seen, Expected, str], Finding]]] = {
    "refused": _refused,
    "problems": _problems,
    "status": _status,
    "values": _values,
    "shown": _shown,
    "fields": _fields,
    "asked": _asked,
    "path": _path,
    "records": _found,
    "rows": _seen_rows,
    "rights": _rights,
    "hidden_fields": _hidden,
}
