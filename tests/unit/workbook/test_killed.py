"""A workbook that is adopted by a process killed at any moment: nothing, or what goes on."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from builder.tasks import TASKS
from runtime.catalogue import Catalogue, active_definition
from runtime.exchange import batches, parts
from runtime.infra import queue
from runtime.infra.db import Database
from runtime.infra.jobs import run_one
from runtime.infra.settings import read, with_secret
from runtime.platform import set_up
from tests.conftest import Fill, depth
from tests.live import BIN, environment_of
from tests.prepared import opened
from tests.unit.exchange.workbooks import F, workbook_of

KILLS = {"quick": 2, "full": 12}
ORDERS = 150
LINES = 4


def sheets() -> dict[str, list[list[Any]]]:
    """Goods, and orders of four lines each that compute and refer to them."""
    goods = [["编码", "单价"], *([f"A{n:02}", n] for n in range(1, 11))]
    orders: list[list[Any]] = [["单号", "客户", "编码", "数量", "金额"]]
    for number in range(ORDERS * LINES):
        row = number + 2
        price = number % 10 + 1
        code, order = f"A{price:02}", number // LINES
        amount = F(f"VLOOKUP(C{row},货!A:B,2,0)*D{row}", price * 3)
        orders.append([f"D{order:04}", f"客{order}", code, 3, amount])
    return {"货": goods, "订单": orders}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook_of(tmp_path_factory.mktemp("book") / "订货.xlsx", sheets())


def moments(seed: int) -> Iterator[tuple[bool, float]]:
    """Before the forms are there or after, and how long from then."""
    dice = random.Random(seed)
    for number in range(KILLS[depth()]):
        yield number % 2 == 1, dice.uniform(0, 1.5)


def rows_of(connection: Any, form_code: str) -> tuple[int, int, Any]:
    """Records, lines, and the sum of what the lines compute."""
    form = Catalogue().form(connection, "trade", form_code)
    count = connection.execute(select(func.count()).select_from(form.table)).scalar_one()
    if not form.lines:
        return count, 0, 0
    lines = form.lines[0]
    amount = next(field for field in lines.fields if field.label.zh == "金额").column
    assert amount is not None
    found = connection.execute(select(func.count(), func.sum(amount))).one()
    return count, found[0], found[1]


def test_adoption__killed_at_any_moment_is_nothing_or_goes_on(
    database_url: str, database: Database, fill: Fill, book: Path, tmp_path: Path, seed: int
) -> None:
    def empty(url: str) -> None:
        with opened(url) as made, made.transaction() as connection:
            set_up(connection)

    fill("no app", empty)
    home = tmp_path / "home"
    settings = with_secret(read({"DAJIAN_HOME": str(home)}))
    is_there = False
    for after_forms, seconds in moments(seed):
        if is_there:
            break
        _killed(database, database_url, home, book, after_forms=after_forms, seconds=seconds)
        with database.reading() as connection:
            is_there = active_definition(connection, "trade") is not None
            known = connection.execute(
                select(func.count()).select_from(batches.import_table)
            ).scalar_one()
        # The app, its forms and the import are one transaction: all of them, or none.
        assert (known > 0) is is_there
    if not is_there:
        return
    with database.transaction() as connection:
        job_id = connection.execute(
            select(queue.job_table.c.id).where(queue.job_table.c.name == parts.TASK)
        ).scalar_one()
        # The lease of the process that died has run out.
        connection.execute(queue.job_table.update().values(due=0))
        _no_half_record(connection)
    run_one(database, settings, TASKS, job_id)
    with database.reading() as connection:
        assert queue.find(connection, job_id).state == "done"
        held = [rows_of(connection, code) for code in _forms(connection)]
    figures = sum((number % 10 + 1) * 3 for number in range(ORDERS * LINES))
    assert sorted(held) == [(10, 0, 0), (ORDERS, ORDERS * LINES, figures)]


def _killed(
    database: Database, url: str, home: Path, book: Path, *, after_forms: bool, seconds: float
) -> None:
    process = subprocess.Popen(
        [str(BIN / "dajian"), "workbook", "adopt", str(book), "--app", "trade"],
        env=environment_of(url, home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 90
    while after_forms and process.poll() is None and time.monotonic() < until:
        with database.reading() as connection:
            if active_definition(connection, "trade") is not None:
                break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _forms(connection: Any) -> list[str]:
    found = active_definition(connection, "trade")
    assert found is not None
    return [str(form["code"]) for form in found[0]["forms"]]


def _no_half_record(connection: Any) -> None:
    """Every order that is there has all of its lines, and every line its figure."""
    for code in _forms(connection):
        records, lines, _ = rows_of(connection, code)
        assert lines in {0, records * LINES}
