from contextlib import suppress

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from runtime.infra import audit
from runtime.infra.audit import audit_table
from runtime.infra.db import Database
from runtime.infra.users import User
from tests.unit.infra.conftest import Acting


def test_write__stands_and_falls_with_the_caller(acting: Acting, li: User) -> None:
    with acting(li.actor("api")) as act:
        audit.write(act, "update", "jxc.item", 7, {"name": ["a", "b"]})
    with suppress(ZeroDivisionError), acting() as act:
        audit.write(act, "delete", "jxc.item", 7)
        raise ZeroDivisionError
    with acting() as act:
        (entry,) = audit.entries(act.connection, "jxc.item", 7)
    assert (entry.user_id, entry.user_name, entry.source) == (li.id, "李伟", "api")
    assert (entry.action, entry.changes, entry.request_id) == ("update", {"name": ["a", "b"]}, "r1")


def test_write_many__one_row_per_record(acting: Acting) -> None:
    with acting() as act:
        audit.write_many(act, "create", "jxc.item", [(n, {"n": n}) for n in range(1, 4)])
        audit.write_many(act, "create", "jxc.item", [])
        found = [audit.entries(act.connection, "jxc.item", n) for n in range(1, 5)]
    assert [[entry.changes for entry in entries] for entries in found] == [
        [{"n": 1}],
        [{"n": 2}],
        [{"n": 3}],
        [],
    ]


REWRITES = {
    "update": lambda: update(audit_table).values(user_name="nobody"),
    "delete": lambda: delete(audit_table),
    "replace": lambda: text(
        "INSERT OR REPLACE INTO s_audit SELECT id, at, 0, 'nobody', source, request_id, action,"
        " form, record_id, changes FROM s_audit"
    ),
    "truncate": lambda: text("TRUNCATE s_audit"),
}


@pytest.mark.parametrize("way", REWRITES)
def test_history_cannot_be_rewritten(acting: Acting, ready: Database, way: str) -> None:
    # TRUNCATE and INSERT OR REPLACE exist on one of the two each; refused they are on both.
    with acting() as act:
        audit.write(act, "create", "jxc.item", 1)
    with pytest.raises(DBAPIError), ready.transaction() as connection:
        connection.execute(REWRITES[way]())
    with ready.reading() as connection:
        assert connection.execute(select(audit_table.c.user_name)).scalars().all() == ["system"]
