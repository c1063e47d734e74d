"""Whatever is written, every computed value that may change is what a fresh computation gives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime import documents, platform
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.documents import dependents
from runtime.documents.computing import Computing, place_of
from runtime.documents.prepare import as_values
from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, ValidationFailed
from runtime.query import Record, records_by_id

NUMBER = {"places": 4}


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def formula(code: str, text: str, result: str = "number") -> dict[str, Any]:
    return f(code, "formula", formula=text, result=result, **(NUMBER if result == "number" else {}))


def form(code: str, kind: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"code": code, "label": code, "type": kind, "fields": list(fields), **more}


_codes = count(1)


def compiled(*forms: dict[str, Any]) -> App:
    whole = {
        "format": "dajian-app/1",
        "code": f"w{next(_codes)}",
        "label": "演示",
        "forms": list(forms),
    }
    return compile_app(load_app(whole), 1)


@dataclass
class World:
    """An app whose tables were just made, and what is in them."""

    app: App
    database: Database
    now: datetime

    def __post_init__(self) -> None:
        with self.database.transaction() as connection:
            self.app.metadata.create_all(connection)

    def do(self, verb: str, form: str, *given: Any, **more: Any) -> Any:
        with self.database.transaction() as connection:
            act = Act(connection, SYSTEM, self.now)
            return getattr(documents, verb)(act, self.app.forms[form], *given, **more)

    def read(self, form: str, key: int) -> Record:
        with self.database.reading() as connection:
            return records_by_id(connection, self.app.forms[form], [key])[key]

    def change(self, form: str, key: int, **values: Any) -> Any:
        version = self.read(form, key).version
        return self.do("update", form, key, values, version=version)

    def records(self, connection: Any, form: Form) -> list[Record]:
        keys = connection.execute(form.table.select()).scalars().all()
        return list(records_by_id(connection, form, keys).values())

    def stale(self) -> list[str]:
        """Every computed value that is not what computing it now gives."""
        with self.database.reading() as connection:
            act = Act(connection, SYSTEM, self.now)
            return [
                found
                for form in self.app.forms.values()
                for found in _stale(act, form, self.records(connection, form))
            ]


def _stale(act: Act, form: Form, records: list[Record]) -> Iterator[str]:
    programs = [
        each for each in form.programs if each.field.kind.kind != "lookup" or each.field.is_live
    ]
    changing = [record for record in records if form.may_change(record.status)]
    for record, fresh in Computing.of(act, form, changing).computed(changing, programs):
        for program in programs:
            lines, code = place_of(program)
            kept, new = _at(as_values(record), lines, code), _at(fresh, lines, code)
            if kept != new:
                yield f"{form.code} {record.id} {lines} {code}: {kept} is {new}"


def _at(values: Mapping[str, Any], lines: str | None, code: str) -> list[Any]:
    return [values[code]] if lines is None else [row[code] for row in values[lines]]


@pytest.fixture
def ready(database: Database) -> Database:
    with database.transaction() as connection:
        platform.set_up(connection)
    return database


PRODUCT = form(
    "product",
    "record",
    f("name", "text"),
    f("price", "number", **NUMBER),
    f("kind", "text"),
    formula("dear", "=price*2"),
    title="name",
)
SHELF = form(
    "shelf",
    "record",
    f("holds", "reference", form="product"),
    f("kind", "text"),
    f("label", "lookup", reference="holds", field="name", live=True),
    f("first", "lookup", reference="holds", field="name"),
    formula("worth", "=holds.dear+1"),
    formula("others", "=SUMIFS(product.price,product.kind,kind)"),
    formula("every", "=SUM(product.price)"),
    title="label",
    search=["label", "first"],
)
SALE = form(
    "sale",
    "document",
    f("shelf", "reference", form="shelf"),
    f("note", "text"),
    f(
        "lines",
        "lines",
        fields=[
            f("product", "reference", form="product"),
            f("qty", "number", **NUMBER),
            formula("amount", "=qty*product.price"),
        ],
    ),
    formula("total", "=SUM(lines.amount)+shelf.worth"),
    title="note",
)


def test_changed__through_references_and_their_references(ready: Database, now: datetime) -> None:
    world = World(compiled(PRODUCT, SHELF, SALE), ready, now)
    pen = world.do("create", "product", {"name": "笔", "price": Decimal(3)}).id
    shelf = world.do("create", "shelf", {"holds": pen}).id
    lines = [{"product": pen, "qty": Decimal(2)}]
    draft = world.do("create", "sale", {"shelf": shelf, "lines": lines}).id
    sent = world.do("create_and_submit", "sale", {"shelf": shelf, "lines": lines}).id
    was = world.read("sale", draft).version
    world.change("product", pen, price=Decimal(5))
    assert world.read("shelf", shelf).values["worth"] == 11
    found = world.read("sale", draft)
    # 2 × 5 + (5 × 2 + 1); what was submitted keeps 2 × 3 + (3 × 2 + 1).
    assert (found.values["total"], found.version) == (21, was)
    assert found.lines["lines"][0].values["amount"] == 10
    assert world.read("sale", sent).values["total"] == 13
    assert world.stale() == []


def test_changed__a_live_lookup_follows_and_a_copy_stays(ready: Database, now: datetime) -> None:
    world = World(compiled(PRODUCT, SHELF, SALE), ready, now)
    pen = world.do("create", "product", {"name": "钢笔"}).id
    shelf = world.do("create", "shelf", {"holds": pen}).id
    world.change("product", pen, name="毛笔")
    found = world.read("shelf", shelf)
    assert (found.values["label"], found.values["first"]) == ("毛笔", "钢笔")
    with ready.reading() as connection:
        table = world.app.forms["shelf"].table
        (words,) = connection.execute(table.select()).mappings().all()
    assert "毛笔" in words["search_text"]
    assert "钢笔" in words["search_text"]


def test_changed__only_those_that_ask_for_the_key(
    ready: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(compiled(PRODUCT, SHELF, SALE), ready, now)
    keys = {
        kind: world.do("create", "shelf", {"kind": kind}).id
        for kind in ("甲", "乙", "A", "a", "b*", "*", "")
    }
    computed: list[tuple[str, set[int]]] = []
    real = dependents._Wave._rows

    def spied(self: Any, node: Any, ids: set[int]) -> Any:
        computed.append((node.field, ids))
        return real(self, node, ids)

    monkeypatch.setattr(dependents._Wave, "_rows", spied)
    # key of the new product | who asks for it
    table = [("甲", ["甲", "b*", "*"]), ("A", ["A", "a", "b*", "*"]), ("bc", ["b*", "*"])]
    for kind, asking in table:
        computed.clear()
        world.do("create", "product", {"kind": kind, "price": Decimal(1)})
        found = {key for field, ids in computed if field == "others" for key in ids}
        assert found == {keys[each] for each in asking}, kind
        assert world.stale() == []


CLIENT = form("client", "record", f("name", "text"), title="name")
BILL = form(
    "bill",
    "document",
    f("to", "reference", form="client"),
    f("amount", "number", **NUMBER),
    title="amount",
)
SHEET = form(
    "sheet",
    "record",
    f("who", "reference", form="client"),
    formula("owed", "=SUMIFS(bill.amount,bill.to,who)"),
    formula("count", "=COUNTIFS(bill.to,who)"),
    formula("first", "=XLOOKUP(who,bill.to,bill.amount)"),
    title="owed",
)


def test_changed__sums_by_a_reference_of_what_counts(ready: Database, now: datetime) -> None:
    world = World(compiled(CLIENT, BILL, SHEET), ready, now)
    a, b = (world.do("create", "client", {"name": name}).id for name in "ab")
    sheet = world.do("create", "sheet", {"who": b}).id
    bills = [
        world.do("create", "bill", {"to": to, "amount": Decimal(n)}).id
        for to, n in ((a, 5), (b, 7), (b, 70))
    ]
    # verb, which bill | what the sheet of b says then: sum, number, the first
    story = [
        ("submit", 0, (0, 0, None)),
        ("submit", 1, (7, 1, 7)),
        ("submit", 2, (77, 2, 7)),
        ("cancel", 1, (70, 1, 70)),
        ("cancel", 0, (70, 1, 70)),
    ]
    for verb, which, (owed, number, first) in story:
        version = world.read("bill", bills[which]).version
        reason = {"reason": "x"} if verb == "cancel" else {}
        world.do(verb, "bill", bills[which], version=version, **reason)
        found = world.read("sheet", sheet).values
        assert (found["owed"], found["count"], found["first"]) == (owed, number, first), which
    assert world.stale() == []


def test_changed__all_of_a_form_becomes_a_job(
    ready: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependents, "MOST_OF_ALL", 2)
    world = World(compiled(PRODUCT, SHELF, SALE), ready, now)
    for _ in range(3):
        world.do("create", "shelf", {})
    for price in (1, 2):
        world.do("create", "product", {"price": Decimal(price)})
    with ready.reading() as connection:
        (job,) = connection.execute(queue.job_table.select()).mappings().all()
    assert (job["name"], job["kwargs"]["fields"]) == (
        "documents.recompute",
        [["shelf", None, "every"]],
    )


def test_changed__too_much(ready: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(compiled(PRODUCT, SHELF, SALE), ready, now)
    pen = world.do("create", "product", {"name": "笔"}).id
    for _ in range(3):
        world.do("create", "shelf", {"holds": pen})
    monkeypatch.setattr(dependents, "MOST_COMPUTED", 2)
    with pytest.raises(Conflict, match="too_much_follows"):
        world.change("product", pen, price=Decimal(2))
    assert world.read("product", pen).values["price"] is None


def test_changed__a_figure_that_does_not_fit_elsewhere(ready: Database, now: datetime) -> None:
    world = World(compiled(PRODUCT, SHELF, SALE), ready, now)
    pen = world.do("create", "product", {"price": Decimal(1)}).id
    shelf = world.do("create", "shelf", {"holds": pen}).id
    huge = {"product": pen, "qty": Decimal(10) ** 12}
    world.do("create", "sale", {"shelf": shelf, "lines": [huge]})
    with pytest.raises(Conflict) as refused:
        world.change("product", pen, price=Decimal(100))
    assert refused.value.code == "too_large_elsewhere"
    assert refused.value.params["label"] == "sale.lines.amount"


# -- random apps and random acts

FAR = [
    "{ref}.n0",
    "{ref}.{field}",
    "SUM({form}.{field})",
    "SUMIFS({form}.{field},{form}.key,key)",
    "SUMIFS({form}.{field},{form}.n0,n0)",
    "COUNTIFS({form}.key,key)",
]
NEAR = ["n0", "{own}", "1"]


@st.composite
def apps(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Forms a ← b ← c (a document with lines), each computing from itself and those before it."""
    made: list[dict[str, Any]] = []
    known: dict[str, list[str]] = {}
    for code in "abc":
        fields = [f("key", "text"), f("n0", "number", **NUMBER)]
        before = list(known)
        fields += [f(f"to_{each}", "reference", form=each) for each in before]
        own = ["n0"]
        for at in range(draw(st.integers(1, 3))):
            fields.append(draw(computed(f"f{at}", before, known, own)))
            own.append(fields[-1]["code"])
        if code == "c":
            inner = [f("to_a", "reference", form="a"), f("n0", "number", **NUMBER)]
            inner.append(draw(computed("f0", ["a"], known, ["n0"])))
            fields.append(f("rows", "lines", fields=inner))
            fields.append(formula("sum", f"=SUM(rows.{inner[-1]['code']})"))
        known[code] = own
        made.append(form(code, "document" if code == "c" else "record", *fields, title="key"))
    return made


