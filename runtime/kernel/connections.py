"""What a connection needs before it may write: the hash function, and on request the authorizer."""

import re
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from runtime.kernel.chain import digest

# SQLite's own numbers for what a statement is about to do (sqlite3.h).
_OK, _DENY = 0, 1
_DELETE, _DROP_INDEX, _DROP_TABLE, _DROP_TRIGGER = 9, 10, 11, 16
_PRAGMA, _UPDATE, _ATTACH, _ALTER_TABLE = 19, 23, 24, 26
_TEMP_TABLE, _TEMP_TRIGGER, _TEMP_VIEW = 4, 5, 6
# A temporary table or view of the same name would take the rows in the ledger's place.
_ON_LEDGER = {_DELETE, _DROP_TABLE, _UPDATE, _TEMP_TABLE, _TEMP_VIEW}
# The last two are set once, when a connection is made: without them a crash may tear a posting.
_FORBIDDEN_PRAGMAS = {"writable_schema", "ignore_check_constraints", "journal_mode", "synchronous"}
_LEDGER = re.compile(r"k_[a-z_]+\Z")

_RETRYABLE_STATES = {"40001", "40P01", "55P03"}
# Two postings that reached for the same place in a chain; the second finds another place.
_CHAINS = re.compile(
    r"(pk_k_(pool|position)_entry|pk_k_(reservation|period)_event|pk_k_item_policy"
    r"|uq_k_posting_company_seq|uq_k_posting_company_idem_key"
    r"|k_posting: the (period is closed|chain of postings|previous hash)"
    r"|k_(pool|position)_entry: the chain|k_(reservation|period)_event: |k_item_policy: policies"
    r"|uq_k_(pool|position|item|warehouse|company|uom_factor|lot|reservation)_"
    # Two that undo the same thing; the second then finds it undone.
    r"|uq_k_move_voids|uq_k_posting_(voids|reverses)|k_move: what is continued was undone)"
)


def ready(connection: Connection) -> None:
    """Give a SQLite connection the hash function that its triggers call."""
    if connection.dialect.name != "sqlite":
        return
    known = connection.connection.info
    if "k_hash" not in known:
        driver = connection.connection.driver_connection
        assert driver is not None, "a connection in use has a driver's connection"
        driver.create_function("k_hash", 1, digest, deterministic=True)
        known["k_hash"] = True


def guard_connection(dbapi_connection: Any) -> None:
    """Make an application's SQLite connection unable to take the guards away or go round them."""
    dbapi_connection.create_function("k_hash", 1, digest, deterministic=True)
    dbapi_connection.set_authorizer(_authorize)


def is_retryable(error: BaseException) -> bool:
    """Whether the whole transaction may be tried again: a lock, a deadlock, a race for a chain."""
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in _RETRYABLE_STATES:
        return True
    text = str(error.orig)
    return "database is locked" in text or _CHAINS.search(text) is not None


def _authorize(
    action: int, first: str | None, second: str | None, _database: str | None, _by: str | None
) -> int:
    if action in _ON_LEDGER:
        return _denied(_is_ledger(first))
    if action in {_DROP_TRIGGER, _DROP_INDEX, _ALTER_TABLE, _TEMP_TRIGGER}:
        return _denied(_is_ledger(second))
    if action == _PRAGMA:
        return _denied(_is_forbidden_pragma(first or "", second))
    return _denied(action == _ATTACH)


def _denied(forbidden: bool) -> int:  # noqa: FBT001
    return _DENY if forbidden else _OK


def _is_ledger(name: str | None) -> bool:
    return name is not None and _LEDGER.match(name.lower()) is not None


def _is_forbidden_pragma(name: str, value: str | None) -> bool:
    if name.lower() == "foreign_keys":
        return value is not None and value.lower() not in {"on", "1", "true", "yes"}
    return name.lower() in _FORBIDDEN_PRAGMAS and value is not None
