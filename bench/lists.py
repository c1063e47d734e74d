"""Lists: pages of 50 records out of many, beside the same page written by hand."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryDirectory
from urllib.parse import quote

from flask.testing import FlaskClient
from sqlalchemy import select

from bench.bare.pages import hand_written
from bench.databases import KINDS, fresh
from bench.ratio import Ratio
from bench.seeds import NOW
from bench.seeds.company import JXC
from bench.seeds.records import write_deliveries
from builder.app import ROOMS
from builder.demo import load_demo
from runtime.app import create_app
from runtime.infra import sessions
from runtime.infra.sessions import Visitor
from runtime.infra.settings import read, with_secret
from runtime.infra.users import find, user_table
from runtime.platform import Platform, set_up

RECORDS = {"quick": 100_000, "full": 1_000_000}
PAGES_OF_EACH = 60
WARM_UP = 5
GOAL = 1.5
ROWS = 50
# Somebody whose rights come from roles, not an administrator.
PERSON = "zhangmin"


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: first page, deep page, filtered and sorted."""
    count = RECORDS[size]
    for kind in KINDS:
        with _clients(kind, count) as (ours, theirs):
            for name, our_page, their_page in _pages(count):
                rates = _in_turns(
                    partial(_seconds, ours, f"/a/jxc/delivery{our_page}"),
                    partial(_seconds, theirs, f"/deliveries{their_page}"),
                )
                yield Ratio(f"{name} of {count:,}", kind, "requests/s", *rates, GOAL)


def _pages(count: int) -> tuple[tuple[str, str, str], ...]:
    """What is asked of the product, and the same of the page written by hand."""
    deep = quote(f"[null,{count // 10}]")
    narrow, same = "f=amount_total~gt~5000&status=posted", "more_than=5000&status=posted"
    return (
        ("first page", "", ""),
        ("deep page", f"?after={deep}", f"?after={count // 10}"),
        ("page filtered", f"?{narrow}", f"?{same}"),
        ("page sorted", "?sort=-document_no", "?sort=-document_no"),
        (
            "page filtered and sorted",
            f"?{narrow}&sort=-amount_total",
            f"?{same}&sort=-amount_total",
        ),
    )


@contextmanager
def _clients(kind: str, count: int) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """Somebody signed in at the product, and at the page written by hand."""
    with fresh(kind) as address, TemporaryDirectory(prefix="dajian-bench-") as home:
        settings = with_secret(read({"DAJIAN_HOME": home, "DAJIAN_DATABASE": address}))
        app = create_app(settings, ROOMS, clock=lambda: NOW)
        here: Platform = app.extensions["dajian"]
        with here.database.transaction() as connection:
            set_up(connection)
        load_demo(here, JXC, "a demo for benchmarks")
        with here.database.transaction() as connection:
            definition = here.catalogue.app(connection, "jxc")
            write_deliveries(connection, definition, count)
            person = connection.execute(
                select(user_table.c.id).where(user_table.c.name == PERSON)
            ).scalar_one()
            user = find(connection, person)
            assert user is not None, "the demo has this person"
            token = sessions.start(connection, user, Visitor("127.0.0.1"), NOW).token
        if kind == "postgresql":
            quiet = here.database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with quiet.connect() as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        ours = app.test_client()
        ours.set_cookie("sid", token)
        theirs = hand_written(here.database, definition).test_client()
        theirs.get(f"/sign-in/{person}")
        yield ours, theirs
        here.database.dispose()


def _seconds(client: FlaskClient, address: str) -> float:
    """How long one page takes; it must show its rows."""
    began = time.perf_counter()
    answer = client.get(address)
    took = time.perf_counter() - began
    assert answer.status_code == 200, answer.status
    assert answer.get_data().count(b'<tr id="row-') == ROWS, f"{address} shows other rows"
    return took


def _in_turns(ours: partial[float], theirs: partial[float]) -> tuple[float, float]:
    """Requests per second by the median request, one of ours and one of theirs in turns."""
    pairs = [(ours(), theirs()) for _ in range(PAGES_OF_EACH + WARM_UP)][WARM_UP:]
    return (
        1 / statistics.median(pair[0] for pair in pairs),
        1 / statistics.median(pair[1] for pair in pairs),
    )
