"""Rules of a form and read-only grants: what is asked for, kept and refused on the write path."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime import documents, platform
from runtime.compile import App, Form, compile_app
from runtime.definitions import load_app
from runtime.documents.prepare import prepare
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed
from runtime.query import Record


def f(code: str, kind: str, **more: Any) -> dict[str, Any]:
    known = {"required", "default", "readonly"}
    own = {key: more.pop(key) for key in known & more.keys()}
    return {"code": code, "kind": kind, "label": code, "options": more, **own}


def rule(effect: str, what: str, when: str, lines: str | None = None) -> dict[str, Any]:
    """`hide` `reason §more`: the field and the section, while the formula holds."""
    names = what.split()
    made: dict[str, Any] = {
        "code": f"{effect}_{names[0].lstrip('§')}",
        "effect": effect,
        "when": f"={when}",
        "fields": [name for name in names if not name.startswith("§")],
        "sections": [name[1:] for name in names if name.startswith("§")],
    }
    return made if lines is None else {**made, "lines": lines}


CUSTOMER = {
    "code": "customer",
    "label": "客户",
    "type": "record",
    "fields": [f("name", "text"), f("level", "text")],
}
LINES = [
    f("kind", "text"),
    f("qty", "number"),
    f("price", "number", default="1"),
    f("note", "text", required=True),
]
FIELDS = [
    f("customer", "reference", form="customer"),
    f("kind", "text"),
    f("amount", "number"),
    f("reason", "text", default="旧"),
    f("where", "text"),
    f("city", "text", required=True),
    f("flag", "boolean"),
    f("lines", "lines", fields=LINES),
    f("total", "formula", formula="=SUM(lines.qty)", result="number"),
]
SECTIONS = [
    {"code": "main", "label": "主", "fields": ["customer", "kind", "amount", "reason", "flag"]},
    {"code": "delivery", "label": "送货", "fields": ["where", "city"]},
]
RULES = [
    rule("show", "§delivery", 'kind="送"'),
    rule("require", "where", 'kind="送"'),
    rule("require", "reason", "OR(amount>1000, total>10)"),
    rule("readonly", "reason", 'where="门口"'),
    rule("hide", "amount", 'customer.level="VIP"'),
    rule("hide", "note", 'kind="赠"', lines="lines"),
    rule("readonly", "price", 'OR(kind="赠", amount=7)', lines="lines"),
    rule("require", "lines", 'kind="批"'),
    rule("readonly", "lines", 'kind="冻"'),
]
GRANTS = {
    "clerk": [{"form": "*", "verbs": ["view", "create", "update", "submit"]}],
    "keeper": [
        {
            "form": "order",
            "verbs": ["view", "create", "update", "submit"],
            "readonly": ["reason", "lines.price"],
        },
        {"form": "customer", "verbs": ["view"]},
    ],
    "looker": [
        {
            "form": "order",
            "verbs": ["view", "create", "update"],
            "readonly": ["lines", "reason", "flag"],
        }
    ],
}


def compiled(**more: Any) -> App:
    order = {
        "code": "order",
        "label": "单",
        "type": "document",
        "fields": FIELDS,
        "sections": SECTIONS,
        "rules": RULES,
    }
    roles = [{"code": code, "label": code, "grants": grants} for code, grants in GRANTS.items()]
    app = {"format": "dajian-app/1", "code": "rules", "label": "演示", "roles": roles}
    return compile_app(load_app({**app, "forms": [CUSTOMER, {**order, **more}]}), 1)


class Desk:
    """Somebody who writes documents of the app."""

    def __init__(self, database: Database, app: App, now: datetime) -> None:
        self.database, self.app, self.now = database, app, now

    def do(self, verb: str, *given: Any, who: str = "", form: str = "order", **more: Any) -> Record:
        actor = Actor(None, who, frozenset({who})) if who else SYSTEM
        with self.database.transaction() as connection:
            act = Act(connection, actor, self.now)
            made: Record = getattr(documents, verb)(act, self.app.forms[form], *given, **more)
            return made

    def refusals(self, verb: str, *given: Any, who: str = "", **more: Any) -> list[str]:
        """`pointer code` of every problem; none when it was taken."""
        try:
            self.do(verb, *given, who=who, **more)
        except ValidationFailed as error:
            return sorted(f"{problem.pointer} {problem.code}" for problem in error.problems)
        return []


@pytest.fixture
def desk(database: Database, now: datetime) -> Iterator[Desk]:
    app = compiled()
    with database.transaction() as connection:
        platform.set_up(connection)
        app.metadata.create_all(connection)
    yield Desk(database, app, now)
    with database.transaction() as connection:
        app.metadata.drop_all(connection)


LINE = {"qty": "1", "note": "n"}
# what is submitted as a new document | what is wrong with it
ASKED: list[tuple[dict[str, Any], list[str]]] = [
    # A hidden section is not asked for: `city` is required, and out of sight.
    ({}, []),
    ({"kind": "送"}, ["/city value_missing", "/where value_missing"]),
    ({"kind": "送", "city": "杭州", "where": "后门"}, []),
    # `reason` begins with 旧, so it is there until somebody takes it away.
    ({"amount": "1001", "reason": None}, ["/reason value_missing"]),
    ({"amount": "1000", "reason": None}, []),
    # The sum of the lines counts as well: 4 + 7 > 10.
    ({"lines": [LINE | {"qty": "4"}, LINE | {"qty": "7"}], "reason": None},
     ["/reason value_missing"]),
    # A rule of the lines is asked of each row.
    ({"lines": [{"kind": "赠"}, {"kind": "卖"}]}, ["/lines/1/note value_missing"]),
    ({"kind": "批"}, ["/lines lines_too_few"]),
    ({"kind": "批", "lines": [LINE]}, []),
    # Locked by a rule: another price is refused in its row, the price it begins with is not.
    ({"lines": [{"kind": "赠", "price": "2"}]}, ["/lines/0/price field_readonly"]),
    ({"lines": [{"kind": "赠", "price": "1.0"}]}, []),
    ({"amount": "7", "lines": [LINE | {"price": "2"}, LINE | {"price": "1"}]},
     ["/lines/0/price field_readonly"]),
    # `where` itself is hidden unless 送, so what is sent for it locks nothing.
    ({"where": "门口", "reason": "新"}, []),
    ({"kind": "送", "city": "c", "where": "门口", "reason": "新"}, ["/reason field_readonly"]),
    ({"kind": "冻", "lines": [LINE]}, ["/lines field_readonly"]),
    ({"kind": "冻", "lines": []}, []),
]  # fmt: skip


def test_submit__asks_for_what_the_rules_ask_for(desk: Desk) -> None:
    for values, wanted in ASKED:
        assert desk.refusals("create_and_submit", values) == wanted, values


def test_draft__may_lack_what_is_required__and_not_write_what_is_locked(desk: Desk) -> None:
    assert desk.refusals("create", {"kind": "送"}) == []
    locked = {"kind": "送", "where": "门口", "reason": "新"}
    assert desk.refusals("create", locked) == ["/reason field_readonly"]


def test_hidden__keeps_what_it_has(desk: Desk) -> None:
    vip = desk.do("create", {"name": "甲", "level": "VIP"}, form="customer").id
    plain = desk.do("create", {"name": "乙"}, form="customer").id
    made = desk.do("create", {"customer": plain, "amount": "5"})
    # What is sent for a field that the same save hides is left out, not written and not refused.
    kept = desk.do("update", made.id, {"customer": vip, "amount": "9"}, version=1)
    assert (kept.values["customer"], str(kept.values["amount"])) == (vip, "5.00")
    shown = desk.do("update", made.id, {"customer": plain, "amount": "9"}, version=2)
    assert str(shown.values["amount"]) == "9.00"


def test_hidden__is_not_read_either(desk: Desk) -> None:
    """What is wrong with a value nobody sees keeps nobody from saving."""
    assert desk.refusals("create", {"kind": "送", "where": 5}) == ["/where text_expected"]
    assert desk.refusals("create", {"kind": "自取", "where": 5}) == []


def test_locked_row__is_compared_with_what_is_stored(desk: Desk) -> None:
    lines = [LINE | {"kind": "卖", "price": "3"}, LINE | {"kind": "卖", "price": "4"}]
    made = desk.do("create", {"lines": lines})
    first, second = (line.id for line in made.lines["lines"])
    table = [
        ([{"id": first, "kind": "赠"}, {"id": second}], []),
        ([{"id": first, "kind": "赠", "price": "3"}, {"id": second}], []),
        ([{"id": first, "kind": "赠", "price": "5"}, {"id": second}], ["/lines/0/price"]),
        ([{"id": second, "kind": "赠", "price": "3"}, {"id": first}], ["/lines/0/price"]),
        ([{"id": second, "kind": "赠", "price": "4"}, {"id": first, "price": "5"}], []),
    ]
    for rows, wanted in table:
        saved = desk.do("update", made.id, {"lines": lines_of(made)}, version=version(desk, made))
        refused = desk.refusals("update", made.id, {"lines": rows}, version=saved.version)
        assert refused == [f"{pointer} field_readonly" for pointer in wanted], rows


def lines_of(record: Record) -> list[dict[str, Any]]:
    return [{"id": line.id, **line.values} for line in record.lines["lines"]]


def version(desk: Desk, record: Record) -> int:
    with desk.database.transaction() as connection:
        table = desk.app.forms["order"].table
        found = connection.execute(table.select().where(table.c.id == record.id)).one()
    return int(found.version)


# who    | what they send for a new order | what is refused
GRANTED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("clerk", {"reason": "新", "lines": [LINE | {"price": "2"}]}, []),
    ("keeper", {"reason": "新"}, ["/reason field_readonly"]),
    ("keeper", {"reason": "旧"}, []),
    ("keeper", {"amount": "5"}, []),
    ("keeper", {"lines": [LINE, LINE | {"price": "2"}]}, ["/lines/1/price field_readonly"]),
    ("keeper", {"lines": [LINE | {"price": "1"}]}, []),
    ("looker", {"lines": []}, []),
    ("looker", {"lines": [LINE]}, ["/lines field_readonly"]),
    # A box that is not ticked says no more than one that was never asked about.
    ("looker", {"flag": False}, []),
    ("looker", {"flag": True}, ["/flag field_readonly"]),
]


def test_read_only_grant__refuses_another_value_and_names_the_field(desk: Desk) -> None:
    for who, values, wanted in GRANTED:
        assert desk.refusals("create", values, who=who) == wanted, (who, values)


def test_read_only_lines__may_be_sent_as_they_are(desk: Desk) -> None:
    made = desk.do("create", {"lines": [LINE | {"price": "3"}, LINE]})
    one, two = lines_of(made)
    sent = {code: one[code] for code in ("id", "qty", "note")}
    for rows, wanted in (
        ([sent, {"id": two["id"]}], []),
        ([{"id": two["id"]}, sent], ["/lines field_readonly"]),
        ([sent], ["/lines field_readonly"]),
        ([sent, {"id": two["id"], "qty": "2"}], ["/lines field_readonly"]),
    ):
        values = {"lines": rows}
        refused = desk.refusals("update", made.id, values, who="looker", version=1)
        assert refused == wanted, rows
    assert version(desk, made) == 1, "what was taken said nothing new"


def test_states__say_what_a_screen_shows(desk: Desk) -> None:
    with desk.database.transaction() as connection:
        act = Act(connection, SYSTEM, desk.now)
        said = documents.states_of(
            act, desk.app.forms["order"], {"amount": "1001", "lines": [{"kind": "赠"}]}
        )
    assert said.hidden == {(None, 0, "where"), (None, 0, "city"), ("lines", 0, "note")}
    assert said.locked == {("lines", 0, "price")}
    assert said.required == {(None, 0, "reason")}
    assert said.sections == {"delivery"}


CODES = [f"n{number}" for number in range(5)]


@st.composite
def chains(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rules among five numbers, each asking only of numbers before the ones it closes."""
    found = []
    for place in range(draw(st.integers(1, 6))):
        target = draw(st.integers(1, 4))
        asked = CODES[draw(st.integers(0, target - 1))]
        effect = draw(st.sampled_from(["show", "hide", "readonly"]))
        when = f"={asked}{draw(st.sampled_from(['>', '<', '=']))}{draw(st.integers(0, 2))}"
        found.append(
            {"code": f"r{place}", "effect": effect, "when": when, "fields": [CODES[target]]}
        )
    return found