@st.composite
def computed(
    draw: st.DrawFn, name: str, before: list[str], known: dict[str, list[str]], own: list[str]
) -> dict[str, Any]:
    if not before:
        return formula(name, f"={draw(st.sampled_from(own))}+1")
    other = draw(st.sampled_from(before))
    field = draw(st.sampled_from(known[other]))
    if draw(st.integers(0, 4)) == 0 and not field.startswith("look"):
        options = {"reference": f"to_{other}", "field": field, "live": draw(st.booleans())}
        return f(f"look_{name}", "lookup", **options)
    far, near = draw(st.sampled_from(FAR)), draw(st.sampled_from(NEAR))
    text = f"{far}*2+{near}".format(
        ref=f"to_{other}", form=other, field=field, own=draw(st.sampled_from(own))
    )
    return formula(name, f"={text}")


acts = st.lists(
    st.tuples(
        st.sampled_from(["create", "create", "update", "update", "submit", "cancel", "delete"]),
        st.sampled_from("abc"),
        st.integers(0, 5),
        st.sampled_from(["x", "X", "y", "*", None]),
        st.integers(-3, 3).map(Decimal) | st.none(),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=12,
)


def test_property(ready: Database, now: datetime) -> None:
    examples = 12 if ready.kind == "sqlite" else 3

    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow])
    @given(forms=apps(), acts=acts)
    def nothing_is_stale(forms: list[dict[str, Any]], acts: Sequence[Any]) -> None:
        world = World(compiled(*forms), ready, now)
        keys: dict[str, list[int]] = {"a": [], "b": [], "c": []}
        # Something to point to, and something to follow.
        first = [("create", code, 0, "x", Decimal(1), 1) for code in "abcab"]
        for act in [*first, *acts]:
            _do(world, keys, *act)
            assert world.stale() == []

    nothing_is_stale()


