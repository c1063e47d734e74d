"""Where the files of print templates are kept: by their digest, each once, never changed."""

import hashlib
from typing import Final

from sqlalchemy import Column, Connection, LargeBinary, Text, select

from runtime.infra.act import Act
from runtime.infra.columns import Instant
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound
from runtime.infra.upsert import insert_into

print_file_table: Final = system_table(
    "s_print_file",
    Column("sha256", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant(), nullable=False),
)


def keep(act: Act, content: bytes) -> str:
    """Keep a file and return its digest; one that is there already stays."""
    digest = hashlib.sha256(content).hexdigest()
    values = {"sha256": digest, "content": content, "created_at": act.now}
    statement = insert_into(act.connection, print_file_table).values(values)
    act.connection.execute(statement.on_conflict_do_nothing())
    return digest


def content_of(connection: Connection, digest: str) -> bytes:
    """Return the bytes of a file, proved to be what was kept. Raises NotFound."""
    query = select(print_file_table.c.content).where(print_file_table.c.sha256 == digest)
    content = connection.execute(query).scalar()
    if content is None or hashlib.sha256(content).hexdigest() != digest:
        raise NotFound("print_file_gone")
    return bytes(content)
