"""The published apps: load, compile, keep. The one stateful step between `compile` and the rest."""

from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from runtime.compile import App, Form, compile_app
from runtime.definitions import read_app
from runtime.infra import strict_json
from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound

# Any number will do, as long as every process of ours takes the same.
_LOCK: Final = 7_204_533

# What an app is now: the version that runs.
APP: Final = system_table(
    "s_app",
    Column("id", Key(), primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False, unique=True),
    Column("active_version", Integer, nullable=False),
    Column("created_at", Instant(), nullable=False),
)
# Every version that was ever published, whole and unchanged.
APP_VERSION: Final = system_table(
    "s_app_version",
    Column("id", Key(), primary_key=True, autoincrement=True),
    Column("app_id", ForeignKey("s_app.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("definition", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", Instant(), nullable=False),
    UniqueConstraint("app_id", "number"),
)
# Asked at every request, so they are put together once.
_RUNNING: Final = select(APP.c.id, APP.c.active_version).where(APP.c.code == bindparam("code"))
_ALL_RUNNING: Final = select(APP.c.code, APP.c.id, APP.c.active_version).order_by(APP.c.id)

# What each physical column holds (`decimal(6)`), because SQLite itself only knows INTEGER.
PHYSICAL_COLUMN: Final = system_table(
    "s_physical_column",
    Column("table_name", Text, primary_key=True),
    Column("column_name", Text, primary_key=True),
    Column("holds", Text, nullable=False),
)

# What is computed from what, in the version that runs: one row for each edge of the app's graph.
DEPENDENCY: Final = system_table(
    "s_dependency",
    Column("id", Key(), primary_key=True, autoincrement=True),
    Column("app_id", ForeignKey("s_app.id"), nullable=False),
    Column("version", Integer, nullable=False),
    # A field of the header stands in no line table: "".
    Column("reads_form", Text, nullable=False),
    Column("reads_lines", Text, nullable=False),
    Column("reads_field", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("how", Text, nullable=False),
    Index("ix_s_dependency_reads", "app_id", "reads_form", "reads_lines", "reads_field"),
)


class Catalogue:
    """Compiled apps by code; a newly published version is seen at the next request."""

    def __init__(self) -> None:
        self._compiled: dict[str, App] = {}
        self._lock = Lock()
        # What runs, in the snapshots that are being read: it cannot change under them.
        self._running: WeakKeyDictionary[Connection, tuple[App, ...]] = WeakKeyDictionary()

    def app(self, connection: Connection, code: str) -> App:
        """Return the running version of an app. Raises NotFound.

        In a write transaction it stays the running one until that ends: who publishes waits.
        """
        if _is_snapshot(connection):
            found = next((app for app in self.apps(connection) if app.code == code), None)
            if found is None:
                raise NotFound("app_not_found", {"app": code})
            return found
        hold(connection, code)
        row = connection.execute(_RUNNING, {"code": code}).first()
        if row is None:
            raise NotFound("app_not_found", {"app": code})
        return self._current(connection, code, row.id, row.active_version)

    def apps(self, connection: Connection) -> tuple[App, ...]:
        """Return every installed app, in the order of installation."""
        if _is_snapshot(connection):
            known = self._running.get(connection)
            if known is None:
                known = self._running[connection] = self._read(connection)
            return known
        if _waits(connection):
            for code in connection.execute(select(APP.c.code).order_by(APP.c.id)).scalars().all():
                hold(connection, code)
        return self._read(connection)

    def _read(self, connection: Connection) -> tuple[App, ...]:
        rows = connection.execute(_ALL_RUNNING).all()
        return tuple(self._current(connection, *row) for row in rows)

    def form(self, connection: Connection, app: str, form: str) -> Form:
        """Return a form of a running app. Raises NotFound."""
        forms = self.app(connection, app).forms
        if form not in forms:
            raise NotFound("form_not_found", {"form": form})
        return forms[form]

    def _current(self, connection: Connection, code: str, app_id: int, version: int) -> App:
        held = self._compiled.get(code)
        if held is not None and held.version == version:
            return held
        with self._lock:
            return self._load(connection, code, app_id, version)

    def _load(self, connection: Connection, code: str, app_id: int, version: int) -> App:
        held = self._compiled.get(code)
        if held is not None and held.version == version:
            return held
        # What was published had been checked; checking it again would take longer than compiling.
        source = definition_of(connection, app_id, version)
        app = compile_app(read_app(source), version, is_checked=True)
        self._compiled[code] = app
        return app


def hold(connection: Connection, code: str) -> None:
    """Keep the running version of an app for the rest of a write transaction.

    Many hold it at once; `take` waits for all of them, and they for it. Taken before the version is
    read, so that nobody writes records of a version that is no more. SQLite has one writer anyway.
    """
    if _waits(connection):
        connection.execute(select(func.pg_advisory_xact_lock_shared(_LOCK, func.hashtext(code))))


def take(connection: Connection, code: str) -> None:
    """Wait until nobody writes records of an app, and let nobody until the transaction ends."""
    if _waits(connection):
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(code))))


def _waits(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql" and bool(connection.info.get("write"))


def _is_snapshot(connection: Connection) -> bool:
    return connection.info.get("write") is False


def keep_dependencies(connection: Connection, app_id: int, app: App) -> None:
    """Write down what is computed from what, in the place of what held before."""
    connection.execute(delete(DEPENDENCY).where(DEPENDENCY.c.app_id == app_id))
    kept = {(edge.reads, edge.node, edge.how) for edge in app.forms.graph.edges}
    rows = [
        {
            "app_id": app_id,
            "version": app.version,
            "reads_form": reads.form,
            "reads_lines": reads.lines or "",
            "reads_field": reads.field,
            "form": node.form,
            "lines": node.lines or "",
            "field": node.field,
            "how": how,
        }
        for reads, node, how in sorted(kept, key=str)
    ]
    if rows:
        connection.execute(insert(DEPENDENCY), rows)


def definition_of(connection: Connection, app_id: int, version: int) -> Any:
    """Return the JSON of one published version."""
    text = connection.execute(
        select(APP_VERSION.c.definition).where(
            APP_VERSION.c.app_id == app_id, APP_VERSION.c.number == version
        )
    ).scalar_one()
    return strict_json.loads(text, max_bytes=64_000_000)


def active_definition(connection: Connection, code: str) -> tuple[Any, int] | None:
    """Return the JSON and number of the running version of an app, if it is installed."""
    row = connection.execute(
        select(APP.c.id, APP.c.active_version).where(APP.c.code == code)
    ).first()
    if row is None:
        return None
    return definition_of(connection, row.id, row.active_version), row.active_version
