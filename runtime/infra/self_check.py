"""What must be right before the server starts; each message has a number to ask about."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, make_url

from runtime.infra.db import SQLITE_FLOOR, Database
from runtime.infra.errors import AppError
from runtime.infra.settings import SECRET_BYTES, Settings

WEAK_SECRETS: Final = frozenset({"secret", "changeme", "dev", "default", "password"})
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1", None, ""})
# With any other word the connection does without as soon as somebody in between asks it to.
_SURE_OF_TLS: Final = frozenset({"require", "verify-ca", "verify-full"})

# The number is part of the message people search for: it is never used again for another.
NUMBERS: Final = {
    "debug_is_on": 1,
    "secret_is_weak": 2,
    "public_url_missing": 3,
    "sqlite_too_old": 4,
    "redis_unprotected": 5,
    "home_inside_static": 6,
    "view_undeclared": 7,
    "database_may_lose_commits": 8,
    "ledger_not_sealed": 9,
    "defused_xml_missing": 10,
    "no_data_checksums": 11,
    "clock_behind_ledger": 12,
    "application_owns_ledger": 13,
    "sessions_without_https": 14,
    "books_too_old": 15,
    "database_without_tls": 16,
}


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be; a warning does not keep the server from starting."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    is_warning: bool = False

    @property
    def number(self) -> int:
        """The number people search for."""
        return NUMBERS[self.code]


class RefusedToStartError(AppError):
    """The server does not start; `findings` says why."""

    status = 503
    default_code = "refused_to_start"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(params={"count": len(findings)})
        self.findings = findings


def demand(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Raise when anything forbids the start; else return the warnings."""
    everything = tuple(findings)
    fatal = tuple(finding for finding in everything if not finding.is_warning)
    if fatal:
        raise RefusedToStartError(fatal)
    return everything


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Look at everything that can be known without the database."""
    for check in _CHECKS:
        yield from check(settings)


def of_database(database: Database, settings: Settings) -> Iterator[Finding]:
    """Look at how the database is run."""
    if database.kind == "postgresql":
        with database.reading() as connection:
            yield from _postgresql(connection, settings)


def _debug(_settings: Settings) -> Iterator[Finding]:
    if os.environ.get("FLASK_DEBUG", "0") not in {"", "0"}:
        yield Finding("debug_is_on")


def _secret(settings: Settings) -> Iterator[Finding]:
    secret = settings.secret
    simple = secret.lower() in WEAK_SECRETS or len(set(secret)) < SECRET_BYTES // 4
    if len(secret.encode()) < SECRET_BYTES or simple:
        yield Finding("secret_is_weak", {"bytes": SECRET_BYTES})


def _public_url(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Finding("public_url_missing", {"host": settings.host})
    elif parts.scheme == "http" and parts.hostname not in _LOCAL:
        yield Finding("sessions_without_https", {"url": settings.public_url}, is_warning=True)


def _sqlite(settings: Settings) -> Iterator[Finding]:
    if not settings.database.startswith("sqlite"):
        return
    import pysqlite3  # type: ignore[import-untyped]  # noqa: PLC0415 - not where the database is PostgreSQL

    if tuple(pysqlite3.sqlite_version_info) < SQLITE_FLOOR:
        needed = ".".join(map(str, SQLITE_FLOOR))
        yield Finding("sqlite_too_old", {"found": pysqlite3.sqlite_version, "needed": needed})


def _redis(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.redis)
    local = parts.hostname in _LOCAL or parts.scheme in {"unix", "redis+socket"}
    if settings.redis and not (local or parts.password or parts.scheme == "rediss"):
        yield Finding("redis_unprotected", {"host": parts.hostname})


def _database_way(settings: Settings) -> Iterator[Finding]:
    """Records and passwords do not travel in the clear: not even inside a company's own net."""
    url = make_url(settings.database)
    if url.get_backend_name() != "postgresql":
        return
    named = url.query.get("host", url.host or "")
    hosts = named.split(",") if isinstance(named, str) else list(named)
    remote = [host for host in hosts if not _is_here(host)]
    mode = url.query.get("sslmode") or os.environ.get("PGSSLMODE", "prefer")
    if remote and mode not in _SURE_OF_TLS:
        params = {"host": remote[0]}
        yield Finding("database_without_tls", params, is_warning=settings.unsafe_database)


def _is_here(host: str) -> bool:
    """Say whether a host of a database address is this machine: a socket is a path, or `@`."""
    # Where there are several, each brings its port along.
    name = host.partition(":")[0] if host.count(":") == 1 else host
    return name in _LOCAL or name.startswith(("/", "@"))


def _home(settings: Settings) -> Iterator[Finding]:
    if "static" in settings.home.parts and (settings.home / "css").exists():
        yield Finding("home_inside_static", {"home": str(settings.home)})


def _postgresql(connection: Connection, settings: Settings) -> Iterator[Finding]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        value = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        if value == "off":
            params = {"setting": name}
            yield Finding("database_may_lose_commits", params, is_warning=settings.unsafe_database)
    if connection.exec_driver_sql("SHOW data_checksums").scalar_one() == "off":
        yield Finding("no_data_checksums", is_warning=True)
    owned = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_tables WHERE tablename = 's_audit'"
        " AND pg_has_role(current_user, tableowner::name, 'USAGE')"
    ).scalar_one()
    if owned:
        yield Finding("application_owns_ledger", is_warning=True)


_CHECKS: Final[tuple[Callable[[Settings], Iterator[Finding]], ...]] = (
    _debug,
    _secret,
    _public_url,
    _sqlite,
    _redis,
    _database_way,
    _home,
)
