"""An import whose process is killed at any statement: nothing or a batch that goes on, no half row.

The process dies between two statements of its choice, again and again, while rows go in and while
they are taken back. After each death what is there is what the batch says is there.
"""

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.exchange import batches, imported, jobs
from runtime.exchange.adoption import Choices, ColumnChoice, choices_json
from runtime.exchange.batches import Batch
from runtime.exchange.spool import count_rows
from runtime.infra import files, queue, settings
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.platform import set_up
from tests.conftest import Fill, depth
from tests.prepared import opened
from tests.unit.exchange.test_importing import SHOP

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("one_import.py")
KILLS = {"quick": 2, "full": 25}
ROWS = {"quick": 40, "full": 400}
TAKES = ("paper", "buyer", "lines.item", "lines.qty")


def _shop(url: str, now: datetime) -> None:
    with opened(url) as empty, empty.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, now)
        publish(act, SHOP, "test")
        app = Catalogue().app(connection, "shop")
        for name in ("螺丝", "螺母"):
            documents.create(act, app.forms["thing"], {"no": name, "name": name})
        for n in range(5):
            # Some papers are there already: they are changed, the others are new.
            values = {"paper": f"A{n * 3}", "buyer": "旧", "lines": [{"item": 1, "qty": "9"}]}
            documents.create(act, app.forms["sale"], values)


