"""What a value may be at least and at most: fixed, or computed for each record."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from runtime.compile import App, compile_app, compute, validate
from runtime.compile.limits import outside
from runtime.definitions import load_app
from runtime.infra.errors import ValidationFailed

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
Json = dict[str, Any]


def field(code: str, kind: str, **options: Any) -> Json:
    return {"code": code, "kind": kind, "label": code, "options": options}


def source(*fields: Json) -> Json:
    form = {"code": "order", "label": "订单", "type": "document", "fields": list(fields)}
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [form]}


ORDER = source(
    field("credit", "money"),
    field("amount", "money", max="=credit*1.1", min="=credit/10", min_exclusive=True),
    field("begins", "date", min="=TODAY()", max="2026-12-31"),
    field("ends", "date", min="=begins"),
    field("seen", "datetime", min="=begins"),
    field("opens", "time", min="06:30", max="=closes"),
    field("closes", "time"),
    field("hours", "duration", max="=credit*3600"),
    field("rows", "lines", fields=[field("qty", "quantity", max="=amount-free"),
                                   field("free", "number", min="0")]),
)  # fmt: skip


class Nowhere:
    """No other records."""

    def related(self, _form: str, _record_id: int) -> Json:
        return {}

    def tables(self, _work: Any) -> Any:
        return None


@pytest.fixture(scope="module")
def app() -> App:
    return compile_app(load_app(ORDER), 1)


def found(app: App, complete: bool = True, **sent: Any) -> list[tuple[str, str, Any]]:
    form = app.forms["order"]
    values, problems = validate(form, sent)
    blank = {each.code: None for each in form.fields if not each.is_lines}
    rows = [{"qty": None, "free": None, **row} for row in values.get("rows", ())]
    computed = compute(form, {**blank, **values, "rows": rows}, {}, NOW)
    problems += outside(form, computed, NOW, Nowhere(), complete=complete)
    return [(each.pointer, each.code, each.params.get("limit")) for each in problems]


CASES: list[tuple[Json, list[tuple[str, str, Any]]]] = [
    # what is sent, what is told
    ({"credit": "100.00", "amount": "110.00"}, []),
    ({"credit": "100.00", "amount": "110.01"}, [("/amount", "number_above", "110.00")]),
    ({"credit": "100.00", "amount": "10.00"}, [("/amount", "number_not_above", "10.00")]),
    ({"credit": "100.05", "amount": "110.06"}, [("/amount", "number_above", "110.055")]),
    # Nothing to compare with: 0, as everywhere in the language.
    ({"amount": "0.01"}, [("/amount", "number_above", "0.00")]),
    ({"credit": "-5.00"}, []),
    ({"begins": "2026-11-21"}, []),
    ({"begins": "2026-11-20"}, [("/begins", "moment_before", "2026-11-21")]),
    ({"begins": "2027-01-01"}, [("/begins", "moment_after", "2026-12-31")]),
    ({"begins": "2026-12-01", "ends": "2026-11-30"}, [("/ends", "moment_before", "2026-12-01")]),
    ({"ends": "2026-11-30"}, []),
    ({"begins": "2026-12-01", "seen": "2026-12-01T00:00:00+08:00"}, []),
    ({"begins": "2026-12-01", "seen": "2026-11-30T23:59:59+08:00"},
     [("/seen", "moment_before", "2026-12-01 00:00")]),
    ({"opens": "06:29"}, [("/opens", "moment_before", "06:30:00")]),
    ({"opens": "09:00", "closes": "08:59:30"}, [("/opens", "moment_after", "08:59:30")]),
    ({"credit": "2.00", "hours": "7201"}, [("/hours", "number_above", "2:00")]),
    ({"credit": "10.00", "amount": "9.00", "rows": [{"qty": "5", "free": "4"},
      {"qty": "5.000001", "free": "4"}, {"free": "-1"}]},
     [("/rows/2/free", "number_below", "0"), ("/rows/1/qty", "number_above", "5")]),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "told"), CASES)
def test_bounds__of_values_that_are_there(app: App, sent: Json, told: list[Any]) -> None:
    assert found(app, **sent) == told


def test_a_bound_that_ends_in_an_error__is_asked_of_what_is_complete() -> None:
    app = compile_app(load_app(source(field("a", "number"), field("b", "number", max="=1/a"))), 1)
    form = app.forms["order"]
    values = {"a": Decimal(0), "b": Decimal(1)}
    for complete, told in ((False, []), (True, ["bound_not_computed"])):
        problems = outside(form, values, NOW, Nowhere(), complete=complete)
        assert [each.code for each in problems] == told


def test_bounds__are_among_what_uses_a_field(app: App) -> None:
    reading = {
        (edge.node.field, edge.how)
        for edge in app.forms.graph.edges
        if edge.reads.field == "credit"
    }
    assert reading == {("amount", "check"), ("hours", "check")}


WRONG_FORMULA = [
    # field, where, what is told
    (field("a", "number", min="=TODAY()"), "/forms/0/fields/0/options/min", "bound_type"),
    (field("a", "date", max="=1+1"), "/forms/0/fields/0/options/max", "bound_type"),
    (field("a", "time", max="=NOW()"), "/forms/0/fields/0/options/max", "bound_type"),
    (field("a", "number", max="=nothing"), "/forms/0/fields/0/options/max", "formula_name_unknown"),
    (field("a", "number", max="10%"), "/forms/0/fields/0/options/max", "property_pattern"),
    (field("a", "text", min="1"), "/forms/0/fields/0/options/min", "property_unknown"),
]


@pytest.mark.parametrize(("wrong", "pointer", "code"), WRONG_FORMULA)
def test_formulas_that_cannot_bound__are_told(wrong: Json, pointer: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        compile_app(load_app(source(wrong)), 1)
    assert [(each.pointer, each.code) for each in caught.value.problems] == [(pointer, code)]


WRONG = [
    (field("a", "date", min="2026-02-30"), "/min", "bound_unreadable"),
    (field("a", "number", places=0, max="1.5"), "/max", "bound_unreadable"),
    (field("a", "number", min="2", max="1"), "/max", "bounds_crossed"),
    (field("a", "datetime", min="2026-01-02T00:00+08:00", max="2026-01-01T23:00+08:00"),
     "/max", "bounds_crossed"),
    (field("a", "text", min_length=9, max_length=8), "/max_length", "bounds_crossed"),
    (field("a", "text", expression="(a"), "/expression", "pattern_invalid"),
    (field("a", "text", expression=r"(a)\1"), "/expression", "pattern_invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "pointer", "code"), WRONG)
def test_bounds_that_say_nothing__are_told(wrong: Json, pointer: str, code: str) -> None:
    def told(*fields: Json) -> list[tuple[str, str]]:
        with pytest.raises(ValidationFailed) as caught:
            compile_app(load_app(source(*fields)), 1)
        return [(each.pointer, each.code) for each in caught.value.problems]

    at = "/forms/0/fields/0/options"
    assert told(wrong) == [(f"{at}{pointer}", code)]
    rows = field("rows", "lines", fields=[wrong])
    assert told(rows) == [(f"{at}/fields/0/options{pointer}", code)]


def test_a_day__is_never_before_the_bound_its_author_wrote(app: App) -> None:
    begins = app.forms["order"].by_code["begins"]
    assert begins.kind.schema(begins.definition).deserialize("2026-12-31") == date(2026, 12, 31)
