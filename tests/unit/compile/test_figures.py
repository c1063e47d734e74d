"""Roll-ups and aggregate tables in definitions: what is refused, and where the mistake stands."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.infra.errors import ValidationFailed
from tests.unit.documents.figures import company

Json = dict[str, Any]
Change = Callable[[Json], Any]


def problems(change: Change) -> list[tuple[str, str]]:
    source = deepcopy(company())
    change(source)
    with pytest.raises(ValidationFailed) as caught:
        compile_app(load_app(source), 1)
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


def options(app: Json, code: str, form: int = 0) -> Any:
    return next(each for each in app["forms"][form]["fields"] if each["code"] == code)["options"]


def place(code: str, form: int = 0) -> str:
    codes = [each["code"] for each in company()["forms"][form]["fields"]]
    return f"/forms/{form}/fields/{codes.index(code)}/options"


def of(code: str, form: int = 0, **more: Any) -> Change:
    return lambda app: options(app, code, form).update(more)


# what is written into which roll-up of the supplier (form 0) or the item (form 1), and the answer
ROLLUPS = [
    (lambda app: options(app, "n").update(form="nothing"), f"{place('n')}/form", "form_unknown"),
    (lambda app: options(app, "n").update(form="months"), f"{place('n')}/form", "form_unknown"),
    (of("n", reference="place"), f"{place('n')}/reference", "rollup_reference"),
    (of("n", reference="nothing"), f"{place('n')}/reference", "rollup_reference"),
    (of("n", reference="lines.item"), f"{place('n')}/reference", "rollup_reference"),
    (of("n", field="total"), f"{place('n')}/field", "rollup_counts_rows"),
    (of("n", result="date"), f"{place('n')}/result", "rollup_measure_kind"),
    (lambda app: options(app, "spent").pop("field"), f"{place('spent')}/field",
     "rollup_field_unknown"),
    (of("spent", field="nothing"), f"{place('spent')}/field", "rollup_field_unknown"),
    (of("spent", field="lines.nothing"), f"{place('spent')}/field", "rollup_field_unknown"),
    (of("spent", field="lines"), f"{place('spent')}/field", "rollup_field_unknown"),
    (of("spent", field="place"), f"{place('spent')}/field", "rollup_measure_kind"),
    (of("spent", field="day"), f"{place('spent')}/field", "rollup_measure_kind"),
    (of("spent", result="date"), f"{place('spent')}/field", "rollup_measure_kind"),
    (of("last", result="datetime"), f"{place('last')}/field", "rollup_measure_kind"),
    (of("mean", measure="average", field="day"), f"{place('mean')}/field", "rollup_measure_kind"),
    (of("spent", places=1), f"{place('spent')}/field", "rollup_places"),
    (of("dearest", 1, places=2), f"{place('dearest', 1)}/field", "rollup_places"),
    (of("large", where="=nothing>1"), f"{place('large')}/where", "formula_name_unknown"),
    (of("large", where="=total+1"), f"{place('large')}/where", "formula_not_a_condition"),
    (of("large", where="=day<TODAY()"), f"{place('large')}/where", "formula_not_steady"),
    (of("large", where="=supplier.name=\"x\""), f"{place('large')}/where", "formula_not_steady"),
    (of("large", where="=qty>1"), f"{place('large')}/where", "formula_name_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "pointer", "code"), ROLLUPS)
def test_rollup(change: Change, pointer: str, code: str) -> None:
    assert (pointer, code) in problems(change)


def test_rollup__not_in_lines() -> None:
    def change(app: Json) -> None:
        lines = options(app, "lines", 2)["fields"]
        lines.append({**app["forms"][0]["fields"][1], "code": "again"})

    pointer = f"{place('lines', 2)}/fields/4/kind"
    assert (pointer, "rollup_inside_lines") in problems(change)


def test_rollup__average_may_have_fewer_places() -> None:
    source = company()
    options(source, "mean")["places"] = 0
    assert compile_app(load_app(source), 1).forms["supplier"].rollups["mean"].total is not None


def months(app: Json) -> Any:
    return app["aggregates"][0]


def feed(**more: Any) -> Change:
    return lambda app: months(app)["sources"][0].update(more)


def bought(**share: Any) -> Change:
    return lambda app: months(app)["sources"][0]["measures"].update(bought=share)


def dimension(**paths: str) -> Change:
    def change(app: Json) -> None:
        source = months(app)["sources"][0]
        source["dimensions"] = {**source["dimensions"], **paths}

    return change


SOURCE = "/aggregates/0/sources/0"
BOUGHT = f"{SOURCE}/measures/bought/of"
TABLES = [
    (feed(form="nothing"), f"{SOURCE}/form", "form_unknown"),
    (feed(lines="nothing"), f"{SOURCE}/lines", "field_unknown"),
    (feed(dimensions={"month": "month(day)"}), f"{SOURCE}/dimensions", "property_missing"),
    (dimension(shelf="place"), f"{SOURCE}/dimensions/shelf", "property_unknown"),
    (dimension(place="nothing"), f"{SOURCE}/dimensions/place", "field_unknown"),
    (dimension(place="total"), f"{SOURCE}/dimensions/place", "aggregate_dimension_kind"),
    (dimension(place="lines.qty"), f"{SOURCE}/dimensions/place", "aggregate_dimension_kind"),
    (dimension(place="supplier"), "/aggregates/0/dimensions/2", "aggregate_dimensions_differ"),
    (dimension(item="supplier"), "/aggregates/0/dimensions/1", "aggregate_dimensions_differ"),
    (dimension(month="month(at)"), f"{SOURCE}/dimensions/month", "aggregate_month_of_date"),
    (feed(where="=qty"), f"{SOURCE}/where", "formula_not_a_condition"),
    (feed(where="=NOW()>at"), f"{SOURCE}/where", "formula_not_steady"),
    (feed(measures={"sold": {"op": "sum", "of": "qty"}, "shelf": {"op": "count"}}),
     f"{SOURCE}/measures/shelf", "property_unknown"),
    (feed(measures={"sold": {"op": "sum", "of": "qty"}}), "/aggregates/0/measures/1",
     "aggregate_measure_unfed"),
    (bought(op="sum"), BOUGHT, "property_missing"),
    (bought(op="sum", of="=nothing"), BOUGHT, "formula_name_unknown"),
    (bought(op="sum", of="day"), BOUGHT, "rollup_measure_kind"),
    (bought(op="sum", of="=qty>1"), BOUGHT, "rollup_measure_kind"),
    (bought(op="max", of="qty", sign=-1), "/aggregates/0/measures/1", "aggregate_sign"),
    (lambda app: months(app)["sources"][2]["measures"].update(worth={"op": "max", "of": "qty"}),
     "/aggregates/0/measures/2", "aggregate_operations_differ"),
    (lambda app: months(app)["measures"][1].update(formula="=sold"),
     "/aggregates/0/measures/1/formula", "aggregate_measure_twice"),
    (lambda app: months(app)["measures"][0].update(formula="=qqq"),
     "/aggregates/0/measures/0/formula", "formula_name_unknown"),
    (lambda app: months(app)["measures"][4].update(formula="=left+1"), "/aggregates/0/measures",
     "formula_cycle"),
    (lambda app: months(app).update(checks=[{"formula": "=balance", "message": "x"}]),
     "/aggregates/0/checks/0/formula", "formula_not_a_condition"),
    (lambda app: months(app).update(checks=[{"formula": "=TODAY()>last", "message": "x"}]),
     "/aggregates/0/checks/0/formula", "formula_not_steady"),
    (lambda app: months(app)["sources"][0]["measures"]["worth"].update(of="=1/"),
     f"{SOURCE}/measures/worth/of", "formula_incomplete"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "pointer", "code"), TABLES)
def test_table(change: Change, pointer: str, code: str) -> None:
    assert (pointer, code) in problems(change)
