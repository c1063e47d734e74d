"""Posting rules and stock settings are judged when they are published."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from builder.checks import check_app
from builder.packages import read_package
from runtime.definitions import load_app, read_app
from runtime.definitions.posting import COMMANDS
from runtime.infra.messages import message

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
SOURCE = read_package(JXC)
Change = Callable[[dict[str, Any], dict[str, Any]], Any]


def place_of(code: str) -> int:
    return next(i for i, form in enumerate(SOURCE["forms"]) if form["code"] == code)


def problems(form: str, change: Change) -> list[tuple[str, str]]:
    """What is found wrong after a form's definition was changed; pointers within the form."""
    source = deepcopy(SOURCE)
    change(source["forms"][place_of(form)], source)
    prefix = f"/forms/{place_of(form)}/posting"
    return [
        (problem.code, problem.pointer.removeprefix(prefix))
        for problem in check_app(read_app(source))
    ]


def field(form: dict[str, Any], *path: str) -> dict[str, Any]:
    found: dict[str, Any] = {"options": form}
    for code in path:
        found = next(one for one in found["options"]["fields"] if one["code"] == code)
    return found


def rule(**said: Any) -> Change:
    return lambda form, _app: form["posting"].update(said)


def without(name: str) -> Change:
    return lambda form, _app: form["posting"].pop(name)


def test_jxc__has_a_form_for_every_command_and_nothing_is_wrong() -> None:
    app = load_app(SOURCE)
    assert check_app(app) == ()
    rules = [form.posting for form in app.forms if form.posting]
    assert {one.command for one in rules} == set(COMMANDS)
    purposes = {one.purpose for one in rules if one.command in {"issue", "receive"}}
    assert purposes == {"", "opening", "misc_receipt", "sale", "scrap", "misc_issue"}
    assert any(one.provisional for one in rules)
    assert {(one.command, bool(one.source)) for one in rules if one.command == "transfer"} == {
        ("transfer", False),
        ("transfer", True),
    }


BROKEN: list[tuple[str, Change, str, str]] = [
    ("sales_return", without("source"), "property_missing", "/source"),
    ("sales_return", rule(source="customer"), "posting_source", "/source"),
    ("sales_return", rule(source="none"), "field_unknown", "/source"),
    ("purchase_return", rule(source_line="lines.note"), "posting_field_kind", "/source_line"),
    (
        "purchase_return",
        lambda form, _app: field(form, "lines", "source_line")["options"].update(places=2),
        "posting_line_number",
        "/source_line",
    ),
    (
        "purchase_return",
        lambda form, _app: field(form, "receipt").update(required=False),
        "posting_field_optional",
        "/source",
    ),
    ("delivery", rule(reservation="lines.uom"), "posting_source", "/reservation"),
    ("delivery", rule(basis="warehouse"), "posting_part_unused", "/basis"),
    ("delivery", rule(outputs={"lines": "lines", "item": "lines.item", "qty": "lines.qty",
                               "warehouse": "warehouse"}), "posting_part_unused", "/outputs"),
    ("delivery", rule(lines="none"), "field_unknown", "/lines"),
    ("delivery", rule(date="note"), "posting_field_kind", "/date"),
    ("delivery", rule(date="none"), "field_unknown", "/date"),
    ("delivery", rule(serials="lines.item"), "posting_field_kind", "/serials"),
    ("delivery", rule(party="lines.item"), "posting_needs_header", "/party"),
    ("delivery", rule(warehouse="customer"), "posting_other_form", "/warehouse"),
    ("transfer_arrival", rule(source="warehouse"), "posting_source", "/source"),
    ("stocktake", rule(amount="lines.surplus_cost"), "posting_part_unused", "/amount"),
    ("landed_cost", rule(amount="lines.part"), "posting_needs_header", "/amount"),
    ("landed_cost", rule(part="amount"), "posting_needs_lines", "/part"),
    (
        "landed_cost",
        lambda form, _app: field(form, "basis")["options"]["options"].append({"code": "weight"}),
        "posting_choice",
        "/basis",
    ),
    ("purchase_invoice", without("amount"), "posting_needs_value", "/amount"),
    ("assembly", without("outputs"), "property_missing", "/outputs"),
    (
        "assembly",
        lambda form, _app: form["posting"]["outputs"].update(qty="inputs.qty"),
        "field_unknown",
        "/outputs/qty",
    ),
    (
        "assembly",
        lambda form, _app: form["posting"]["outputs"].update(lines="none"),
        "field_unknown",
        "/outputs/lines",
    ),
    ("standard_cost", without("unit_cost"), "property_missing", "/unit_cost"),
    ("standard_cost", rule(lines="none"), "posting_part_unused", "/lines"),
    ("standard_cost", rule(item="note"), "posting_field_kind", "/item"),
    ("reservation", rule(expires="note"), "posting_field_kind", "/expires"),
    ("reservation_release", without("reservation"), "property_missing", "/reservation"),
    ("scrap", lambda form, _app: form.update(type="record"), "posting_needs_document", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "change", "code", "pointer"),
    BROKEN,
    ids=[f"{row[0]}-{row[2]}-{row[3]}" for row in BROKEN],
)
def test_rule__what_is_wrong_is_named(form: str, change: Change, code: str, pointer: str) -> None:
    assert (code, pointer) in problems(form, change)


SETTINGS: list[tuple[Change, str, str]] = [
    (lambda _form, app: app["stock"].update(warehouse="none"), "form_unknown", "/stock/warehouse"),
    (
        lambda _form, app: app["stock"]["item"].update(form="none"),
        "form_unknown",
        "/stock/item/form",
    ),
    (
        lambda _form, app: app["stock"]["item"].update(method="name"),
        "posting_field_kind",
        "/stock/item/method",
    ),
    (
        lambda _form, app: app["stock"]["item"].update(group="none"),
        "field_unknown",
        "/stock/item/group",
    ),
    (
        lambda _form, app: app["stock"]["item"].update(estimate_cost="name"),
        "posting_field_kind",
        "/stock/item/estimate_cost",
    ),
    (
        lambda form, _app: field(form, "tracking")["options"]["options"].append({"code": "lot"}),
        "posting_choice",
        "/stock/item/tracking",
    ),
    (
        lambda _form, app: app["stock"]["item"]["units"].update(lines="none"),
        "field_unknown",
        "/stock/item/units/lines",
    ),
    (
        lambda _form, app: app["stock"]["item"]["units"].update(qty="name"),
        "field_unknown",
        "/stock/item/units/qty",
    ),
    (
        lambda _form, app: app["stock"]["item"]["units"].update(qty="units.uom"),
        "posting_field_kind",
        "/stock/item/units/qty",
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "pointer"), SETTINGS, ids=[f"{row[1]}-{row[2]}" for row in SETTINGS]
)
def test_stock_settings__what_is_wrong_is_named(change: Change, code: str, pointer: str) -> None:
    assert (code, pointer) in problems("item", change)


def test_app_without_stock_settings__is_fine() -> None:
    source = {key: value for key, value in deepcopy(SOURCE).items() if key != "stock"}
    assert check_app(read_app(source)) == ()


def test_problems__have_words() -> None:
    for form, change, _code, _pointer in BROKEN:
        source = deepcopy(SOURCE)
        change(source["forms"][place_of(form)], source)
        for problem in check_app(read_app(source)):
            for locale in ("zh", "en"):
                assert "…" not in message(problem.code, problem.params, locale)
