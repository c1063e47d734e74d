"""Publishing: what changes in the tables, what stays, what is refused."""

import json
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from builder.difference import difference
from builder.packages import read_package, write_package
from builder.publish import publish
from runtime import posting
from runtime.catalogue import Catalogue, active_definition
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest, Conflict, ValidationFailed
from tests.conftest import Fill
from tests.prepared import tables

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"


def app(*fields: dict[str, Any], **form: Any) -> dict[str, Any]:
    body = {"code": "thing", "label": "物品", "type": "record", "fields": list(fields), **form}
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [body]}


def field(code: str, kind: str = "text", **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"code": code, "kind": kind, "label": code}
    return {**found, "options": options} if options else found


@pytest.fixture
def ready(database: Database, fill: Fill) -> Database:
    fill("tables", tables)
    return database


def published(database: Database, source: dict[str, Any], now: datetime, **more: Any) -> Any:
    with database.transaction() as connection:
        return publish(Act(connection, SYSTEM, now), source, "test", **more)


def insert(database: Database, now: datetime, **values: Any) -> int:
    with database.transaction() as connection:
        table = Catalogue().form(connection, "demo", "thing").table
        system = {"version": 1, "status": "active", "search_text": "", "created_at": now}
        result = connection.execute(
            table.insert().values(**system, updated_at=now, **values).returning(table.c.id)
        )
        return int(result.scalar_one())


def read(database: Database, column: str) -> Any:
    with database.reading() as connection:
        table = Catalogue().form(connection, "demo", "thing").table
        return connection.execute(select(table.c[column])).scalar()


def test_first_publication__makes_the_tables(ready: Database, now: datetime) -> None:
    done = published(ready, app(field("name"), field("qty", "quantity")), now)
    assert done.changed
    assert [change.kind for change in done.plan.changes] == ["create_table"]
    with ready.reading() as connection:
        columns = {c["name"] for c in inspect(connection).get_columns("a_demo__thing")}
    assert {"f_name", "f_qty", "version", "status"} <= columns


def test_same_again__changes_nothing(ready: Database, now: datetime) -> None:
    published(ready, app(field("name")), now)
    again = published(ready, app(field("name")), now)
    assert not again.changed
    assert again.app.version == 1


def test_added_field__old_rows_stay(ready: Database, now: datetime) -> None:
    published(ready, app(field("name")), now)
    insert(ready, now, f_name="螺栓")
    done = published(ready, app(field("name"), field("brand"), field("ok", "boolean")), now)
    kinds = [(change.kind, change.name) for change in done.plan.changes]
    assert kinds == [("add_column", "f_brand"), ("add_column", "f_ok")]
    assert read(ready, "f_name") == "螺栓"
    assert read(ready, "f_brand") is None


def test_removed_field__its_data_comes_back_with_it(ready: Database, now: datetime) -> None:
    published(ready, app(field("name"), field("brand")), now)
    insert(ready, now, f_name="螺栓", f_brand="固特")
    gone = published(ready, app(field("name")), now)
    assert [(c.kind, c.name) for c in gone.plan.changes] == [("keep_column", "f_brand")]
    published(ready, app(field("name"), field("brand")), now)
    assert read(ready, "f_brand") == "固特"


def test_more_places__every_value_is_the_same_number(ready: Database, now: datetime) -> None:
    published(ready, app(field("name"), field("price", "money", places=2)), now)
    insert(ready, now, f_name="螺栓", f_price=Decimal("12.34"))
    done = published(ready, app(field("name"), field("price", "money", places=4)), now)
    assert [(c.kind, c.by) for c in done.plan.changes] == [("widen_column", 2)]
    assert read(ready, "f_price") == Decimal("12.3400")


@pytest.mark.parametrize(
    "changed",
    [field("price", "money", places=1), field("price", "boolean"), field("price", "date")],
    ids=["fewer places", "yes or no", "date"],
)
def test_narrower_field__is_refused_and_nothing_changes(
    ready: Database, now: datetime, changed: dict[str, Any]
) -> None:
    published(ready, app(field("name"), field("price", "money", places=2)), now)
    insert(ready, now, f_name="螺栓", f_price=Decimal("12.34"))
    with pytest.raises(ValidationFailed) as caught:
        published(ready, app(field("name"), field("other"), changed), now)
    assert caught.value.problems[0].code == "retype_loses"
    assert read(ready, "f_price") == Decimal("12.34")
    with ready.reading() as connection:
        columns = {c["name"] for c in inspect(connection).get_columns("a_demo__thing")}
    assert "f_other" not in columns


def test_added_reference__is_a_real_foreign_key(ready: Database, now: datetime) -> None:
    published(ready, app(field("name")), now)
    insert(ready, now, f_name="螺栓")
    published(ready, app(field("name"), field("parent", "reference", form="thing")), now)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        insert(ready, now, f_name="螺母", f_parent=999)


def test_added_unique_field__is_unique(ready: Database, now: datetime) -> None:
    published(ready, app(field("name")), now)
    published(ready, app(field("name"), {**field("code"), "unique": True}), now)
    insert(ready, now, f_name="a", f_code="1")
    with pytest.raises(Exception, match=r"(?i)unique"):
        insert(ready, now, f_name="b", f_code="1")


def test_stale_base__is_refused(ready: Database, now: datetime) -> None:
    published(ready, app(field("name")), now)
    published(ready, app(field("name"), field("brand")), now, base_version=1)
    with pytest.raises(Conflict) as caught:
        published(ready, app(field("name"), field("size")), now, base_version=1)
    assert caught.value.code == "definition_changed"


