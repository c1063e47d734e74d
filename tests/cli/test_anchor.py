"""The end of the books' chain, kept outside: what is kept is proved, what is forged is found."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from builder.cli import main
from runtime import kernel
from runtime.infra.db import Database
from runtime.infra.jobs import run_one
from runtime.infra.settings import read
from runtime.infra.worker_process import keep_house
from runtime.posting import anchors
from runtime.tasks import TASKS

Dajian = Callable[..., Result]
UNGUARD = {
    "sqlite": "DROP TRIGGER s_audit_seal_no_delete",
    "postgresql": "ALTER TABLE s_audit_seal DISABLE TRIGGER ALL",
}


@pytest.fixture
def dajian(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dajian:
    """Run a command on books with two companies."""
    monkeypatch.setenv("DAJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    url = database.url.render_as_string(hide_password=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--database", url])

    assert run("init").exit_code == 0
    for code in ("one", "two"):
        receive(database, code, "first")
    return run


def receive(database: Database, code: str, key: str) -> None:
    with database.transaction() as connection:
        company = kernel.create_company(connection, code)
        kernel.register_items(connection, company.id, {"A"})
        kernel.register_warehouses(connection, company.id, {"W"})
        header = kernel.Header(
            company.id, key, date(2026, 1, 5), kernel.DocumentRef("receipt", key), "clerk",
            datetime(2026, 1, 6, tzinfo=UTC),
        )  # fmt: skip
        line = kernel.ReceiveLine("A", "W", 1, unit_cost=1)
        assert isinstance(kernel.post(connection, kernel.Receive(header, (line,))), kernel.Posted)


def anchor_of(result: Result) -> dict[str, Any]:
    (found,) = (one for one in json.loads(result.stdout) if one["id"] == "ANCHOR")
    return dict(found)


@pytest.fixture
def kept(dajian: Dajian, tmp_path: Path) -> Path:
    """What the auditor keeps."""
    taken = dajian("books", "anchor", "--json")
    assert taken.exit_code == 0
    file = tmp_path / "anchor.json"
    file.write_text(taken.stdout, encoding="utf-8")
    return file


def test_anchor__says_where_the_chains_end(dajian: Dajian, kept: Path) -> None:
    document = json.loads(kept.read_text(encoding="utf-8"))
    assert document["format"] == "dajian-anchor/1"
    assert [
        (one["company"], one["seq"], one["n_postings"], one["date"]) for one in document["anchors"]
    ] == [("one", 1, 1, "2026-01-06T00:00:00+00:00"), ("two", 1, 1, "2026-01-06T00:00:00+00:00")]
    shown = dajian("books", "anchor")
    assert document["anchors"][0]["hash"] in shown.stderr


def test_what_was_kept_stays_on_the_chain(dajian: Dajian, kept: Path, database: Database) -> None:
    receive(database, "one", "second")
    proved = dajian("books", "verify", "--anchor", str(kept), "--json")
    found = anchor_of(proved)
    assert (proved.exit_code, found["ok"], found["checked"]) == (0, True, 2)


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"hash": "0" * 64}, "one: posting 1 is another"), ({"seq": 2}, "one: posting 2 is gone"),
     ({"company": "three"}, "three: posting 1 is gone")],
)  # fmt: skip
def test_another_chain_is_found(
    dajian: Dajian, kept: Path, changed: dict[str, Any], said: str
) -> None:
    document = json.loads(kept.read_text(encoding="utf-8"))
    document["anchors"][0] |= changed
    kept.write_text(json.dumps(document), encoding="utf-8")
    proved = dajian("books", "verify", "--anchor", str(kept), "--json")
    found = anchor_of(proved)
    assert (proved.exit_code, found["ok"]) == (1, False)
    assert found["detail"].startswith(said)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"format": "dajian-anchor/1", "anchors": [{"seq": "1"}]}', "no json"]
)
def test_what_is_no_anchor(dajian: Dajian, tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    refused = dajian("books", "verify", "--anchor", str(file), "--json")
    assert refused.exit_code == 1
    assert refused.stdout == ""


def test_kept_daily__once_a_day_and_proved(
    dajian: Dajian, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "anchors"
    morning = datetime(2026, 1, 7, 1, tzinfo=UTC)
    with database.reading() as connection:
        assert anchors.keep(connection, folder, morning) == {"file": "2026-01-07.json", "chains": 2}
    first = (folder / "2026-01-07.json").read_bytes()
    receive(database, "one", "second")
    with database.reading() as connection:
        anchors.keep(connection, folder, morning.replace(hour=9))
        anchors.keep(connection, folder, morning.replace(day=8))
    assert (folder / "2026-01-07.json").read_bytes() == first
    assert [each.name for each in sorted(folder.iterdir())] == [
        "2026-01-07.json",
        "2026-01-08.json",
    ]
    for file in folder.iterdir():
        proved = dajian("books", "verify", "--anchor", str(file), "--json")
        assert anchor_of(proved)["ok"], file


def test_house__asks_for_the_days_anchor_once(
    dajian: Dajian, database: Database, tmp_path: Path
) -> None:
    assert dajian("user", "create", "li", "--password", "correct horse").exit_code == 0
    settings = read({"DAJIAN_HOME": str(tmp_path / "home")})
    for _ in range(2):
        keep_house(database, settings, TASKS)
    # Asked for twice, done once, among the other work of a day.
    while run_one(database, settings, TASKS):
        pass
    names = sorted(each.name for each in (tmp_path / "home" / "anchors").iterdir())
    # One of the books, one of the audit trail.
    assert [name.startswith("audit-") for name in names] == [False, True]
    proved = dajian("audit", "verify", "--json")
    assert proved.exit_code == 0
    assert [each["id"] for each in json.loads(proved.stdout)][-1] == "ANCHOR"
    end = json.loads(dajian("audit", "anchor", "--json").stdout)["end"]
    with database.transaction() as connection:
        connection.exec_driver_sql(UNGUARD[database.kind])
        connection.exec_driver_sql("DELETE FROM s_audit_seal")
    refused = dajian("audit", "verify")
    assert refused.exit_code == 1
    assert f"seal {end['seal']} is gone" in refused.stderr