def _do(  # noqa: PLR0913
    world: World,
    keys: dict[str, list[int]],
    verb: str,
    code: str,
    which: int,
    key: str | None,
    number: Decimal | None,
    to: int,
) -> None:
    values: dict[str, Any] = {"key": key, "n0": number}
    fields = world.app.forms[code].by_code
    for other, there in keys.items():
        if f"to_{other}" in fields and there:
            values[f"to_{other}"] = there[to % len(there)]
    if code == "c":
        row = {"n0": number, **({"to_a": values["to_a"]} if "to_a" in values else {})}
        values["rows"] = [row] * (to % 3)
    if verb == "create":
        keys[code].append(world.do("create", code, values).id)
    elif keys[code]:
        record = keys[code][which % len(keys[code])]
        _go_on(world, keys, verb, code, record, values)


def _go_on(
    world: World,
    keys: dict[str, list[int]],
    verb: str,
    code: str,
    record: int,
    values: dict[str, Any],
) -> None:
    version = world.read(code, record).version
    try:
        if verb == "update":
            world.do("update", code, record, values, version=version)
        elif verb == "delete":
            world.do("delete", code, record, version=version)
            keys[code].remove(record)
        elif code == "c":
            reason = {"reason": "x"} if verb == "cancel" else {}
            world.do(verb, code, record, version=version, **reason)
    except (Conflict, ValidationFailed):
        return
