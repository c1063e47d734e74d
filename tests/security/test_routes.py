"""Every route × everybody: who is let in, who is turned away, and that nobody breaks anything."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from flask import Flask
from werkzeug.routing import Rule

from runtime import access
from runtime.infra import users
from runtime.screens.routes import GENERAL
from tests.screens.person import Person
from tests.security.scene import PEOPLE, Scene

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FORMS = ("item", "purchase_receipt", "delivery", "customer")
# What stands in an address; what no demo company has is answered 404, and that is an answer too.
PARTS: dict[str, Any] = {
    "app_code": "jxc",
    "app": "jxc",
    "field_path": "supplier",
    "record_id": 1,
    "comment_id": 1,
    "version_id": 1,
    "conversion_code": "receipt_to_return",
    "printout_code": "delivery_note",
    "conversion": "receipt_to_return",
    "task_id": 1,
    "delegation_id": 9999,
    "job_id": 1,
    "file_id": 1,
    "batch_id": 1,
    "step_code": "n_ding",
    "field": "supplier",
    "place_form": "purchase_receipt",
    "part": "formula",
    "code": "monthly_summary",
    "department_id": 1,
    "digest": "0" * 64,
    "field_code": "supplier",
    "symbology": "qr",
    "view_key": "~board",
    "lines": "lines",
    "line_id": 1,
    "webhook_id": 1,
    "delivery_id": 1,
    "entry_id": 1,
    "user_id": 1,
    "link_token": "x" * 32,
    "link_id": 1,
    "token_id": 1,
    "session_id": 1,
    "pin_id": 1,
    "flow_code": "receipt_approval",
    "hook_token": "x" * 32,
    "button_code": "none",
    "run_id": 9999,
}

# What answers rubbish otherwise than by refusing it.
TAKES_ANYTHING: Final = frozenset(
    {
        "screens.sign_out",
        "screens.sign_in",
        "screens.save_preferences",
        # What somebody has on their own desk; rubbish is taken for nothing.
        "screens.hide_first_steps",
        "screens.read_notices",
        "screens.note_opening",
        "screens.change_pin",
        "screens.resolve",
        "screens.path_of_record",
        "screens.path_of_typed",
        "screens.rule_states",
        "screens.rule_states_of",
        "screens.typed_problems",
        "screens.typed_problems_of",
        # Says nothing but what it is about; with nothing to take back nothing happens.
        "screens.undo_import_correction",
        "screens.redo_import_correction",
        # Says nothing but whom it is about.
        "screens.end_user_sessions",
        "screens.begin_preview",
        "screens.end_preview",
        # Shows what is typed on a page of the draft, and keeps nothing.
        "designer.save_preview",
        # Runs all tests of the app when none is named.
        "designer.run_app_tests",
        # Shows again what was filled in for a test, and says what is missing.
        "designer.record_app_test",
        # The door sends back to its beginning whoever has not come from it.
        "screens.second_step",
        # What they do needs no word besides the address.
        "screens.print_record",
        "screens.set_user_mail",
        "designer.try_printout",
        "screens.begin_second_factor",
        "screens.remove_second_factor",
        "screens.set_factor_rules",
        "screens.end_other_places",
        "screens.end_place",
        "screens.revoke_token",
        "screens.make_link",
        "screens.reset_second_factor",
        "screens.purge_records",
    }
)


# Without these a view says what is missing before it asks who is there.
QUERIES = {"screens.line_stock": "?warehouse=1&item=1", "screens.stock_ledger": "?item=1"}


def ours(app: Flask) -> Iterator[tuple[Rule, str, Any]]:
    """Every rule of ours with each of its methods and what its view declares."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, app.view_functions[rule.endpoint].declared  # type: ignore[attr-defined]


def addresses(app: Flask, rule: Rule) -> Iterator[tuple[str, str]]:
    """The addresses of a rule with the form each is about, if it is about one."""
    adapter = app.url_map.bind("localhost")
    name = next((name for name in ("form_code", "form") if name in rule.arguments), "")
    for form in FORMS if name else ("",):
        parts = {key: PARTS[key] for key in rule.arguments - {name}}
        method = next(iter(rule.methods or {"GET"}))
        path = adapter.build(rule.endpoint, {**parts, name: form} if name else parts, method)
        yield path + QUERIES.get(rule.endpoint, ""), form


