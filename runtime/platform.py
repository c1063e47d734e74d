"""What every door stands on: settings, database, catalogue and clock; and how they are set up."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event

from runtime import posting
from runtime.catalogue import Catalogue
from runtime.infra import clock, schema
from runtime.infra.db import Database
from runtime.infra.self_check import Finding, RefusedToStartError
from runtime.infra.settings import Settings


@dataclass(frozen=True)
class Platform:
    """The parts that are made once per process."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    clock: Callable[[], datetime] = field(default=clock.now)

    def reading(self, begun: "Snapshot | None") -> AbstractContextManager[Connection]:
        """Read on from where somebody began to, or from now."""
        return self.database.reading() if begun is None else begun.used()


class Snapshot:
    """A read transaction that outlives the block it was begun in, until it is used or closed."""

    def __init__(self, database: Database) -> None:
        self._open = ExitStack()
        self.connection = self._open.enter_context(database.reading())

    @contextmanager
    def used(self) -> Iterator[Connection]:
        """Read the rest from it; it is closed at the end of the block."""
        try:
            yield self.connection
        finally:
            self.close()

    def close(self) -> None:
        """Give the connection back; once more does nothing."""
        self._open.close()


def open_platform(settings: Settings) -> Platform:
    """Open the database, with an empty catalogue that fills itself."""
    return Platform(settings, open_database(settings.database), Catalogue())


def open_database(url: str) -> Database:
    """Open a database for work: no connection of it can take the ledger's guards away."""
    database = Database(url)
    if database.kind == "sqlite":

        @event.listens_for(database.engine, "connect")
        def guard(dbapi_connection: Any, _record: Any) -> None:
            posting.guard_connection(dbapi_connection)

    return database


def set_up(connection: Connection) -> None:
    """Make or upgrade what lies under every app: system tables, then the kernel's."""
    schema.upgrade(connection)
    try:
        posting.install(connection)
    except posting.UnfitBooksError as unfit:
        raise RefusedToStartError((_unfit(unfit),)) from unfit


def of_books(database: Database) -> Iterator[Finding]:
    """Look at whether the ledger's tables and guards are still those that were installed."""
    with database.reading() as connection:
        try:
            posting.check_fit(connection)
        except posting.UnfitBooksError as unfit:
            yield _unfit(unfit)


def _unfit(unfit: posting.UnfitBooksError) -> Finding:
    if unfit.reason == "older":
        return Finding("books_too_old")
    return Finding("ledger_not_sealed", {"detail": ", ".join(unfit.what) or "-"})
