"""Roll-ups and aggregate tables: kept by differences, they are what all rows add up to."""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from runtime import documents, query
from runtime.infra.act import Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import AppError, ValidationFailed
from runtime.query import Filter, PageRequest, Record
from tests.unit.documents.figures import MONTHS, NOW, Company, company, line, open_company

OPERATIONS = {"quick": 300, "full": 10_000}
LOOKS = {"quick": 6, "full": 40}


class Work:
    """Random people at random documents; nobody waits for anybody."""

    def __init__(self, company: Company, chance: random.Random) -> None:
        self.company, self.chance = company, chance
        self.versions: dict[tuple[str, int], tuple[int, str]] = {}

    def step(self) -> None:
        form = self.chance.choice(("receipt", "receipt", "receipt", "issue"))
        mine = sorted(key for key, (_, _status) in self.versions.items() if key[0] == form)
        act = self.chance.choice(("create", "send", "send", "update", "submit", "cancel", "delete"))
        if act in ("create", "send") or not mine:
            self.create(form, is_sent=act == "send")
            return
        key = self.chance.choice(mine[-40:])
        version, status = self.versions[key]
        if status == "draft" and act in ("update", "submit", "delete"):
            getattr(self, act)(*key, version)
        elif status != "cancelled" and act == "cancel":
            self.cancel(*key, version)

    def create(self, form: str, *, is_sent: bool) -> None:
        made = self.company.create(form, submit=is_sent, **self.values(form))
        self.versions[form, made.id] = made.version, made.status

    def update(self, form: str, record_id: int, version: int) -> None:
        values = self.values(form)
        found = self.company.do(
            lambda act: documents.update(
                act, self.company.form(form), record_id, values, version=version
            )
        )
        self.versions[form, record_id] = found.version, found.status

    def submit(self, form: str, record_id: int, version: int) -> None:
        found = self.company.do(
            lambda act: documents.submit(act, self.company.form(form), record_id, version=version)
        )
        self.versions[form, record_id] = found.version, found.status

    def cancel(self, form: str, record_id: int, version: int) -> None:
        found = self.company.do(
            lambda act: documents.cancel(
                act, self.company.form(form), record_id, version=version, reason="错"
            )
        )
        self.versions[form, record_id] = found.version, found.status

    def delete(self, form: str, record_id: int, version: int) -> None:
        self.company.do(
            lambda act: documents.delete(act, self.company.form(form), record_id, version=version)
        )
        del self.versions[form, record_id]

    def values(self, form: str) -> dict[str, Any]:
        chance = self.chance
        lines = [
            {
                "item": self.some(self.company.items),
                "qty": self.some([Decimal(chance.randint(-200, 900)).scaleb(-2)]),
                **({"price": self.some([Decimal(chance.randint(1, 400_000)).scaleb(-4)])}
                   if form == "receipt" else {}),
            }
            for _ in range(chance.choice((0, 1, 1, 2, 3, 5)))
        ]  # fmt: skip
        values = {
            "day": self.some([date(2026, 9, 1) + timedelta(days=chance.randint(0, 90))]),
            "place": self.some(["north", "south"]),
            "lines": lines,
        }
        if form == "receipt":
            at = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 99_999))
            values |= {"supplier": self.some(self.company.suppliers), "at": self.some([at])}
        return values

    def some(self, choices: list[Any]) -> Any:
        """One of them, and now and then nothing."""
        return None if self.chance.random() < 0.08 else self.chance.choice(choices)


def agree(company: Company) -> None:
    """What is kept is what comes out when everything is computed anew."""
    kept = company.picture()
    company.recompute()
    computed = company.picture()
    for code, (rows, values) in computed.items():
        assert kept[code][0] == rows, code
        assert kept[code][1] == values, code