class Books:
    """A shop, and an import of papers with two lines each, every seventh of which is wrong."""

    def __init__(self, database: Database, url: str, home: Path, now: datetime) -> None:
        self.database, self.url, self.home, self.now = database, url, home, now
        self.rows = ROWS[depth()]
        self.settings = settings.read({"DAJIAN_HOME": str(home), "DAJIAN_DATABASE": url})

    def begin(self) -> tuple[int, int]:
        """Upload, choose, begin: returns the batch and its job."""
        lines = ["单号,客户,货,数量"]
        for n in range(self.rows):
            amount = "约三" if n % 7 == 6 else str(n + 1)
            lines += [f"A{n},客{n},螺丝,{amount}", f"A{n},客{n},螺母,{n}"]
        content = ("\n".join(lines) + "\n").encode()
        with self.database.transaction() as connection:
            act = Act(connection, SYSTEM, self.now)
            file = files.store(act, self.settings, io.BytesIO(content), "单.csv")
            seen: dict[str, Any] = {"inspection": {"tables": [], "notes": []}, "preview": []}
            batch_id = batches.create(act, "shop", file.id, "单.csv", seen)
            places = dict(zip("ABCD", TAKES, strict=True))
            chosen = tuple(ColumnChoice(col, code, code, "text") for col, code in places.items())
            choices = Choices("单", {}, "sale", "", chosen, key=("paper",), mode="both")
            batch = batches.find(connection, batch_id)
            rows = count_rows(jobs.spooled(connection, self.settings, batch, choices))
            assert rows == 2 * self.rows
            job_id = queue.enqueue(act, "exchange.import_rows", {"batch": batch_id})
            kept = {**choices_json(choices), "fields": places, "rows": rows}
            batches.change(connection, batch_id, choices=kept, state="running", job_id=job_id)
        return batch_id, job_id

    def undo(self, batch_id: int) -> int:
        with self.database.transaction() as connection:
            act = Act(connection, SYSTEM, self.now)
            told = {"batch": batch_id, "reason": "试"}
            return queue.enqueue(act, "exchange.undo_import", told)

    def runs(self, job_id: int, last: int) -> bool:
        """Let a process work until its statement `last`; whether it came to its end."""
        words = [sys.executable, str(PROGRAM), self.url, str(self.home), str(job_id), str(last)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr[-2000:]
        return done.returncode == 0

    def require_whole(self, batch_id: int) -> Batch:
        """What the batch says is there is there, with all its lines; nothing else is."""
        with self.database.reading() as connection:
            batch = batches.find(connection, batch_id)
            forms = Catalogue().app(connection, "shop").forms
            sale = forms["sale"]
            states = imported.count(connection, batch_id)
            outcome = batch.outcome
            if batch.state != "undone" and "undone" not in states:
                said = {"created": outcome.get("created", 0), "updated": outcome.get("updated", 0)}
                own = _of_form(connection, batch_id, "sale")
                assert {name: own.get(name, 0) for name in said} == said
                assert outcome.get("done", 0) % 2 == 0, "a paper goes in whole"
                handled = sum(said.values()) + outcome.get("failed", 0) + outcome.get("kept", 0)
                assert 2 * handled == outcome.get("done", 0)
                assert _count(connection, sale) == 5 + said["created"]
            lines = sale.lines_of("lines").table
            held = select(func.count()).select_from(lines).group_by(lines.c.parent_id)
            alone = [n for n in connection.execute(held).scalars() if n not in {1, 2}]
            assert not alone
            orphans = select(func.count()).where(lines.c.parent_id.not_in(select(sale.table.c.id)))
            assert connection.execute(orphans).scalar_one() == 0
            return batch

    def held(self) -> str:
        """What is in the tables, without what may differ: ids, versions, times."""
        digest = hashlib.sha256()
        with self.database.reading() as connection:
            forms = Catalogue().app(connection, "shop").forms
            sale, thing = forms["sale"], forms["thing"]
            lines = sale.lines_of("lines").table
            papers = select(sale.table.c.f_paper, sale.table.c.f_buyer).order_by("f_paper")
            rows = (
                select(sale.table.c.f_paper, lines.c.line_no, thing.table.c.f_name, lines.c.f_qty)
                .join(lines, lines.c.parent_id == sale.table.c.id)
                .join(thing.table, thing.table.c.id == lines.c.f_item)
                .order_by("f_paper", "line_no")
            )
            names = select(thing.table.c.f_name).order_by("f_name")
            for query in (papers, rows, names):
                digest.update(repr(connection.execute(query).all()).encode())
        return digest.hexdigest()


def _of_form(connection: Any, batch_id: int, form: str) -> dict[str, int]:
    asked = text(
        "SELECT state, count(*) FROM s_import_row WHERE import_id = :id AND form = :form"
        " GROUP BY state"
    )
    found = connection.execute(asked, {"id": batch_id, "form": form}).all()
    return {str(state): int(count) for state, count in found}


def _count(connection: Any, form: Form) -> int:
    return int(connection.execute(select(func.count()).select_from(form.table)).scalar_one())


@pytest.fixture
def kept(database: Database, database_url: str, fill: Fill, tmp_path: Path, now: datetime) -> Books:
    fill("shop with papers", lambda url: _shop(url, now))
    return Books(database, database_url, tmp_path / "home", now)


def test_killed_again_and_again__no_half_row_and_it_ends_as_if_nothing_had_been(
    kept: Books,
) -> None:
    draw = random.Random(int(os.environ["TEST_SEED"]))
    before = kept.held()
    batch_id, job_id = kept.begin()
    places = [draw.randint(2, 260) for _ in range(KILLS[depth()])]
    for place in places:
        over = kept.runs(job_id, place)
        kept.require_whole(batch_id)
        if over:
            break
    assert kept.runs(job_id, -1)
    batch = kept.require_whole(batch_id)
    assert batch.state == "done"
    wrong = sum(n % 7 == 6 for n in range(kept.rows))
    assert batch.outcome["failed"] == wrong, places
    assert batch.outcome["created"] + batch.outcome["updated"] == kept.rows - wrong
    assert kept.held() != before
    undoing = kept.undo(batch_id)
    for place in [draw.randint(2, 200) for _ in range(KILLS[depth()])]:
        over = kept.runs(undoing, place)
        kept.require_whole(batch_id)
        if over:
            break
    assert kept.runs(undoing, -1)
    assert kept.held() == before, "taking back leaves the tables as they were"
