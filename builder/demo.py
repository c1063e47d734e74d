"""Demonstration data, filled in through the one write path like a person would."""

import csv
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from builder import upgrade
from builder.packages import read_package
from builder.publish import publish
from runtime import documents, query
from runtime.compile import App, Form
from runtime.compile.field import Field
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.errors import BadRequest
from runtime.platform import Platform
from runtime.workflow.tables import tasks

# Master data in the order their references need.
MASTERS: Final = ("uom", "item_category", "warehouse", "supplier", "customer", "item")


@dataclass(frozen=True)
class DemoUser:
    """Somebody to sign in as."""

    name: str
    password: str
    display_name: str
    roles: tuple[str, ...]


def load_demo(
    platform: Platform, folder: Path, password: str | None, *, is_whole: bool = False
) -> tuple[DemoUser, ...]:
    """Install the package in `folder` and fill it with its `demo/`; everything or nothing.

    `password` sets one for all demo users; without it each gets a random one. `is_whole` adds a
    document of every kind.
    """
    now = platform.clock()
    with platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        source = read_package(folder)
        app = publish(act, source, "demo").app
        upgrade.remember(act, source)
        people = tuple(_users(act, folder / "demo", password))
        actors = {shown.name: user.actor("screen") for user, shown in people}
        for code in MASTERS:
            _masters(act, app.forms[code], folder / "demo" / f"{code}.csv")
        told = _Story(act, app, actors)
        told.tell(folder / "demo" / "documents.json")
        if is_whole:
            told.tell(folder / "demo" / "kinds" / "documents.json")
    return tuple(shown for _, shown in people)


def _users(act: Act, folder: Path, password: str | None) -> Iterator[tuple[users.User, DemoUser]]:
    for source in _read_json(folder / "users.json"):
        word = password or secrets.token_urlsafe(9)
        new = users.NewUser(
            name=source["name"],
            password=word,
            display_name=source["display_name"],
            roles=frozenset(source["roles"]),
            is_admin=source.get("is_admin", False),
        )
        shown = DemoUser(source["name"], word, source["display_name"], tuple(source["roles"]))
        yield users.create(act, new), shown


def _masters(act: Act, form: Form, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            values = {
                code: _typed(act, form, form.by_code[code], text)
                for code, text in row.items()
                if text
            }
            documents.create(act, form, values)


def _typed(act: Act, form: Form, field: Field, text: str) -> Any:
    if field.kind.kind == "reference":
        return _key(act, form.target(field), text)
    return field.kind.parse(text, field.definition)


def _key(act: Act, form: Form, text: str) -> int:
    found = query.resolve(act, form, [text])
    if text not in found:
        raise BadRequest("demo_reference_missing", {"form": form.code, "text": text})
    return found[text]


@dataclass
class _Story:
    """Documents one after the other; `@name` in one means an earlier one of that name."""

    act: Act
    app: App
    actors: Mapping[str, Actor]
    named: dict[str, int] = dataclass_field(default_factory=dict)
    told: int = 0

    def tell(self, path: Path) -> None:
        """Write and submit every document of a file, and approve those that say by whom."""
        for source in _read_json(path):
            record = self._document(source)
            self.told += 1
            if "id" in source:
                self.named[source["id"]] = record.id

    def _document(self, source: Mapping[str, Any]) -> query.Record:
        form = self.app.forms[source["form"]]
        moment = self.act.now - timedelta(days=source["days_ago"], minutes=30)
        mine = replace(self.act, actor=self.actors[source["by"]], now=moment)
        values = self._values(form, source)
        if not form.is_document:
            return documents.create(mine, form, values)
        values["document_date"] = moment.astimezone(ZoneInfo(form.zone)).date()
        key = f"demo:{self.told}"
        record = documents.create_and_submit(mine, form, values, key=key)
        approver = source.get("approved_by")
        if approver:
            later = moment + timedelta(minutes=12)
            _approve(replace(self.act, actor=self.actors[approver], now=later), record)
        return record

    def _values(self, form: Form, source: Mapping[str, Any]) -> dict[str, Any]:
        values = self._row(form, form.by_code, source["values"])
        lines = source.get("lines", {})
        told = lines if isinstance(lines, dict) else {form.lines[0].code: lines}
        for code, rows in told.items():
            fields = form.lines_of(code).by_code
            values[code] = [self._row(form, fields, row) for row in rows]
        return values

    def _row(
        self, form: Form, fields: Mapping[str, Field], row: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            code: self.named[text[1:]]
            if text.startswith("@")
            else _typed(self.act, form, fields[code], text)
            for code, text in row.items()
        }


def _approve(act: Act, record: query.Record) -> None:
    task_id = act.connection.execute(
        select(tasks.c.id).where(
            tasks.c.form == record.form.code,
            tasks.c.record_id == record.id,
            tasks.c.user_id == act.actor.user_id,
        )
    ).scalar_one()
    comment = "数量与送货单一致"
    documents.decide(act, record.form, record.id, "approve", comment, task_id=task_id)


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
