"""Post one late receipt and end, or check what a posting that was cut off has left behind.

usage: one_posting.py post|check DATABASE_ADDRESS
"""

import sys
from datetime import UTC, datetime

from sqlalchemy import select, text

from runtime import documents
from runtime.catalogue import Catalogue
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.db import Database
from runtime.platform import open_database
from runtime.posting import books

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


FORM = "misc_receipt"
# Before the deliveries of the demo company: what they cost changes with it.
BEFORE_ALL_DELIVERIES = "2026-11-10"


def post(database: Database) -> None:
    """One late receipt of one line, through the write path, in one transaction."""
    with database.transaction() as connection:
        person = users.by_name(connection, "wangjianguo")
        assert person is not None
        form = Catalogue().form(connection, "jxc", FORM)
        lines = [{"item": 1, "qty": "100", "price": "99"}]
        values = {"warehouse": 1, "document_date": BEFORE_ALL_DELIVERIES, "lines": lines}
        act = Act(connection, person.actor("api"), NOW)
        documents.create_and_submit(act, form, values, key="one posting")
        asked = text(
            "SELECT count(*) FROM k_value_entry WHERE kind = 'revalue'"
            " AND posting = (SELECT max(id) FROM k_posting)"
        )
        assert connection.execute(asked).scalar_one(), "a late receipt revalues what followed it"


def check(database: Database) -> str:
    """Say what is wrong: books out of order, or a document without its posting, or the reverse."""
    with database.reading() as connection:
        wrong = [finding for finding in books.verify(connection) if not finding["ok"]]
        form = Catalogue().form(connection, "jxc", FORM)
        columns = form.table.c
        posted = select(columns.id).where(columns.status == "posted")
        stated = {str(key) for key in connection.execute(posted).scalars()}
        asked = text(f"SELECT doc_id FROM k_posting WHERE doc_type = '{FORM}'")
        booked = set(map(str, connection.execute(asked).scalars()))
        integrity = connection.execute(text("PRAGMA integrity_check")).scalar()
        audited = connection.execute(
            text(f"SELECT record_id FROM s_audit WHERE form = 'jxc.{FORM}' AND action = 'post'")
        ).scalars()
        noted = set(map(str, audited))
    if wrong or stated != booked or stated != noted or integrity != "ok":
        return f"{wrong} {stated ^ booked} {stated ^ noted} {integrity}"
    return ""


if __name__ == "__main__":
    opened = open_database(sys.argv[2])
    if sys.argv[1] == "post":
        post(opened)
    else:
        sys.exit(check(opened) or 0)
