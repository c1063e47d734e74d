"""A changed formula reaches the records there are: as a job, in order, once, whatever happens."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from builder.publish import Published, publish
from builder.recompute import Recompute
from runtime import documents
from runtime.catalogue import DEPENDENCY, Catalogue
from runtime.compile import App
from runtime.documents import recompute, set_based
from runtime.infra import jobs, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.queue import job_table
from runtime.infra.settings import Settings, read, with_secret
from runtime.platform import set_up
from runtime.query import Record, records_by_id, uses_of
from runtime.tasks import TASKS

Json = dict[str, Any]


def f(code: str, kind: str, **options: Any) -> Json:
    return {"code": code, "kind": kind, "label": code, "options": options}


def formula(code: str, text: str, result: str = "number") -> Json:
    return f(code, "formula", formula=text, result=result)


def shop(**changed: Any) -> Json:
    """Goods and orders; what is given takes the place of a field, or is added behind the others."""
    goods = [f("name", "text"), f("price", "number"), formula("dear", "=price*2")]
    order = [
        f("goods", "reference", form="goods"),
        f("lines", "lines", fields=[f("qty", "number"), formula("amount", "=qty*2")]),
        formula("total", "=SUM(lines.amount)"),
        formula("worth", "=goods.dear+total"),
        f("copy", "lookup", reference="goods", field="dear"),
    ]
    forms = [
        {"code": "goods", "label": "商品", "type": "record", "fields": goods, "title": "name"},
        {"code": "order", "label": "订单", "type": "document", "fields": order, "title": "copy"},
    ]
    for path, field in changed.items():
        code, _, lines = path.partition("__")
        fields = next(form for form in forms if form["code"] == code)["fields"]
        if lines:
            fields = next(each for each in fields if each["code"] == lines)["options"]["fields"]
        for each in field if isinstance(field, list) else [field]:
            _put(fields, each)
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": forms}


def _put(fields: list[Json], field: Json) -> None:
    places = [at for at, each in enumerate(fields) if each["code"] == field["code"]]
    if places:
        fields[places[0]] = field
    else:
        fields.append(field)


class Shop:
    """A published app with records in it."""

    def __init__(self, database: Database, settings: Settings, now: datetime) -> None:
        self.database, self.settings, self.now = database, settings, now
        with database.transaction() as connection:
            set_up(connection)

    def act(self, what: Callable[[Act], Any]) -> Any:
        with self.database.transaction() as connection:
            return what(Act(connection, SYSTEM, self.now))

    def publish(self, source: Json) -> Published:
        return self.act(lambda act: publish(act, deepcopy(source), "test"))

    def app(self) -> App:
        with self.database.reading() as connection:
            return Catalogue().app(connection, "demo")

    def create(self, form: str, **values: Any) -> int:
        return self.act(lambda act: documents.create(act, self.app().forms[form], values)).id

    def submit(self, key: int) -> None:
        form = self.app().forms["order"]
        self.act(lambda act: documents.submit(act, form, key, version=1))

    def change(self, form: str, key: int, **values: Any) -> None:
        found = self.read(form, key)
        self.act(
            lambda act: documents.update(
                act, self.app().forms[form], key, values, version=found.version
            )
        )

    def read(self, form: str, key: int) -> Record:
        with self.database.reading() as connection:
            return records_by_id(connection, self.app().forms[form], [key])[key]

    def run(self) -> bool:
        return jobs.run_one(self.database, self.settings, TASKS)

    def job(self, key: int | None) -> queue.JobRow:
        assert key is not None
        with self.database.reading() as connection:
            return queue.find(connection, key)

    def make_due(self) -> None:
        """Let the lease of a worker that is gone be over."""
        with self.database.transaction() as connection:
            connection.execute(update(job_table).values(due=0))


@pytest.fixture
def it(database: Database, tmp_path: Path, now: datetime) -> Shop:
    return Shop(database, with_secret(read({"DAJIAN_HOME": str(tmp_path)})), now)


def filled(it: Shop) -> dict[str, int]:
    it.publish(shop())
    pen = it.create("goods", name="笔", price=Decimal(3))
    lines = [{"qty": Decimal(1)}, {"qty": Decimal(2)}]
    draft = it.create("order", goods=pen, lines=lines)
    sent = it.create("order", goods=pen, lines=lines)
    it.submit(sent)
    return {"pen": pen, "draft": draft, "sent": sent}


def test_publish__a_changed_formula_and_what_follows(it: Shop) -> None:
    ids = filled(it)
    assert it.read("order", ids["draft"]).values["worth"] == 12  # 3 × 2 + (1 + 2) × 2
    published = it.publish(shop(goods=formula("dear", "=price*10")))
    assert published.recomputing.forms == (
        Recompute("goods", ("dear",), 1),
        Recompute("order", ("worth",), 1),
    )
    assert it.job(published.recomputing.job).state == "queued"
    assert it.run()
    done = it.job(published.recomputing.job)
    assert (done.state, done.done, done.total) == ("done", 2, 2)
    assert done.result == {"rows": 2, "changed": 2, "kept": 0}
    assert it.read("goods", ids["pen"]).values["dear"] == 30
    found = it.read("order", ids["draft"])
    assert (found.values["worth"], found.version) == (36, 1)
    # A copy stays one, and what was submitted keeps what it said.
    assert found.values["copy"] == 6
    assert it.read("order", ids["sent"]).values["worth"] == 12


def test_publish__new_fields_are_filled_everywhere(it: Shop) -> None:
    ids = filled(it)
    published = it.publish(
        shop(
            order=[
                formula("twice", "=worth*2"),
                f("now", "lookup", reference="goods", field="price"),
            ],
            order__lines=formula("more", "=amount+1"),
        )
    )
    assert {(each.form, each.rows) for each in published.recomputing.forms} == {("order", 2)}
    assert it.run()
    for key in (ids["draft"], ids["sent"]):
        found = it.read("order", key)
        assert (found.values["twice"], found.values["now"]) == (24, 3)
        assert [line.values["more"] for line in found.lines["lines"]] == [3, 5]


def test_publish__nothing_to_compute(it: Shop) -> None:
    filled(it)
    same = shop(goods={**formula("dear", "=price*2"), "label": "两倍价"})
    for source in (same, shop(goods=f("name", "text"), order=f("remark", "text"))):
        published = it.publish(source)
        assert (published.recomputing.rows, published.recomputing.job) == (0, None)


def test_publish__a_roll_up_is_added_up_before_what_reads_it(it: Shop) -> None:
    ids = filled(it)
    sold = {"form": "order", "reference": "goods", "measure": "sum", "field": "total"}
    source = shop(goods=[f("sold", "rollup", **sold, result="number"), formula("left", "=9-sold")])
    it.publish(source)
    assert it.run()
    found = it.read("goods", ids["pen"]).values
    assert (found["sold"], found["left"]) == (6, 3)


@pytest.fixture(params=["by the database", "by hand"])
def chunks_of_two(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a job take two records at a time, whoever computes them."""
    monkeypatch.setattr(recompute, "CHUNK", 2)
    monkeypatch.setattr(recompute, "SET_CHUNK", 2)
    if request.param == "by hand":
        monkeypatch.setattr(set_based, "suits", lambda *_: False)


