"""Which posting stands for a document outside."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.lines import DocumentRef
from runtime.kernel.sql import run

# A posting that neither undoes another nor was undone in either way.
_STANDS = (
    "p.company = ? AND p.voids IS NULL AND p.reverses IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM k_posting v WHERE v.voids = p.id)"
    " AND NOT EXISTS (SELECT 1 FROM k_posting v WHERE v.reverses = p.id)"
)


@dataclass(frozen=True, slots=True)
class PostedDocument:
    """A posting, where the lines of the document begin in it, and every document it stands for."""

    posting: int
    first_line: int
    documents: tuple[DocumentRef, ...]


def find_posted(
    connection: Connection, company: int, document: DocumentRef
) -> PostedDocument | None:
    """The posting of a document that still counts."""
    parts = run(
        connection,
        "SELECT p.id, t.first_line FROM k_posting_part t JOIN k_posting p ON p.id = t.posting"
        f" WHERE t.doc_type = ? AND t.doc_id = ? AND {_STANDS} ORDER BY p.id",
        (document.type, document.id, company),
    )
    if parts:
        posting, first_line = parts[0]
        rows = run(
            connection,
            "SELECT doc_type, doc_id FROM k_posting_part WHERE posting = ? ORDER BY n",
            (posting,),
        )
        return PostedDocument(posting, first_line, tuple(DocumentRef(*row) for row in rows))
    alone = run(
        connection,
        "SELECT p.id FROM k_posting p"
        f" WHERE p.doc_type = ? AND p.doc_id = ? AND {_STANDS} ORDER BY p.id",
        (document.type, document.id, company),
    )
    return PostedDocument(alone[0][0], 0, (document,)) if alone else None
