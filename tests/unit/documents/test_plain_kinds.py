"""The plain kinds in a table: what was kept comes back as it was, is filtered and is refused."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

import pytest

from runtime import documents, platform, query
from runtime.compile import App, compile_app
from runtime.definitions import load_app
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed
from runtime.query import Filter, PageRequest


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


FIELDS = [
    f("name", "text"),
    f("hint", "note", text="请填写"),
    f("mail", "email"),
    f("mobile", "phone"),
    f("site", "url"),
    f("card", "id_card"),
    f("line", "divider"),
    f("opens", "time"),
    f("spent", "duration"),
    f("stars", "rating"),
    f("amount", "money"),
    f("words", "rmb", field="amount"),
    f("bio", "rich_text"),
    f("later", "formula", formula="=HOUR(opens)+spent/3600+stars", result="number", places=2),
    f(
        "rows",
        "lines",
        fields=[f("at", "time"), f("cost", "money"), f("said", "rmb", field="cost")],
    ),
]
FORM = {"code": "person", "label": "员工", "type": "record", "title": "name", "fields": FIELDS}
SOURCE = {"format": "dajian-app/1", "code": "hr", "label": "人事", "forms": [FORM]}
FIRST = {
    "name": "张三",
    "mail": "z@example.com",
    "mobile": "+86 13800138000",
    "site": "https://example.com",
    "card": "11010519491231002X",
    "opens": "09:30",
    "spent": "5400",
    "stars": 4,
    "amount": "107000.05",
    "bio": "<p>一<script>x</script></p>",
    "rows": [{"at": "08:05:06", "cost": "0"}, {"at": None}],
}


@pytest.fixture
def app(database: Database) -> App:
    made = compile_app(load_app(SOURCE), 1)
    with database.transaction() as connection:
        platform.set_up(connection)
        made.metadata.create_all(connection)
    return made


def test_values__are_kept_computed_found_and_refused(
    app: App, database: Database, now: datetime
) -> None:
    form = app.forms["person"]

    def do(verb: Any, *given: Any) -> Any:
        with database.transaction() as connection:
            return verb(Act(connection, SYSTEM, now), form, *given)

    made = do(documents.create, FIRST)
    do(documents.create, {"name": "李四", "opens": "18:00", "spent": "60", "stars": 1})
    kept = do(query.record, made.id)
    assert kept is not None
    assert kept.values == made.values
    assert {code: kept.values[code] for code in ("opens", "spent", "stars", "words", "bio")} == {
        "opens": time(9, 30),
        "spent": Decimal(5400),
        "stars": Decimal(4),
        "words": "壹拾万柒仟元零伍分",
        "bio": "<p>一</p>",
    }
    assert kept.values["later"] == Decimal("14.50")
    assert "hint" not in kept.values
    assert [(line.values["at"], line.values["said"]) for line in kept.lines["rows"]] == [
        (time(8, 5, 6), "零元整"), (None, None),
    ]  # fmt: skip
    for condition, names in FOUND:
        page = do(query.page, PageRequest(filters=(condition,)))
        assert [row.values["name"] for row in page.rows] == names, condition
    ordered = do(query.page, PageRequest(sort="-opens", size=20))
    assert [row.values["name"] for row in ordered.rows] == ["李四", "张三"]
    for sent, told in REFUSED:
        with pytest.raises(ValidationFailed) as caught:
            do(documents.create, sent)
        assert [(each.pointer, each.code) for each in caught.value.problems] == [told]


FOUND = [
    (Filter("mail", "contains", ("example",)), ["张三"]),
    (Filter("mobile", "starts", ("138",)), ["张三"]),
    (Filter("card", "equals", ("11010519491231002X",)), ["张三"]),
    (Filter("opens", "ge", ("下午5点",)), ["李四"]),
    (Filter("opens", "between", ("9:00", "10:00")), ["张三"]),
    (Filter("spent", "gt", ("1:00",)), ["张三"]),
    (Filter("stars", "le", ("2",)), ["李四"]),
    (Filter("words", "contains", ("柒仟",)), ["张三"]),
    (Filter("bio", "empty"), ["李四"]),
]
REFUSED: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"hint": "x"}, ("/hint", "field_computed")),
    ({"line": "x"}, ("/line", "field_computed")),
    ({"words": "壹元整"}, ("/words", "field_computed")),
    ({"stars": 6}, ("/stars", "number_above")),
    ({"site": "javascript:alert(1)"}, ("/site", "url_expected")),
    ({"rows": [{"at": "25:00"}]}, ("/rows/0/at", "time_expected")),
]