def test_versions__are_kept_whole(ready: Database, now: datetime) -> None:
    first, second = app(field("name")), app(field("name"), field("brand"))
    published(ready, first, now)
    published(ready, second, now)
    with ready.reading() as connection:
        assert active_definition(connection, "demo") == (second, 2)
        kept = connection.execute(
            text("SELECT definition FROM s_app_version WHERE number = 1")
        ).scalar_one()
    assert json.loads(kept) == first


def test_catalogue__sees_the_new_version_at_once(ready: Database, now: datetime) -> None:
    catalogue = Catalogue()
    published(ready, app(field("name")), now)
    with ready.reading() as connection:
        assert set(catalogue.form(connection, "demo", "thing").by_code) == {"name"}
    published(ready, app(field("name"), field("brand")), now)
    with ready.reading() as connection:
        assert set(catalogue.form(connection, "demo", "thing").by_code) == {"name", "brand"}


def test_package__written_and_read_is_the_same(tmp_path: Path) -> None:
    source = read_package(JXC)
    write_package(source, tmp_path / "copy")
    assert read_package(tmp_path / "copy") == source


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("app.json", None, "package_file_missing"),
        ("forms/item.json", '{"code": "item", "code": "item"}', "package_file_invalid"),
        ("menus.json", "[NaN]", "package_file_invalid"),
    ],
)
def test_package__bad_file_is_named(
    tmp_path: Path, file: str, content: str | None, code: str
) -> None:
    write_package(read_package(JXC), tmp_path)
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(content, encoding="utf-8")
    with pytest.raises(BadRequest) as caught:
        read_package(tmp_path)
    assert caught.value.code == code
    assert caught.value.params["file"] == Path(file).name


def test_difference__moves_are_moves() -> None:
    before = app(field("name"), field("brand"), field("size"))
    after = deepcopy(before)
    fields = after["forms"][0]["fields"]
    fields[0]["required"] = True
    fields.append(fields.pop(1))
    del fields[1]
    found = [(item.kind, item.path) for item in difference(before, after)]
    assert found == [
        ("added", "forms/thing/fields/name/required"),
        ("removed", "forms/thing/fields/size"),
    ]
    moved = deepcopy(before)
    moved["forms"][0]["fields"].reverse()
    assert [(i.kind, i.path) for i in difference(before, moved)] == [
        ("moved", "forms/thing/fields")
    ]


BROKEN = [
    # what is done to jxc, the pointer and the code of the first problem
    (lambda a: a["forms"][0]["fields"].append(field("item_no")), "code_twice"),
    (lambda a: a["forms"][0]["fields"].append(field("status")), "code_reserved"),
    (lambda a: a["forms"][0].update(code="stock"), "code_reserved"),
    (lambda a: a["forms"][0].update(title="nothing"), "field_unknown"),
    (lambda a: a["forms"][0]["sections"][0]["fields"].remove("name"), "required_field_not_placed"),
    (lambda a: a["forms"][0]["sections"][0]["fields"].append("note"), "field_placed_twice"),
    (lambda a: a["forms"][6].update(workflow="none"), "workflow_unknown"),
    (lambda a: a["forms"][0].update(workflow="receipt_approval"), "workflow_needs_document"),
    (lambda a: a["workflows"][0]["steps"][0]["who"].update(role="none"), "role_unknown"),
    (lambda a: a["forms"][6]["posting"].update(qty="lines.note"), "posting_field_kind"),
    (lambda a: a["forms"][6]["posting"].update(qty="lines.none"), "field_unknown"),
    (lambda a: a["forms"][6]["posting"].pop("amount"), "posting_needs_value"),
    (lambda a: a["forms"][8]["posting"].pop("to_warehouse"), "property_missing"),
    (lambda a: a["roles"][0]["grants"][0].update(form="none"), "form_unknown"),
    (lambda a: a["roles"][0]["grants"][0].update(hidden=["none"]), "field_unknown"),
    (lambda a: a["menus"][0]["items"][0].update(form="none"), "form_unknown"),
    (lambda a: a["forms"][0]["fields"][0].update(kind="magic"), "field_kind_unknown"),
    (lambda a: a["forms"][0]["fields"][0].update(options={"x": 1}), "property_unknown"),
]


@pytest.mark.parametrize(("breaks", "code"), BROKEN, ids=[row[1] for row in BROKEN])
def test_broken_definition__is_refused(
    ready: Database, now: datetime, breaks: Any, code: str
) -> None:
    source = read_package(JXC)
    breaks(source)
    with pytest.raises(ValidationFailed) as caught:
        published(ready, source, now)
    assert code in {problem.code for problem in caught.value.problems}
    with ready.reading() as connection:
        assert active_definition(connection, "jxc") is None
        assert not [t for t in inspect(connection).get_table_names() if t.startswith("a_")]


def test_books__are_opened_with_the_rules_of_the_app(ready: Database, now: datetime) -> None:
    """Who keeps the books finds them before the first document is posted."""
    source = read_package(JXC)
    source["stock"]["rules"] = {"negative": "allow", "cancel": "reverse"}
    published(ready, source, now)
    source["stock"]["rules"] = {"negative": "forbid"}
    source["label"] = {"zh": "改名"}
    published(ready, source, now)
    with ready.reading() as connection:
        rules = posting.datasets.rules(connection, "jxc")
    # The rules of open books are changed by their keepers, not by a publication.
    assert (rules["negative"], rules["cancel"]) == ("allow", "reverse")
