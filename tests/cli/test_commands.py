"""The commands as a person at a terminal, or a script, meets them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from builder.cli import main
from runtime.cli import main as runtime_main

ROOT = Path(__file__).parents[2]
JXC = ROOT / "app_templates" / "jxc"
Dajian = Callable[..., Result]


@pytest.fixture
def dajian(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dajian:
    """Run a command on an empty database of each kind, named by `--database`."""
    monkeypatch.setenv("DAJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)

    def run(*words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, [*words, "--database", database_url], input=given)

    return run


def fine(result: Result) -> Any:
    """Return the document of a command that has to be fine."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if result.stdout else None


def test_apps(dajian: Dajian, tmp_path: Path) -> None:
    nothing_to_do = {"recompute": 0, "job": None}
    assert fine(dajian("app", "list", "--json")) == []
    first = fine(dajian("app", "install", str(JXC), "--json"))
    assert first == {**nothing_to_do, "app": "jxc", "version": 1, "changed": True}
    again = fine(dajian("app", "install", str(JXC), "--json"))
    assert again == {**nothing_to_do, "app": "jxc", "version": 1, "changed": False}
    (listed,) = fine(dajian("app", "list", "--json"))
    assert (listed["code"], listed["version"]) == ("jxc", 1)
    out = tmp_path / "out"
    fine(dajian("app", "export", "jxc", str(out)))
    assert fine(dajian("app", "diff", "jxc", str(out), "--json")) == []
    form = out / "forms" / "item.json"
    changed = json.loads(form.read_text(encoding="utf-8"))
    changed["fields"][0]["required"] = False
    form.write_text(json.dumps(changed), encoding="utf-8")
    found = dajian("app", "diff", "jxc", str(out), "--json")
    assert found.exit_code == 1
    assert [item["path"] for item in json.loads(found.stdout)] == [
        "forms/item/fields/item_no/required"
    ]
    assert dajian("app", "export", "nothing", str(out)).exit_code == 1


def test_people(dajian: Dajian) -> None:
    fine(dajian("app", "install", str(JXC)))
    words = ("--password", "correct horse")
    made = fine(dajian("user", "create", "li", "--role", "buyer", *words, "--json"))
    assert made["roles"] == ["buyer"]
    unknown = dajian("user", "create", "wang", "--role", "byer", *words)
    assert unknown.exit_code == 1
    assert "warehouse_lead" in unknown.stderr
    assert dajian("user", "create", "LI", *words).exit_code == 1
    assert dajian("user", "create", "wang", "--password", "short").exit_code == 1
    asked = dajian("user", "create", "zhou", given="a good word\na good word\n")
    assert asked.exit_code == 0
    assert dajian("user", "reset-password", "li", "--password", "another horse").exit_code == 0
    assert dajian("user", "reset-password", "nobody", *words).exit_code == 1
    token = dajian("user", "token", "li", "--scope", "read", "--days", "3")
    assert token.stdout.startswith("dj_")
    assert dajian("user", "token", "li", "--scope", "all").exit_code == 2
    for words in (("invite", "zhao", "--role", "buyer"), ("reset-link", "li")):
        link = dajian("user", *words)
        assert link.exit_code == 0
        assert link.stdout.startswith("http://127.0.0.1:8000/invitation#")
    assert dajian("user", "reset-second-step", "li").exit_code == 0


def test_books_verify__clean_on_an_empty_ledger(dajian: Dajian) -> None:
    fine(dajian("init"))
    findings = fine(dajian("books", "verify", "--json"))
    assert findings
    assert all(set(finding) == {"id", "ok", "checked", "detail"} for finding in findings)


