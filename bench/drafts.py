"""Designing: an operation on a form of 60 fields in an app of 27 forms, and its problems."""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from bench.databases import KINDS, fresh
from bench.ratio import Ratio
from bench.seeds import NOW
from bench.seeds.company import JXC
from builder import drafts
from builder.app import ROOMS
from builder.packages import read_package
from builder.publish import publish
from runtime.app import create_app
from runtime.infra import sessions, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.sessions import Visitor
from runtime.infra.settings import read, with_secret
from runtime.infra.users import NewUser
from runtime.platform import Platform, set_up

FIELDS = 60
OPERATIONS = {"quick": 60, "full": 400}
WARM_UP = 5
# Of the whole round trip, at the 95th of 100.
GOAL_MS = 200.0
KINDS_OF_FIELDS = ("text", "money", "quantity", "date", "choice", "long_text")
DESIGN = "/design/jxc/forms/contract"

Work = Callable[[], Any]
_numbers = itertools.count()


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: the operation alone, the whole request with its canvas, the problems."""
    for kind in KINDS:
        with _designer(kind) as (here, client, token):
            for name, prepared in _subjects(here, client, token).items():
                works = (prepared([op]) for op in itertools.islice(_operations(), OPERATIONS[size]))
                processor, wall = _measured(works)
                yield Ratio(f"{name}, processor", kind, "ms", _p95(processor), goal=GOAL_MS)
                yield Ratio(f"{name}, clock", kind, "ms", _p95(wall))


def _subjects(
    here: Platform, client: FlaskClient, token: str
) -> dict[str, Callable[[list[Any]], Work]]:
    """What is measured, each prepared with an operation."""
    headers = {"X-CSRFToken": token, "HX-Request": "true"}
    return {
        "operation alone": lambda ops: lambda: _apply(here, ops),
        "operation and its canvas": lambda ops: lambda: _send(client, headers, here, ops),
        "problems after an operation": lambda ops: _problems(here, ops),
    }


def _operations() -> Iterator[dict[str, Any]]:
    """What an author does, in turns: move, resize, name, require, add, duplicate, delete."""
    for number in itertools.count():
        at = {"form": "contract", "field": f"field_{number % FIELDS}"}
        section = {"section": "basic", "index": number * 7 % FIELDS}
        yield {"op": "move", **at, "to": section}
        yield {"op": "resize", **at, "width": (3, 4, 6, 12)[number % 4]}
        yield {"op": "set", **at, "name": "label", "value": f"名称 {number}"}
        yield {"op": "set", **at, "name": "required", "value": number % 2 == 0}
        added = {"kind": "text", "label": f"新字段 {number}", "code": f"added_{next(_numbers)}"}
        yield {"op": "add_field", "form": "contract", "field": added, "to": section}
        yield {"op": "delete", "form": "contract", "field": added["code"]}


def _measured(works: Iterator[Work]) -> tuple[list[float], list[float]]:
    """Milliseconds of each by the processor and by the clock, without the first few."""
    processor, wall = [], []
    for work in works:
        began, began_cpu = time.perf_counter(), time.process_time()
        work()
        processor.append((time.process_time() - began_cpu) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    return processor[WARM_UP:], wall[WARM_UP:]


def _p95(figures: list[float]) -> float:
    return sorted(figures)[int(len(figures) * 0.95)]


def _apply(here: Platform, ops: list[Any]) -> None:
    with here.database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        drafts.apply(act, "jxc", drafts.read(act, "jxc").rev, ops)


def _problems(here: Platform, ops: list[Any]) -> Work:
    _apply(here, ops)

    def work() -> None:
        with here.database.reading() as connection:
            act = Act(connection, SYSTEM, NOW)
            drafts.problems(act, drafts.read(act, "jxc"))

    return work


def _send(client: FlaskClient, headers: dict[str, str], here: Platform, ops: list[Any]) -> None:
    with here.database.reading() as connection:
        rev = drafts.read(Act(connection, SYSTEM, NOW), "jxc").rev
    body = json.dumps({"base_rev": rev, "ops": ops, "as": ""})
    answer = client.post(
        f"{DESIGN}/ops", data=body, headers=headers, content_type="application/json"
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]


@contextmanager
def _designer(kind: str) -> Iterator[tuple[Platform, FlaskClient, str]]:
    """The product with the form published, and an administrator at its designer."""
    with fresh(kind) as address, TemporaryDirectory(prefix="dajian-bench-") as home:
        settings = with_secret(read({"DAJIAN_HOME": home, "DAJIAN_DATABASE": address}))
        app = create_app(settings, ROOMS, clock=lambda: NOW)
        here: Platform = app.extensions["dajian"]
        with here.database.transaction() as connection:
            set_up(connection)
            act = Act(connection, SYSTEM, NOW)
            publish(act, _with_form(), "bench")
            admin = NewUser("designer", "a demo for benchmarks", is_admin=True)
            users.create(act, admin)
            person = connection.execute(
                select(users.user_table.c.id).where(users.user_table.c.name == "designer")
            ).scalar_one()
            user = users.find(connection, person)
            assert user is not None, "it has just been made"
            token = sessions.start(connection, user, Visitor("127.0.0.1"), NOW).token
        client = app.test_client()
        client.set_cookie("sid", token)
        page = client.get(DESIGN).get_data(as_text=True)
        found = re.search(r'"X-CSRFToken":"([^"]+)"', page)
        assert found, "the designer's page carries a token for forms"
        yield here, client, found[1]
        here.database.dispose()


def _with_form() -> dict[str, Any]:
    """The jxc app with one more form, of 60 fields in one section."""
    source = read_package(JXC)
    source.pop("tests", None)
    fields = [_field(number) for number in range(FIELDS)]
    section = {"code": "basic", "label": "基本信息", "fields": [f["code"] for f in fields]}
    form = {"code": "contract", "label": "合同", "type": "record", "fields": fields}
    source["forms"].append({**form, "sections": [section]})
    return source


def _field(number: int) -> dict[str, Any]:
    kind = KINDS_OF_FIELDS[number % len(KINDS_OF_FIELDS)]
    field = {"code": f"field_{number}", "kind": kind, "label": f"字段 {number}"}
    choices = {"options": {"options": [{"code": code} for code in "abc"]}}
    return {**field, **choices} if kind == "choice" else field
