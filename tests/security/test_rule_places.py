"""Every way to write has a place: in the matrix of rules, in a test that is named, or as none.

The ways are found in the map of addresses, in the registry of tasks and in the tree of commands,
so that a new one is not forgotten: it fails here until somebody has said what it writes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest
from flask import Flask

from builder.cli import main
from builder.tasks import TASKS
from tests.prepared import Prepared, tables
from tests.screens.conftest import noted, quick_hashes, running
from tests.security.rules_ways import TRIED
from tests.security.test_routes import UNSAFE, ours

__all__ = ["noted", "quick_hashes"]

ROOT: Final = Path(__file__).parents[2]
# Ways with attempts of their own where what they need stands: goods, books, flows.
ELSEWHERE: Final = {
    "screens.create_scan_task": "tests/screens/scan/test_scan.py",
    "screens.take_scans": "tests/screens/scan/test_scan.py",
    "screens.complete_scan": "tests/screens/scan/test_scan.py",
    "screens.correct_import_rows": "tests/unit/exchange/test_importing.py",
    "screens.undo_import": "tests/unit/exchange/test_importing.py",
    "exchange.undo_import": "tests/unit/exchange/test_importing.py",
    "screens.start_import_whole": "tests/unit/workbook/test_whole.py",
    "screens.repeat_import_whole": "tests/browser/test_workbook.py",
    "screens.undo_import_whole": "tests/unit/workbook/test_whole.py",
    "exchange.import_all": "tests/unit/workbook/test_whole.py",
    "workbook.undo": "tests/unit/workbook/test_whole.py",
    "documents.recompute": "tests/unit/documents/test_rollups.py",
    # What a step lets be filled in goes the one way with the answer.
    "screens.decide_record": "tests/screens/test_deciding.py",
    "screens.decide_task": "tests/screens/test_deciding.py",
    "screens.retry_flow_run": "tests/screens/test_flow_log.py",
    "flows.automate": "tests/unit/documents/test_automations.py",
    "flows.retry": "tests/unit/documents/test_automations.py",
    "flows.clock": "tests/unit/documents/test_automations.py",
    "api.decide_task": "tests/api/test_flow_acts.py",
    "api.press_button": "tests/api/test_flow_acts.py",
    "api.stash_task": "tests/api/test_flow_acts.py",
    "api.retry_run": "tests/unit/documents/test_automations.py",
    "flows.call": "tests/unit/documents/test_flows.py",
    "flows.tick": "tests/unit/documents/test_flows.py",
    "app install": "tests/cli/test_commands.py",
    "workbook adopt": "tests/unit/workbook/test_adopt.py",
    "serve": "tests/cli/test_commands.py",
    "designer.publish_draft": "tests/unit/builder/test_publish.py",
    "definitions.put_definition": "tests/api/test_definitions.py",
}
# Of a form or an app, and no value of a record: states of flows, words about records, looks.
NO_VALUES: Final = frozenset(
    {
        "api.add_approver", "api.cancel_record", "api.copy_record", "api.decide_record",
        "api.preview_flow", "api.purge_record", "api.query_records", "api.reactivate_record",
        "api.reassign_task", "api.remove_approver", "api.send_back_task",
        "api.summarize_records", "api.take_back_task", "api.terminate_record",
        "api.urge_record", "api.withdraw_record",
        "screens.add_comment", "screens.allow_public_links", "screens.batch_trial",
        "screens.cancel_record", "screens.change_policy", "screens.change_view",
        "screens.close_period", "screens.correct_import_column", "screens.correct_import_table",
        "screens.create_public_link",
        "screens.create_view", "screens.decide_import_whole",
        "screens.delete_view", "screens.export_records",
        "screens.note_opening", "screens.path_of_record", "screens.path_of_typed",
        "screens.open_public_link", "screens.print_record", "screens.print_records",
        "screens.purge_records",
        "screens.redo_import_correction", "screens.reopen_period",
        "screens.resolve", "screens.revoke_public_link", "screens.rule_states",
        "screens.rule_states_of", "screens.save_view", "screens.set_account_rule",
        "screens.set_rules", "screens.typed_problems", "screens.typed_problems_of",
        "screens.undo_import_correction", "screens.withdraw_comment",
        # Tasks.
        "daily.empty_bin", "daily.flows", "daily.forget_keys", "daily.keep_anchor",
        "daily.sweep_outbox", "exchange.export_rows", "mail.tell", "webhooks.deliver",
        # On a database that is thrown away.
        "app_tests",
        # Commands.
        "init", "worker", "scheduler", "formula eval", "kernel run", "kernel check",
        "books verify", "books anchor", "audit verify", "audit anchor", "app list", "app export",
        "app validate", "app test", "app diff", "workbook inspect",
    }
)  # fmt: skip
# What changes definitions, and records only by publishing them.
DESIGN: Final = ("designer.", "designs.")
# Accounts and what one person has on their own desk.
PEOPLE: Final = ("user ",)


@pytest.fixture(scope="module")
def app(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("places")
    url = f"sqlite:///{folder / 'test.db'}"
    prepared.fill(url, "tables alone", tables)
    with running(url, folder) as made:
        yield made


def addresses(app: Flask) -> set[str]:
    """Whatever writes and names an app or a form, or the links and tasks that lead to one."""
    names = {"form_code", "form", "app_code", "app", "link_token", "task_id"}
    return {
        rule.endpoint
        for rule, method, _declared in ours(app)
        if method in UNSAFE and names & rule.arguments
    }


def commands(group: click.Command, name: str = "") -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield name
        return
    for code, each in group.commands.items():
        yield from commands(each, f"{name} {code}".strip())


def test_every_way_to_write_has_its_place(app: Flask) -> None:
    known = TRIED | ELSEWHERE.keys() | NO_VALUES
    found = addresses(app) | set(TASKS) | set(commands(main))
    lost = {each for each in found - known if not each.startswith((*DESIGN, *PEOPLE))}
    assert lost == set(), "say what these write, and try to break the rules there"


def test_what_is_tried_elsewhere_is_there() -> None:
    assert all((ROOT / path).is_file() for path in ELSEWHERE.values())
