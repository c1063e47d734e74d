"""What the product wrote for a document, read back so that the bare driver can write it again."""

# ruff: noqa: S608 - statements are put together from table names, values are always bound

from bench.bare.driver import Row, Written, insert_statement, rows_of
from runtime.compile import Form
from runtime.documents.tables import counters, idempotency
from runtime.infra.audit import audit_table
from runtime.infra.db import Database
from runtime.kernel import tables
from runtime.kernel.chain import WRITTEN, rows_of_posting


def postings_after(database: Database, last: int) -> list[Written]:
    """The kernel's rows of every posting after this one; the header comes last."""
    headers = rows_of(database, tables.posting, f"id > {last}")
    return [_posting(database, header) for header in headers]


def documents_after(database: Database, form: Form, last: int, posting: int) -> list[Written]:
    """All rows of every document after this one: the app's, the system's and the kernel's."""
    postings = postings_after(database, posting)
    headers = rows_of(database, form.table, f"id > {last}")
    assert len(headers) == len(postings), "every document was posted"
    return [
        _document(database, form, header, own)
        for header, own in zip(headers, postings, strict=True)
    ]


def last_posting(database: Database) -> int:
    """The number of the last posting."""
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM k_posting")
        return int(found.scalar_one())


def _posting(database: Database, header: Row) -> Written:
    found = Written()
    for table in WRITTEN:
        rows = rows_of(database, table, rows_of_posting(table, f"CAST({header[0]} AS BIGINT)"))
        if rows:
            found.statements.append((insert_statement(database.kind, table), rows))
    found.statements.append((insert_statement(database.kind, tables.posting), [header]))
    return found


def _document(database: Database, form: Form, header: Row, posting: Written) -> Written:
    kind, key = database.kind, header[0]
    mark = "?" if kind == "sqlite" else "%s"
    counting = f"UPDATE {counters.name} SET last = last + 1 WHERE app = {mark} AND form = {mark}"
    found = Written([(counting, [(form.app_code, form.code)])])
    name = f"{form.app_code}.{form.code}"
    for table, condition in (
        (idempotency, f"record_id = {key} AND form = '{form.code}'"),
        (form.table, f"id = {key}"),
        *((lines.table, f"parent_id = {key}") for lines in form.lines),
        (audit_table, f"record_id = {key} AND form = '{name}'"),
    ):
        rows = rows_of(database, table, condition)
        assert rows, f"a document leaves rows in {table.name}"
        found.statements.append((insert_statement(kind, table), rows))
    found.statements += posting.statements
    return found