@pytest.mark.usefixtures("chunks_of_two")
def test_job__killed_it_goes_on_where_it_was(it: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    it.publish(shop())
    keys = [it.create("goods", price=Decimal(n)) for n in range(7)]
    published = it.publish(shop(goods=formula("dear", "=price*10")))
    begun: list[int] = []
    real = recompute.step

    def killed(act: Any, app: Any, this: Any, state: Any) -> None:
        begun.append(state.after)
        real(act, app, this, state)
        if len(begun) == 2:
            raise KeyboardInterrupt  # as when the worker is stopped in the middle of a chunk

    monkeypatch.setattr(recompute, "step", killed)
    with pytest.raises(KeyboardInterrupt):
        it.run()
    half = it.job(published.recomputing.job)
    assert (half.state, half.done, half.total) == ("running", 2, 7)
    assert [it.read("goods", key).values["dear"] for key in keys] == [0, 10, 4, 6, 8, 10, 12]
    it.make_due()
    assert it.run()
    # The chunk that was lost is done again, the one before it is not.
    assert begun[:3] == [0, keys[1], keys[1]]
    assert it.job(published.recomputing.job).result == {"rows": 7, "changed": 6, "kept": 0}
    assert [it.read("goods", key).values["dear"] for key in keys] == [n * 10 for n in range(7)]


@pytest.mark.usefixtures("chunks_of_two")
def test_job__saves_meanwhile_compute_with_the_new_formula(
    it: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.publish(shop())
    keys = [it.create("goods", price=Decimal(n)) for n in range(6)]
    orders = [it.create("order", goods=key, lines=[{"qty": Decimal(1)}]) for key in keys]
    it.publish(shop(goods=formula("dear", "=price*10")))
    acts = iter(
        [
            lambda: it.change("goods", keys[0], price=Decimal(100)),  # has had its turn
            lambda: it.change("goods", keys[5], price=Decimal(200)),  # has not
            lambda: it.change("order", orders[5], lines=[{"qty": Decimal(7)}]),
            lambda: keys.append(it.create("goods", price=Decimal(300))),
            lambda: orders.append(it.create("order", goods=keys[6], lines=[])),
            lambda: it.change("goods", keys[2], price=Decimal(50)),
        ]
    )

    class Pause:
        """Somebody saves whenever the job lets others in."""

        @staticmethod
        def sleep(_: float) -> None:
            next(acts, lambda: None)()

    monkeypatch.setattr(recompute, "time", Pause)
    assert it.run()
    prices = [100, 1, 50, 3, 4, 200, 300]
    assert [it.read("goods", key).values["dear"] for key in keys] == [p * 10 for p in prices]
    quantities = [1, 1, 1, 1, 1, 7, 0]
    wanted = [price * 10 + qty * 2 for price, qty in zip(prices, quantities, strict=True)]
    assert [it.read("order", key).values["worth"] for key in orders] == wanted


@pytest.mark.usefixtures("chunks_of_two")
def test_job__documents_that_were_decided_and_lines(it: Shop) -> None:
    it.publish(shop())
    pen = it.create("goods", price=Decimal(3))
    orders = [it.create("order", goods=pen, lines=[{"qty": Decimal(n)}] * 2) for n in range(5)]
    for key in orders[:2]:
        it.submit(key)
    it.publish(
        shop(
            order=[formula("total", "=SUM(lines.amount)*100"), formula("again", "=total+1")],
            order__lines=[formula("amount", "=qty*3"), formula("more", "=amount+qty")],
        )
    )
    assert it.run()
    for n, key in enumerate(orders):
        found = it.read("order", key)
        factor, times = (2, 1) if n < 2 else (3, 100)
        assert [line.values["amount"] for line in found.lines["lines"]] == [n * factor] * 2
        assert [line.values["more"] for line in found.lines["lines"]] == [n * (factor + 1)] * 2
        total = n * factor * 2 * times
        assert (found.values["total"], found.values["again"]) == (total, total + 1)


@pytest.mark.usefixtures("chunks_of_two")
def test_job__published_again_meanwhile(it: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    it.publish(shop())
    keys = [it.create("goods", price=Decimal(n)) for n in range(5)]
    it.publish(shop(goods=formula("dear", "=price*10")))
    again = iter([lambda: it.publish(shop(goods=formula("dear", "=price*100")))])

    class Pause:
        """Somebody publishes after the first chunk."""

        @staticmethod
        def sleep(_: float) -> None:
            next(again, lambda: None)()

    monkeypatch.setattr(recompute, "time", Pause)
    while it.run():
        pass
    assert [it.read("goods", key).values["dear"] for key in keys] == [n * 100 for n in range(5)]


def test_job__a_figure_that_does_not_fit(it: Shop) -> None:
    it.publish(shop())
    small = it.create("goods", price=Decimal(1))
    large = it.create("goods", price=Decimal(10) ** 12)
    published = it.publish(shop(goods=formula("dear", "=price*10000")))
    assert it.run()
    assert it.job(published.recomputing.job).result == {"rows": 2, "changed": 1, "kept": 1}
    assert it.read("goods", small).values["dear"] == 10_000
    assert it.read("goods", large).values["dear"] == 2 * Decimal(10) ** 12


def test_job__one_that_waits_is_enough(it: Shop) -> None:
    it.publish(shop())
    form = it.app().forms["goods"]
    node = it.app().forms.graph.order[0]
    first, second = (it.act(lambda act: recompute.ask(act, form, [node])) for _ in range(2))
    assert first == second
    with it.database.transaction() as connection:
        assert queue.claim(connection) is not None
    # One that has begun may be past what has just been written.
    assert it.act(lambda act: recompute.ask(act, form, [node])) != first


PLANTED = {
    "order.g": {("goods.b", "table")},
    "goods.price": {
        ("goods.dear", "record"),
        ("order.a", "via"),
        ("order.c", "lookup"),
        ("order.d", "live"),
        ("order.lines.e", "via"),
        ("order.g", "fill"),
    },
    "order.lines.qty": {
        ("order.lines.amount", "record"),
        ("order.lines.e", "record"),
        ("goods.r", "rollup"),
    },
    "order.goods": {
        (f"order.{code}", "record") for code in ("worth", "copy", "a", "c", "d", "lines.e")
    }
    | {("goods.r", "rollup")},
}


def test_uses(it: Shop) -> None:
    rolled = {"form": "order", "reference": "goods", "measure": "sum", "field": "lines.qty"}
    again = f("goods_too", "reference", form="goods", fill={"g": "price"})
    it.publish(
        shop(
            goods=[f("r", "rollup", **rolled, result="number"), formula("b", "=SUM(order.g)")],
            order=[
                formula("a", "=goods.price+1"),
                f("c", "lookup", reference="goods", field="price"),
                f("d", "lookup", reference="goods", field="price", live=True),
                f("g", "number"),
                again,
            ],
            order__lines=formula("e", "=goods.price*qty"),
        )
    )
    for path, wanted in PLANTED.items():
        form, _, field = path.partition(".")
        with it.database.reading() as connection:
            kept = uses_of(connection, it.app(), form, field)
            assert connection.execute(DEPENDENCY.select()).first() is not None
        found = {(".".join(filter(None, use.node)), use.how) for use in kept}
        assert found == wanted, path
    with it.database.transaction() as connection:
        connection.execute(DEPENDENCY.delete())
        # What was published before uses were kept is known all the same.
        assert len(uses_of(connection, it.app(), "goods", "price")) == 6
        other = replace(it.app(), code="other")
        assert len(uses_of(connection, other, "goods", "price")) == 6
