"""Answers to writes by idempotency key, so that sending the same write twice is one write."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    Text,
    UniqueConstraint,
    delete,
    select,
)

from runtime.infra.act import Act
from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import system_table
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.strict_json import Json
from runtime.infra.upsert import insert_into

KEPT: Final = timedelta(days=7)
LONGEST_KEY: Final = 200

request_table: Final = system_table(
    "s_request",
    Column("id", Key(), primary_key=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", JsonText()),
    Column("created_at", Instant(), nullable=False),
    UniqueConstraint("user_id", "key"),
)


@dataclass(frozen=True)
class Answer:
    """What a write was answered with."""

    status: int
    body: Json


def remembered(act: Act, key: str, body_hash: str) -> Answer | None:
    """Take the key in the caller's transaction, or return what the first request was answered.

    The unique row makes a second request with the same key wait for the first to commit.
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        problem = Problem("/headers/Idempotency-Key", "idempotency_key_invalid")
        raise ValidationFailed(problems=[problem])
    values = {
        "user_id": act.actor.user_id,
        "key": key,
        "body_hash": body_hash,
        "status": 0,
        "created_at": act.now,
    }
    taking = insert_into(act.connection, request_table).values(values).on_conflict_do_nothing()
    if act.connection.execute(taking.returning(request_table.c.id)).first() is not None:
        return None
    row = act.connection.execute(
        select(request_table).where(
            request_table.c.user_id == act.actor.user_id, request_table.c.key == key
        )
    ).one()
    if row.body_hash != body_hash:
        raise ValidationFailed("idempotency_conflict")
    return Answer(row.status, row.answer)


def remember(act: Act, key: str, answer: Answer) -> None:
    """Keep the answer beside the change it belongs to."""
    act.connection.execute(
        request_table.update()
        .where(request_table.c.user_id == act.actor.user_id, request_table.c.key == key)
        .values(status=answer.status, answer=answer.body)
    )


def sweep(connection: Connection, now: datetime) -> None:
    """Forget answers nobody will ask for again."""
    connection.execute(delete(request_table).where(request_table.c.created_at < now - KEPT))
