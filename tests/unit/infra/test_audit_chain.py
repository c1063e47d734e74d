"""The audit trail under its seals: whatever somebody does to it afterwards is found."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from runtime.infra import audit, audit_chain, audit_proof
from runtime.infra.append_only import guards
from runtime.infra.audit import audit_table
from runtime.infra.audit_chain import PATIENCE, seal_table
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from tests.unit.infra.conftest import Acting

Break = Callable[[Connection], Any]


@pytest.fixture
def trail(
    acting: Acting, ready: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Database:
    """Twelve rows under three seals, and two that wait for theirs."""
    monkeypatch.setattr(audit_chain, "BATCH", 4)
    with acting() as act:
        audit.write_many(
            act, "create", "jxc.item", [(n, {"名": ["", f"第{n}"]}) for n in range(12)]
        )
    assert audit_chain.seal_waiting(ready, now) == 12
    with acting() as act:
        audit.write_many(act, "update", "jxc.item", [(n, {"n": n}) for n in range(2)])
    return ready


def proof(database: Database, at: datetime, kept: tuple[Any, ...] = ()) -> dict[str, str]:
    """What the proof finds wrong."""
    with database.reading() as connection:
        found = audit_proof.verify(connection, at, kept)
    return {each["id"]: each["detail"] for each in found if not each["ok"]}


@contextmanager
def unguarded(database: Database, table: str) -> Iterator[Connection]:
    """As somebody who owns the database may do: take the guards away, and put them back."""
    with database.transaction() as connection:
        if database.kind == "postgresql":
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            yield connection
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            return
        for verb in ("update", "delete", "replace"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        yield connection
        for statement in guards(table, "sqlite"):
            connection.exec_driver_sql(statement)


def row(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": number, "at": at, "user_id": None, "user_name": "system", "source": "system",
        "request_id": "", "action": "create", "form": "jxc.item", "record_id": 1, "changes": {},
    }  # fmt: skip


def test_sound_trail__is_proved(trail: Database, now: datetime) -> None:
    assert proof(trail, now) == {}
    with trail.reading() as connection:
        found = {each["id"]: each["checked"] for each in audit_proof.verify(connection, now)}
    # The third seal was full, so a fourth was asked for and not needed.
    assert found == {"SEALS": 3, "ALTERED": 12, "REMOVED": 12, "INSERTED": 12, "WAITING": 2}
    assert proof(trail, now + PATIENCE * 2)["WAITING"].startswith("2 rows wait")
    assert audit_chain.seal_waiting(trail, now) == 2
    assert audit_chain.seal_waiting(trail, now) == 0
    assert proof(trail, now) == {}


COLUMNS: dict[str, Any] = {
    "user_name": "nobody", "user_id": 7, "source": "flow", "request_id": "x", "action": "delete",
    "form": "jxc.stock", "record_id": 99, "changes": {"n": 1},
}  # fmt: skip


def test_altered__any_column_of_any_row(trail: Database, now: datetime, sample: Any) -> None:
    changes = [*COLUMNS.items(), ("at", now + timedelta(microseconds=1))]
    for number in sample(range(1, 13), 0.2):
        for name, value in changes:
            one = audit_table.c.id == number
            with trail.reading() as connection:
                old = connection.execute(select(audit_table.c[name]).where(one)).scalar()
            with unguarded(trail, "s_audit") as connection:
                connection.execute(update(audit_table).where(one).values({name: value}))
            assert proof(trail, now) == {"ALTERED": f"row {number}"}, name
            with unguarded(trail, "s_audit") as connection:
                connection.execute(update(audit_table).where(one).values({name: old}))
            assert proof(trail, now) == {}, name


def test_removed__from_the_middle_and_from_the_end_of_a_seal(
    trail: Database, now: datetime
) -> None:
    with unguarded(trail, "s_audit") as connection:
        connection.execute(audit_table.delete().where(audit_table.c.id.in_((6, 12))))
    assert proof(trail, now) == {"REMOVED": "row 6; row 12"}


def test_inserted__in_a_gap_below_and_behind(trail: Database, now: datetime) -> None:
    with unguarded(trail, "s_audit") as connection:
        # Numbers 20 to 24 were drawn and never used: a transaction that was rolled back.
        connection.execute(insert(audit_table).values(row(25, now)))
    audit_chain.seal_waiting(trail, now)
    later = now + PATIENCE + timedelta(hours=1)
    with trail.transaction() as connection:
        connection.execute(insert(audit_table).values(row(22, now)))
        connection.execute(insert(audit_table).values(row(0, now)))
        connection.execute(insert(audit_table).values(row(26, now - PATIENCE * 2)))
    assert proof(trail, later)["INSERTED"] == "row 0; row 22; row 26"
    # Whoever comes with an old number so late is not sealed after all.
    audit_chain.seal_waiting(trail, later)
    assert proof(trail, later)["INSERTED"] == "row 0; row 22"


def test_late__a_transaction_that_was_open_is_sealed_afterwards(
    trail: Database, now: datetime
) -> None:
    with trail.transaction() as connection:
        connection.execute(insert(audit_table).values(row(20, now)))
    audit_chain.seal_waiting(trail, now)
    with trail.transaction() as connection:
        connection.execute(insert(audit_table).values(row(17, now)))
    soon = now + timedelta(minutes=1)
    assert proof(trail, soon) == {}
    assert audit_chain.seal_waiting(trail, soon) == 1
    assert audit_chain.seal_waiting(trail, soon) == 0
    assert proof(trail, soon + PATIENCE * 3) == {}
    with unguarded(trail, "s_audit") as connection:
        connection.execute(update(audit_table).where(audit_table.c.id == 17).values(form="x"))
    assert proof(trail, soon) == {"ALTERED": "row 17"}
    with unguarded(trail, "s_audit") as connection:
        connection.execute(audit_table.delete().where(audit_table.c.id == 17))
    assert proof(trail, soon) == {"REMOVED": "row 17"}


def _drop_seal(number: int) -> Break:
    return lambda connection: connection.execute(
        seal_table.delete().where(seal_table.c.id == number)
    )


def _set_seal(number: int, **values: Any) -> Break:
    return lambda connection: connection.execute(
        update(seal_table).where(seal_table.c.id == number).values(values)
    )


def _unreadable(connection: Connection) -> None:
    connection.execute(text("UPDATE s_audit_seal SET covered = 'no' WHERE id = 2"))


SEALS: dict[str, Break] = {
    "first gone": _drop_seal(1),
    "one gone": _drop_seal(2),
    "emptied": _set_seal(2, covered=[]),
    "joined": _set_seal(2, gaps=[[1, 4]]),
    "dated back": _set_seal(2, at=datetime.fromisoformat("2020-01-01T00:00:00Z")),
    "renamed": _set_seal(2, digest="0" * 64),
    "unreadable": _unreadable,
}


def test_seals__changed_or_removed_are_found(trail: Database, now: datetime) -> None:
    for name, way in SEALS.items():
        with suppress(ZeroDivisionError), unguarded(trail, "s_audit_seal") as connection:
            way(connection)
            found = audit_proof.verify(connection, now)
            assert next(each["id"] for each in found if not each["ok"]) == "SEALS", name
            raise ZeroDivisionError  # and everything is as it was
    assert proof(trail, now) == {}
    for statement in ("UPDATE s_audit_seal SET previous = ''", "DELETE FROM s_audit_seal"):
        with pytest.raises(DBAPIError, match="append-only"), trail.transaction() as connection:
            connection.exec_driver_sql(statement)


def test_seals__rewritten_from_the_middle_are_found_by_what_was_kept(
    trail: Database, now: datetime, tmp_path: Path
) -> None:
    """Who owns the database can forge rows and make new seals over them: the anchor shows it."""
    with trail.reading() as connection:
        name = audit_proof.keep(connection, tmp_path, now)
        assert audit_proof.keep(connection, tmp_path, now) == name
    (kept,) = audit_proof.kept_in(tmp_path)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o400
    assert (kept["end"]["seal"], name) == (3, f"audit-{now:%Y-%m-%d}.json")
    assert proof(trail, now, (kept,)) == {}
    with unguarded(trail, "s_audit") as connection:
        connection.execute(update(audit_table).where(audit_table.c.id == 6).values(form="x"))
    with unguarded(trail, "s_audit_seal") as connection:
        connection.execute(seal_table.delete().where(seal_table.c.id > 1))
    audit_chain.seal_waiting(trail, now)
    assert proof(trail, now) == {}
    wrong = proof(trail, now, (kept,))
    assert wrong == {"ANCHOR": "seal 3 is another than the one that was kept"}
    with unguarded(trail, "s_audit_seal") as connection:
        connection.execute(seal_table.delete().where(seal_table.c.id > 1))
    assert proof(trail, now, (kept,)) == {"ANCHOR": "seal 3 is gone"}


@pytest.mark.parametrize("text_of", ["[]", '{"format": "dajian-anchor/1", "anchors": []}', "{}"])
def test_what_is_no_anchor(tmp_path: Path, text_of: str) -> None:
    (tmp_path / "audit-2026-01-01.json").write_text(text_of)
    with pytest.raises(BadRequest):
        list(audit_proof.kept_in(tmp_path))


def _write(database: Database, now: datetime) -> None:
    """Eight transactions of three rows, the last of four rolled back."""
    values = {name: value for name, value in row(0, now).items() if name != "id"}
    for turn in range(8):
        with suppress(ZeroDivisionError), database.transaction() as connection:
            for _ in range(3):
                connection.execute(insert(audit_table).values(values))
            if turn % 4 == 3:
                raise ZeroDivisionError


def test_writers_and_sealers_at_once__nothing_is_left_out(ready: Database, now: datetime) -> None:
    """Transactions that overlap, some rolled back, while two seal: every row gets one seal."""
    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(_write, ready, now) for _ in range(3)]
        done += [pool.submit(audit_chain.seal_waiting, ready, now) for _ in range(8)]
    assert [each.exception() for each in done] == [None] * 11
    audit_chain.seal_waiting(ready, now)
    with ready.reading() as connection:
        rows = connection.execute(select(func.count()).select_from(audit_table)).scalar_one()
        covered = [number for seal in audit_chain.seals(connection) for number, _ in seal.covered]
    assert len(covered) == len(set(covered)) == rows == 54
    assert proof(ready, now + PATIENCE * 3) == {}
