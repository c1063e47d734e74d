"""Demonstration data, filled in through the one write path like a person would."""

import csv
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from builder.packages import read_package
from builder.publish import publish
from runtime import documents, query
from runtime.compile import App, Form
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


def load_demo(platform: Platform, folder: Path, password: str | None) -> tuple[DemoUser, ...]:
    """Install the package in `folder` and fill it with its `demo/`; everything or nothing.

    `password` sets one for all demo users; without it each gets a random one.
    """
    now = platform.clock()
    with platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        app = publish(act, read_package(folder), "demo").app
        people = tuple(_users(act, folder / "demo", password))
        actors = {shown.name: user.actor("screen") for user, shown in people}
        for code in MASTERS:
            _masters(act, app.forms[code], folder / "demo" / f"{code}.csv")
        for number, source in enumerate(_read_json(folder / "demo" / "documents.json")):
            _document(act, app, actors, source, number)
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
            values = {code: _typed(act, form, code, text) for code, text in row.items() if text}
            documents.create(act, form, values)


def _typed(act: Act, form: Form, code: str, text: str) -> Any:
    field = form.by_code[code]
    if field.kind.kind == "reference":
        return _key(act, form.target(field), text)
    return field.kind.parse(text, field.definition)


def _key(act: Act, form: Form, text: str) -> int:
    found = query.resolve(act, form, [text])
    if text not in found:
        raise BadRequest("demo_reference_missing", {"form": form.code, "text": text})
    return found[text]


def _document(
    act: Act, app: App, actors: Mapping[str, Actor], source: Mapping[str, Any], number: int
) -> None:
    form = app.forms[source["form"]]
    moment = act.now - timedelta(days=source["days_ago"], minutes=30)
    mine = replace(act, actor=actors[source["by"]], now=moment)
    record = documents.create_and_submit(
        mine, form, _values(act, form, source, moment), key=f"demo:{number}"
    )
    approver = source.get("approved_by")
    if approver:
        _approve(replace(act, actor=actors[approver], now=moment + timedelta(minutes=12)), record)


def _values(act: Act, form: Form, source: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    values = {code: _typed(act, form, code, text) for code, text in source["values"].items()}
    values["document_date"] = moment.astimezone(ZoneInfo(form.zone)).date()
    table = form.lines[0]
    values[table.code] = [
        {
            code: _key(act, form.target(table.by_code[code]), text) if code == "item" else text
            for code, text in line.items()
        }
        for line in source["lines"]
    ]
    return values


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