@pytest.mark.timeout(7200)  # ten thousand acts when the run is thorough
def test_random_acts__kept_is_what_is_computed(database: Database, seed: int) -> None:
    depth = os.environ["TEST_DEPTH"]
    company = open_company(database)
    work = Work(company, random.Random(seed))
    operations = OPERATIONS[depth]
    for number in range(operations):
        work.step()
        if (number + 1) % (operations // LOOKS[depth]) == 0:
            agree(company)
    assert len(company.rows("months")) > 10, "there was something to add up"


@pytest.fixture
def co(database: Database) -> Company:
    return open_company(database)


def receipt(co: Company, total: Any, **more: Any) -> Record:
    """A receipt of the first supplier over so much, for one piece of the first item."""
    values = {"supplier": co.suppliers[0], "day": date(2026, 11, 3), "place": "north"}
    lines = [line(co.items[0], 1, total)]
    return co.create("receipt", submit=True, **{**values, "lines": lines, **more})


def cancel(co: Company, record: Record) -> None:
    co.do(
        lambda act: documents.cancel(
            act, record.form, record.id, version=record.version, reason="错"
        )
    )


FIGURES = [
    # receipts sent (+) and cancelled (-), how many, sum, smallest, largest, average
    ("", 0, "0.00", None, None, None),
    ("+10", 1, "10.00", "10.00", "10.00", "10.0000"),
    ("+10 +20 +20", 3, "50.00", "10.00", "20.00", "16.6667"),
    ("+10 +20 -20", 1, "10.00", "10.00", "10.00", "10.0000"),
    ("+10 +20 +20 -20", 2, "30.00", "10.00", "20.00", "15.0000"),
    ("+10 +20 +15 -10", 2, "35.00", "15.00", "20.00", "17.5000"),
    ("+10 +20 +15 -15", 2, "30.00", "10.00", "20.00", "15.0000"),
    ("+0.01 +0.02 +0.02", 3, "0.05", "0.01", "0.02", "0.0167"),
    ("+10 -10", 0, "0.00", None, None, None),
    ("+10 -10 +7", 1, "7.00", "7.00", "7.00", "7.0000"),
    ("+60 +70 +10", 3, "140.00", "10.00", "70.00", "46.6667"),
]


@pytest.mark.parametrize(("acts", "n", "spent", "least", "most", "mean"), FIGURES)
def test_figures(  # noqa: PLR0913 - a row of the table
    co: Company, acts: str, n: int, spent: str, least: str, most: str, mean: str
) -> None:
    sent: list[tuple[str, Record]] = []
    for word in acts.split():
        if word[0] == "+":
            sent.append((word[1:], receipt(co, word[1:])))
        else:
            known = next(each for each in sent if each[0] == word[1:])
            sent.remove(known)
            cancel(co, known[1])
    row = co.rows("supplier")[0]
    found = [row[f"f_{code}"] for code in ("n", "spent", "least", "most", "mean")]
    wanted = [Decimal(n), *(each and Decimal(each) for each in (spent, least, most, mean))]
    assert found == wanted
    large = [Decimal(each) for each, _ in sent if Decimal(each) > 50]
    assert (row["f_large_n"], row["f_large"]) == (len(large), sum(large))
    assert row["f_large_most"] == (max(large) if large else None)
    others = co.rows("supplier")[1]
    assert (others["f_n"], others["f_spent"], others["f_least"]) == (0, 0, None)


def test_only_what_counts(co: Company) -> None:
    values = {"supplier": co.suppliers[0], "lines": [line(co.items[0], 2, 5)]}
    draft = co.create("receipt", **values)
    assert co.rows("supplier")[0]["f_n"] == 0
    sent = co.do(lambda act: documents.submit(act, draft.form, draft.id, version=draft.version))
    assert co.rows("supplier")[0]["f_spent"] == 10
    cancel(co, sent)
    assert co.rows("supplier")[0]["f_spent"] == 0


def test_a_supplier_is_changed__figures_stay(co: Company) -> None:
    form = co.form("supplier")
    stale = co.do(lambda act: query.record(act, form, co.suppliers[0]))
    receipt(co, 10)
    change = {"name": "北方"}
    now = co.do(lambda act: documents.update(act, form, stale.id, change, version=stale.version))
    assert (now.values["spent"], now.version) == (10, stale.version + 1), "no version was used up"
    assert co.rows("supplier")[0]["f_spent"] == 10
    with pytest.raises(ValidationFailed) as caught:
        co.do(lambda act: documents.update(act, form, stale.id, {"spent": 1}, version=2))
    assert [(p.pointer, p.code) for p in caught.value.problems] == [("/spent", "field_computed")]


def test_the_document_moves_to_another_supplier(co: Company) -> None:
    draft = co.create("receipt", supplier=co.suppliers[0], lines=[line(co.items[0], 1, 9)])
    moved = co.do(
        lambda act: documents.update(
            act, draft.form, draft.id, {"supplier": co.suppliers[1]}, version=draft.version
        )
    )
    co.do(lambda act: documents.submit(act, draft.form, draft.id, version=moved.version))
    assert [row["f_spent"] for row in co.rows("supplier")] == [0, 9, 0]


def test_too_large__is_refused_by_name_and_changes_nothing(co: Company) -> None:
    lines = [line(co.items[0], "60000000000", "0.0001")]
    receipt(co, 0, lines=lines)
    before = co.picture()
    with pytest.raises(ValidationFailed) as caught:
        receipt(co, 0, lines=lines)
    assert {(p.code, p.params["label"], p.params["title"]) for p in caught.value.problems} == {
        ("rollup_too_large", "item.qty", "pen"),
        ("rollup_too_large", "item.much", "pen"),
    }
    assert co.picture() == before


def test_rows_of_a_table__by_dimension(co: Company) -> None:
    pen, ink = co.items[:2]
    receipt(co, 0, lines=[line(pen, 3, "1.00"), line(pen, 1, "2.00"), line(ink, 2, "5.00")])
    receipt(co, 0, day=date(2026, 12, 1), lines=[line(pen, 5, "1.50"), line(None, 9, 9)])
    receipt(co, 7, day=None)
    co.create("issue", submit=True, day=date(2026, 11, 30), place="north", lines=[line(pen, 6)])
    shown = {
        (row["f_month"], row["f_item"]): [
            row[f"f_{code}"]
            for code in ("bought", "worth", "sold", "left", "balance", "bought_n", "dearest")
        ]
        for row in co.rows("months")
    }
    assert shown == {
        ("2026-11", pen): [4, 5, 6, -2, -2, 2, 2],
        ("2026-11", ink): [2, 10, 0, 2, 2, 1, 5],
        ("2026-12", pen): [5, Decimal("7.50"), 0, 5, 5, 1, Decimal("1.50")],
    }, "rows without a dimension are left out"
    assert [row["f_worth_each"] for row in co.rows("months")][:1] == [Decimal("1.2500")]


def test_a_group_without_rows_is_gone(co: Company) -> None:
    made = receipt(co, 10)
    assert len(co.rows("months")) == 1
    cancel(co, made)
    assert co.rows("months") == []
    assert not any(co.values("months").values())


def test_lists__sort_and_filter_by_figures(co: Company) -> None:
    for supplier, total in zip(co.suppliers, (30, 10, 20), strict=True):
        receipt(co, total, supplier=supplier)
    wanted = PageRequest(
        columns=("name", "spent"), sort="-spent", filters=(Filter("spent", "ge", ("20",)),)
    )
    page = co.do(lambda act: query.page(act, co.form("supplier"), wanted))
    assert [row.shown for row in page.rows] == [
        {"name": "north", "spent": "30.00"},
        {"name": "east", "spent": "20.00"},
    ]
    months = co.do(
        lambda act: query.page(
            act,
            co.form("months"),
            PageRequest(columns=("month", "item", "worth"), search="pen", sort="worth"),
        )
    )
    assert [row.shown for row in months.rows] == [
        {"month": "2026-11", "item": "pen", "worth": "60.00"}
    ]


def test_nobody_writes_a_table(co: Company) -> None:
    receipt(co, 10)
    months = co.form("months")
    row = co.do(lambda act: query.page(act, months, PageRequest())).rows[0]
    verbs: list[Callable[[Act], Any]] = [
        lambda act: documents.create(act, months, {"month": "2026-01"}),
        lambda act: documents.update(act, months, row.id, {"month": "x"}, version=1),
        lambda act: documents.delete(act, months, row.id, version=1),
    ]
    for verb in verbs:
        with pytest.raises(AppError) as caught:
            co.do(verb)
        assert caught.value.code == "form_forbidden"
    assert co.do(lambda act: query.record(act, months, row.id)).values["worth"] == 10


STOCKED: dict[str, Any] = {
    **MONTHS,
    "checks": [{"formula": "=balance>=0", "message": {"zh": "库存不足", "en": "Not enough"}}],
}


@pytest.fixture
def stocked(database: Database) -> Company:
    made = open_company(database, company(aggregates=[STOCKED]))
    receipt(made, 0, lines=[line(made.items[0], 5, 1), line(made.items[1], 5, 1)])
    return made


def issue(co: Company, *lines: dict[str, Any]) -> Record:
    return co.create("issue", submit=True, day=date(2026, 11, 9), place="north", lines=list(lines))


def test_check__refuses_with_the_authors_words(stocked: Company) -> None:
    pen, ink = stocked.items[:2]
    issue(stocked, line(pen, 3))
    before = stocked.rows("months")
    with pytest.raises(ValidationFailed) as caught:
        issue(stocked, line(pen, 3), line(ink, 5))
    (problem,) = caught.value.problems
    assert problem.code == "aggregate_check_failed"
    assert problem.params == {
        "message": "库存不足",
        "message_en": "Not enough",
        "label": "月汇总",
        "group": "2026-11 · pen · north",
    }
    assert stocked.rows("months") == before
    issue(stocked, line(pen, 2), line(ink, 5))


def test_check__undoing_what_others_need_is_refused(stocked: Company) -> None:
    more = receipt(stocked, 0, lines=[line(stocked.items[0], 5, 1)])
    issue(stocked, line(stocked.items[0], 8))
    with pytest.raises(ValidationFailed):
        cancel(stocked, more)
    assert stocked.rows("months")[0]["f_balance"] == 2


def together(acts: Sequence[Callable[[], Any]]) -> Counter[str]:
    """Do everything at once; returns how each ended: `ok`, or the code of the refusal."""
    start = threading.Barrier(len(acts))
    endings: list[str] = []

    def run(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            act()
            endings.append("ok")
        except AppError as refusal:
            endings.append(refusal.problems[0].code)
        except BaseException as failure:
            endings.append(repr(failure))
            raise

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(endings)


def test_at_the_same_moment__only_what_is_there_goes(stocked: Company) -> None:
    pen, ink = stocked.items[:2]
    # The lines stand in either order: the groups are locked in one.
    papers = [[line(pen, 2), line(ink, 1)], [line(ink, 1), line(pen, 2)]] * 3
    acts = [lambda lines=lines: issue(stocked, *lines) for lines in papers]
    assert together(acts) == {"ok": 2, "aggregate_check_failed": 4}
    assert [row["f_balance"] for row in stocked.rows("months")] == [1, 3]


def test_at_the_same_moment__nothing_is_lost(co: Company) -> None:
    def acts(number: int) -> Callable[[], Any]:
        items = co.items if number % 2 else co.items[::-1]
        lines = [line(item, number + 1, "1.10") for item in items]
        supplier = co.suppliers[number % 2]
        return lambda: receipt(co, 0, supplier=supplier, lines=lines)

    for _ in range(3):
        assert together([acts(number) for number in range(8)]) == {"ok": 8}
    first = [row["f_n"] for row in co.rows("supplier")]
    assert first == [12, 12, 0]
    kept = co.picture()
    co.recompute()
    assert co.picture() == kept


def test_at_the_same_moment__the_largest_leaves_and_comes(co: Company) -> None:
    largest = [receipt(co, 90 + number) for number in range(4)]
    acts: list[Callable[[], Any]] = [lambda each=each: cancel(co, each) for each in largest]
    acts += [lambda total=total: receipt(co, total) for total in (10, 95, 20, 30)]
    assert together(acts) == {"ok": 8}
    row = co.rows("supplier")[0]
    assert (row["f_most"], row["f_least"], row["f_n"]) == (95, 10, 4)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def test_many_lines__as_many_statements_as_few(co: Company) -> None:
    def lines(number: int) -> list[dict[str, Any]]:
        return [line(co.items[each % 4], each, "1.25") for each in range(1, number + 1)]

    receipt(co, 0, lines=lines(8))
    with counted(co.database) as few:
        receipt(co, 0, lines=lines(8))
    with counted(co.database) as many:
        made = receipt(co, 0, lines=lines(400))
    assert len(many) <= len(few) + 2, "a further block of rows, no statement for each"
    assert co.rows("item")[0]["f_lines_n"] == 2 + 2 + 100
    cancel(co, made)
    agree(co)


def test_a_table_is_read_by_grants(co: Company) -> None:
    receipt(co, 10)
    stranger = Actor(7, "x", frozenset())

    def read(act: Act) -> Any:
        return query.page(Act(act.connection, stranger, NOW), co.form("months"), PageRequest())

    with pytest.raises(AppError) as caught:
        co.do(read)
    assert caught.value.code == "form_forbidden"
