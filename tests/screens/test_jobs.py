"""How far a job is, for the person who started it."""

from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from runtime.infra import queue, users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform
from tests.screens.person import Person

Signed = Callable[[str], Person]


def started_by(app: Flask, name: str) -> int:
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        act = Act(connection, SYSTEM, here.clock())
        user = users.by_name(connection, name)
        assert user is not None
        return queue.enqueue(replace(act, actor=user.actor("screen")), "exchange.import_rows")


def test_job__waits_works_and_ends(app: Flask, person: Signed) -> None:
    here: Platform = app.extensions["dajian"]
    number = started_by(app, "chenli")
    address, buyer = f"/jobs/{number}", person("chenli")
    page = buyer.get(address)
    assert page.texts("#job h2") == ["正在排队"]
    assert page.one("#job")["hx-trigger"] == "every 1s"
    with here.database.transaction() as connection:
        row = queue.claim(connection, number)
        assert row is not None
        assert queue.progress(connection, row, 1200, 2000, "读到第 1200 行")
    page = buyer.get(address, script=True)
    assert page.texts("#job .num") == ["1,200 / 2,000"]
    assert page.one("progress")["value"] == "1200"
    assert page.soup.select_one("#side") is None
    with here.database.transaction() as connection:
        assert queue.finish(connection, row, {"href": "//evil.example"}, here.clock())
    page = buyer.get(address, script=True)
    assert page.texts("#job h2") == ["已完成"]
    assert "hx-trigger" not in page.one("#job").attrs
    assert page.soup.select("#job a") == []


def test_job__that_failed_says_why(app: Flask, person: Signed) -> None:
    here: Platform = app.extensions["dajian"]
    number = started_by(app, "chenli")
    with here.database.transaction() as connection:
        row = queue.claim(connection, number)
        assert row is not None
        error = {"code": "job_gave_up", "params": {"attempts": 3}}
        assert queue.fail(connection, row, error, here.clock())
    assert person("chenli").get(f"/jobs/{number}").texts(".job-err") == ["任务试了 3 次都中断了"]


def test_job__of_somebody_else_is_not_there(app: Flask, person: Signed) -> None:
    number = started_by(app, "chenli")
    assert person("zhangmin").get(f"/jobs/{number}").status == 404
    assert person("admin").get(f"/jobs/{number}").status == 200
