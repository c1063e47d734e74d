"""Where a test happens: an app on a database, people, a clock, and the records told of so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from builder.testing.outcome import BrokenTestError
from runtime import query
from runtime.compile import App, Form
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.query import Record

STEP: Final = timedelta(minutes=1)
_NINE: Final = "T09:00"


@dataclass
class World:
    """The state of a test; whoever goes on from it gets a copy of their own."""

    connection: Connection
    app: App
    people: Mapping[str, Actor]
    now: datetime
    records: dict[str, tuple[str, int]] = field(default_factory=dict)

    def copy(self) -> "World":
        """The same world, in which what follows stays without effect on this one."""
        return replace(self, records=dict(self.records))

    def set_clock(self, at: str) -> None:
        """Let it be that moment of the app's zone; a day alone is nine in the morning."""
        try:
            local = datetime.fromisoformat(at if "T" in at else at + _NINE)
        except ValueError:
            raise BrokenTestError("test_moment_wrong", {"text": at}) from None
        self.now = local.replace(tzinfo=ZoneInfo(self.app.zone)).astimezone(UTC)

    def act(self, person: str) -> Act:
        """What a person does now."""
        if person not in self.people:
            raise BrokenTestError("test_person_unknown", {"name": person})
        return Act(self.connection, self.people[person], self.now)

    def system(self) -> Act:
        """What is looked up for the test's own sake."""
        return Act(self.connection, SYSTEM, self.now)

    def form(self, code: str) -> Form:
        """A form of the app."""
        if code not in self.app.forms:
            raise BrokenTestError("test_form_unknown", {"name": code})
        return self.app.forms[code]

    def record(self, name: str) -> tuple[Form, int]:
        """The record of that name."""
        if name not in self.records:
            raise BrokenTestError("test_record_unknown", {"name": name})
        code, key = self.records[name]
        return self.form(code), key

    def stored(self, form: Form, key: int) -> Record | None:
        """A record as it is now, all of it."""
        return query.records_by_id(self.connection, form, [key]).get(key)

    def key(self, form: Form | None, text: str) -> int | None:
        """The id of what a test calls `@name`, or by a number or name of its own."""
        if text.startswith("@"):
            name = text[1:]
            person = self.people.get(name)
            return self.record(name)[1] if person is None else person.user_id
        if form is None:
            return None
        return query.resolve(self.system(), form, [text]).get(text.strip())

    def is_name(self, text: str) -> bool:
        """Whether a text is the name of a record or person of this test."""
        return text.startswith("@") and (text[1:] in self.records or text[1:] in self.people)

    def name_of(self, form: str, key: Any) -> str:
        """What the test calls a record; one it never named is called by its id."""
        known = (name for name, place in self.records.items() if place == (form, key))
        return next(known, f"{form}#{key}")

    def person_of(self, user_id: int | None) -> str:
        """What the test calls a person."""
        known = (name for name, actor in self.people.items() if actor.user_id == user_id)
        return next(known, f"#{user_id}")