numbers = st.fixed_dictionaries({code: st.integers(0, 2) for code in CODES})


@settings(deadline=None, max_examples=60)
@given(rules=chains(), was=numbers, sent=numbers)
def test_rules_that_hang_on_each_other__settle_in_the_order_they_hang(
    rules: list[dict[str, Any]], was: dict[str, int], sent: dict[str, int]
) -> None:
    """Worked out by hand, number by number: what is closed keeps what it had."""
    form = chained(rules)
    kept = dict(was)
    for code in CODES:
        if not closing(rules, code, kept):
            kept[code] = sent[code]
    closed = {code: closing(rules, code, kept) for code in CODES}
    refused = [c for c in CODES if closed[c] == "readonly" and sent[c] != was[c]]
    # Nothing here asks the database for anything.
    act, before = Act(cast(Any, None), SYSTEM, MOMENT), stored(form, was)
    if refused:
        with pytest.raises(ValidationFailed) as refusal:
            prepare(act, form, sent, before, complete=True)
        assert [each.pointer[1:] for each in refusal.value.problems] == refused
    else:
        assert prepare(act, form, sent, before, complete=True).values == kept


MOMENT = datetime.fromisoformat("2026-11-22T09:00:00+00:00")


def chained(rules: list[dict[str, Any]]) -> Form:
    fields = [f(code, "number") for code in CODES]
    form = {"code": "c", "label": "c", "type": "record", "fields": fields, "rules": rules}
    app = {"format": "dajian-app/1", "code": "chain", "label": "链", "forms": [form]}
    return compile_app(load_app(app), 1).forms["c"]


def stored(form: Form, values: dict[str, int]) -> Record:
    kept = {code: Decimal(value) for code, value in values.items()}
    return Record(form, 1, 1, "active", kept, {}, None, MOMENT, None, MOMENT)


def closing(rules: list[dict[str, Any]], code: str, values: dict[str, int]) -> str:
    """How a number is closed: hidden goes before read-only, empty when it is open."""
    mine = [each for each in rules if each["fields"] == [code]]
    holding = [each["effect"] for each in mine if _holds(each["when"], values)]
    is_shown = "show" in holding or all(each["effect"] != "show" for each in mine)
    if not is_shown or "hide" in holding:
        return "hide"
    return "readonly" if "readonly" in holding else ""


def _holds(when: str, values: dict[str, int]) -> bool:
    left, sign, right = values[when[1:3]], when[3], int(when[4:])
    return {">": left > right, "<": left < right, "=": left == right}[sign]