def test_kernel(dajian: Dajian, tmp_path: Path) -> None:
    receive = {"op": "receive", "item": "A", "warehouse": "W1", "qty": "10"}
    scenario = {
        "id": "T-1",
        "title": "two receipts, one issue at the average",
        "method": "moving_average",
        "permutable": True,
        "items": [{"id": "A"}],
        "ops": [
            {**receive, "id": "r1", "date": "2024-01-01", "unit_cost": "10"},
            {**receive, "id": "r2", "date": "2024-01-02", "unit_cost": "20"},
            {**receive, "op": "issue", "id": "i1", "date": "2024-01-03", "qty": "15"},
        ],
        "expect": {"balances": [{"item": "A", "warehouse": "W1", "qty": "5", "value": "75"}]},
    }
    file = tmp_path / "scenarios.json"

    def write(**changes: Any) -> None:
        scenarios = [scenario | {"expect": scenario["expect"] | changes}]
        document = {"format": "kernel-scenarios/1", "scenarios": scenarios}
        file.write_text(json.dumps(document), encoding="utf-8")

    write()
    outcome = fine(dajian("kernel", "check", str(file), "--json"))
    assert (outcome["passed"], outcome["failed"], outcome["mismatches"]) == (1, 0, [])
    ran = fine(dajian("kernel", "run", str(file), "--json", "--arrival-seed", "7"))
    assert all(finding["ok"] for finding in ran["verify"])
    write(issues=[{"op": "i1", "cost": "224"}])
    wrong = dajian("kernel", "check", str(file), "--json")
    assert (wrong.exit_code, json.loads(wrong.stdout)["failed"]) == (1, 1)
    file.write_text("{}", encoding="utf-8")
    assert dajian("kernel", "check", str(file), "--json").exit_code == 1


def test_formula_eval(dajian: Dajian) -> None:
    cases = [
        {
            "id": "1",
            "formula": "=ROUND(qty*price,2)",
            "fields": {
                "qty": {"type": "decimal", "value": "3"},
                "price": {"type": "money", "value": "1.005"},
            },
        },
        {"id": "2", "formula": "=1/0", "fields": {}},
    ]
    answers = fine(dajian("formula", "eval", "--json", given=json.dumps(cases)))
    assert [(each["ok"], each.get("value", each.get("error"))) for each in answers] == [
        (True, "3.02"),
        (False, "#DIV/0!"),
    ]
    assert dajian("formula", "eval", "--json", given="[").exit_code == 1


def test_validate(tmp_path: Path) -> None:
    assert fine(CliRunner().invoke(main, ["app", "validate", str(JXC), "--json"]))["ok"]
    (tmp_path / "app.json").write_text('{"code": "x"}', encoding="utf-8")
    broken = CliRunner().invoke(main, ["app", "validate", str(tmp_path), "--json"])
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["problems"]


def test_usage__says_so_with_two() -> None:
    for words in (
        ["nothing"],
        ["serve", "--port", "x"],
        ["app", "install", "/nowhere"],
        ["init", "x"],
    ):
        assert CliRunner().invoke(main, words).exit_code == 2


def test_serve__refuses_what_is_not_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("DAJIAN_SECRET", "changeme")
    refused = CliRunner().invoke(main, ["serve", "--host", "0.0.0.0"])
    assert refused.exit_code == 1
    assert {"[E002]", "[E003]"} <= set(refused.stderr.split())
    assert not (tmp_path / "dajian.db").exists()


def test_run_only__knows_no_builder() -> None:
    assert "app" not in runtime_main.commands
    assert set(runtime_main.commands) < set(main.commands)


def test_workbook(dajian: Dajian, tmp_path: Path) -> None:
    file = tmp_path / "商品.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "商品"
    rows = (("编码", "名称", "单价"), ("A1", "螺母", 1.25), ("A2", "螺栓", 2), ("A3", "垫圈", 0.1))
    for row in rows:
        sheet.append(row)
    book.save(file)
    seen = fine(CliRunner().invoke(main, ["workbook", "inspect", str(file), "--json"]))
    assert [column["name"] for column in seen["tables"][0]["columns"]] == ["编码", "名称", "单价"]
    (table,) = fine(dajian("workbook", "adopt", str(file), "--app", "shop", "--json"))["tables"]
    assert (table["created"], table["failed"], table["error"]) == (3, 0, None)
    (listed,) = fine(dajian("app", "list", "--json"))
    assert (listed["code"], listed["version"]) == ("shop", 2)
    file.write_bytes(b"not a workbook")
    refused = dajian("workbook", "adopt", str(file), "--app", "shop", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["refused"]["code"]
