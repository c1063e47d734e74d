"""What the tests of the plumbing share: a database with system tables, settings, an act."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from argon2 import PasswordHasher

from runtime.infra import passwords, schema, users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.settings import Settings, read, with_secret
from runtime.infra.users import NewUser, User
from tests.conftest import Fill
from tests.prepared import opened

PASSWORD = "correct horse"


class Acting(Protocol):
    """Opens an act in a write transaction."""

    def __call__(
        self, actor: Actor = ..., at: datetime | None = ...
    ) -> AbstractContextManager[Act]:
        """Return the act."""


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least work; the test of the real parameters makes its own."""
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 8, 1))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return with_secret(read({"DAJIAN_HOME": str(tmp_path / "home")}))


def system_tables(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        schema.upgrade(connection)


@pytest.fixture
def ready(database: Database, fill: Fill) -> Database:
    fill("system tables", system_tables)
    return database


@pytest.fixture
def acting(ready: Database, now: datetime) -> Acting:
    @contextmanager
    def open_act(actor: Actor = SYSTEM, at: datetime | None = None) -> Iterator[Act]:
        with ready.transaction() as connection:
            yield Act(connection, actor, at or now, "r1")

    return open_act


@pytest.fixture
def li(acting: Acting) -> User:
    with acting() as act:
        return users.create(act, NewUser("li.wei", PASSWORD, frozenset({"clerk"}), "李伟"))