def everybody_may(scene: Scene, name: str, verb: str, form: str) -> bool:
    """What the grants say, asked of them directly."""
    with scene.platform.database.reading() as connection:
        found = scene.platform.catalogue.form(connection, "jxc", form)
        user = users.by_name(connection, name)
        assert user is not None
        return access.may(user.actor("screen"), verb, found)


def test_nobody__is_sent_to_the_door_or_told_401(scene: Scene) -> None:
    visitor = scene.anyone()
    count = 0
    with scene.unchanged():
        for rule, method, declared in ours(scene.app):
            for address, _ in addresses(scene.app, rule):
                answer = visitor.client.open(address, method=method)
                count += 1
                if declared.permission == "public":
                    assert answer.status_code < 500, address
                elif address.startswith("/api/"):
                    assert answer.status_code == 401, address
                else:
                    assert answer.status_code == 303, (method, address)
                    assert answer.location.startswith("/sign-in"), address
    assert count > 100


@pytest.mark.parametrize("name", PEOPLE)
def test_reading__what_the_grants_say_and_never_a_fault(scene: Scene, name: str) -> None:
    somebody = scene.person(name)
    seen = {200: 0, 403: 0, 404: 0}
    with scene.unchanged():
        for rule, method, declared in ours(scene.app):
            if method != "GET":
                continue
            for address, form in addresses(scene.app, rule):
                status = somebody.client.get(address).status_code
                seen[status] = seen.get(status, 0) + 1
                assert status < 500, address
                if declared.permission == "admin":
                    assert (status == 403) == (name != "admin"), address
                elif declared.permission not in GENERAL and form:
                    may = everybody_may(scene, name, declared.permission, form)
                    assert (status == 403) == (not may), (address, status)
    assert seen[200] > 20, seen
    assert seen[403] > 1 or name == "admin", seen


@pytest.mark.parametrize("name", PEOPLE)
def test_writing_without_the_forms_token__is_refused_and_changes_nothing(
    scene: Scene, name: str
) -> None:
    somebody: Person = scene.person(name)
    count = 0
    with scene.unchanged():
        for rule, method, declared in ours(scene.app):
            if method not in UNSAFE:
                continue
            if rule.endpoint == "api.receive_hook":
                # Nobody is signed in there: a secret proves who calls (tests/api/test_hooks.py).
                continue
            assert declared.csrf, rule
            for address, _ in addresses(scene.app, rule):
                for fields in ({}, {"csrf_token": "x" * 40}):
                    answer = somebody.client.open(address, method=method, data=fields)
                    # At the door a page that lay open too long is shown afresh instead.
                    expected = 200 if rule.endpoint == "screens.sign_in" else 403
                    assert answer.status_code == expected, (method, address)
                    count += 1
    assert count > 50


@pytest.mark.parametrize("name", PEOPLE)
def test_writing_rubbish__is_refused_and_never_a_fault(scene: Scene, name: str) -> None:
    somebody = scene.person(name)
    headers = {"X-CSRFToken": somebody.token, "Idempotency-Key": "rubbish"}
    bodies: tuple[dict[str, Any], ...] = (
        {"data": {}},
        {"data": {"version": "x", "lines.a.b": "1", "decision": "maybe", "task": "9" * 30}},
        {"data": {"version": "9" * 15, "lines.0.qty": "NaN", "_key": "k" * 500, "task": "1"}},
        {"data": {"name": "\x00", "version": "0", "supplier": "\x00"}},
        {"json": []},
        {"json": {"values": {"": None}, "decision": ["approve"], "task": 10**30}},
    )
    faults: list[Any] = []
    with scene.unchanged():
        for rule, method, _ in ours(scene.app):
            if method not in UNSAFE or rule.endpoint in TAKES_ANYTHING:
                continue
            for address, _ in addresses(scene.app, rule):
                for body in bodies:
                    answer = somebody.client.open(address, method=method, headers=headers, **body)
                    if not 400 <= answer.status_code < 500:
                        faults.append((answer.status_code, address, body))
        assert faults == []
