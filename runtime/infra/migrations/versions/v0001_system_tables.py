"""The system tables as the first release has them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.append_only import guards
from runtime.infra.columns import Flag, Instant, JsonText, Key

revision: Final = "0001"
down_revision: Final = None

_RUN_STATES = "state IN ('running', 'approved', 'rejected', 'withdrawn', 'terminated', 'failed')"


def upgrade() -> None:
    """Make the tables, each after those it refers to, and guard what is append-only."""
    _app()
    _audit()
    _counter()
    _idempotency()
    _physical_column()
    _sign_in_attempt()
    _user()
    _workflow_definition()
    _app_version()
    _file()
    _job()
    _request()
    _session()
    _token()
    _user_role()
    _workflow_instance()
    _import()
    _workflow_event()
    _workflow_task()
    for table in ("s_audit", "s_workflow_event"):
        for statement in guards(table, op.get_context().dialect.name):
            op.execute(statement)


def _app() -> None:
    op.create_table(
        "s_app",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("active_version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("code", name=op.f("uq_s_app_code")),
        sqlite_strict=True,
    )


def _audit() -> None:
    op.create_table(
        "s_audit",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", Key()),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("form", sa.Text),
        sa.Column("record_id", Key()),
        sa.Column("changes", JsonText(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_s_audit_record", "s_audit", ["form", "record_id", "id"])


def _counter() -> None:
    op.create_table(
        "s_counter",
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("app", "form", "field", "period", name=op.f("pk_s_counter")),
        sqlite_strict=True,
    )


def _idempotency() -> None:
    op.create_table(
        "s_idempotency",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("actor_id", Key(), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("actor_id", "key", name=op.f("uq_s_idempotency_actor_id_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_idempotency_created_at", "s_idempotency", ["created_at"])


def _physical_column() -> None:
    op.create_table(
        "s_physical_column",
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("column_name", sa.Text, nullable=False),
        sa.Column("holds", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("table_name", "column_name", name=op.f("pk_s_physical_column")),
        sqlite_strict=True,
    )


def _sign_in_attempt() -> None:
    op.create_table(
        "s_sign_in_attempt",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_s_sign_in_attempt_name_key", "s_sign_in_attempt", ["name_key", "at"])
    op.create_index("ix_s_sign_in_attempt_network", "s_sign_in_attempt", ["network", "at"])


def _user() -> None:
    op.create_table(
        "s_user",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("is_admin", Flag(), nullable=False),
        sa.Column("is_disabled", Flag(), nullable=False),
        sa.Column("auth_epoch", sa.Integer(), nullable=False),
        sa.Column("theme", sa.Text, nullable=False),
        sa.Column("density", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("name_key", name=op.f("uq_s_user_name_key")),
        sqlite_strict=True,
    )


def _workflow_definition() -> None:
    op.create_table(
        "s_workflow_definition",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("definition", JsonText(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint(
            "app", "code", "digest", name=op.f("uq_s_workflow_definition_app_code_digest")
        ),
        sqlite_strict=True,
    )


def _app_version() -> None:
    op.create_table(
        "s_app_version",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app_id", Key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["s_app.id"], name=op.f("fk_s_app_version_app_id")),
        sa.UniqueConstraint("app_id", "number", name=op.f("uq_s_app_version_app_id_number")),
        sqlite_strict=True,
    )


def _file() -> None:
    op.create_table(
        "s_file",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", Key(), nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("form", sa.Text),
        sa.Column("record_id", Key()),
        sa.ForeignKeyConstraint(["created_by"], ["s_user.id"], name=op.f("fk_s_file_created_by")),
        sa.UniqueConstraint("key", name=op.f("uq_s_file_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_file_created_by", "s_file", ["created_by"])
    op.create_index("ix_s_file_record", "s_file", ["form", "record_id"])


def _job() -> None:
    op.create_table(
        "s_job",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kwargs", JsonText(), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due", Key(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("result", JsonText()),
        sa.Column("error", JsonText()),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["s_user.id"], name=op.f("fk_s_job_created_by")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_job_created_by", "s_job", ["created_by"])
    op.create_index("ix_s_job_state", "s_job", ["state", "due"])


def _request() -> None:
    op.create_table(
        "s_request",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", JsonText()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_request_user_id")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_s_request_user_id_key")),
        sqlite_strict=True,
    )


def _session() -> None:
    op.create_table(
        "s_session",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("auth_epoch", sa.Integer(), nullable=False),
        sa.Column("csrf_secret", sa.Text, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_session_user_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_s_session_token_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_session_user_id", "s_session", ["user_id"])


def _token() -> None:
    op.create_table(
        "s_token",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("auth_epoch", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_token_user_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_s_token_token_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_token_user_id", "s_token", ["user_id"])


def _user_role() -> None:
    op.create_table(
        "s_user_role",
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_user_role_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_s_user_role")),
        sqlite_strict=True,
    )


def _workflow_instance() -> None:
    op.create_table(
        "s_workflow_instance",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("definition_id", Key(), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("initiator_id", Key()),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.CheckConstraint(_RUN_STATES, name=op.f("ck_s_workflow_instance_state")),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["s_workflow_definition.id"],
            name=op.f("fk_s_workflow_instance_definition_id"),
        ),
        sa.UniqueConstraint(
            "app",
            "form",
            "record_id",
            "round",
            name=op.f("uq_s_workflow_instance_app_form_record_id_round"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_workflow_instance_started", "s_workflow_instance", ["initiator_id", "id"])


def _import() -> None:
    op.create_table(
        "s_import",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("file_id", Key(), nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("inspection", JsonText(), nullable=False),
        sa.Column("preview", JsonText(), nullable=False),
        sa.Column("choices", JsonText(), nullable=False),
        sa.Column("outcome", JsonText(), nullable=False),
        sa.Column("job_id", Key()),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["s_user.id"], name=op.f("fk_s_import_created_by")),
        sa.ForeignKeyConstraint(["file_id"], ["s_file.id"], name=op.f("fk_s_import_file_id")),
        sa.ForeignKeyConstraint(["job_id"], ["s_job.id"], name=op.f("fk_s_import_job_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_import_created_by", "s_import", ["created_by"])
    op.create_index("ix_s_import_file_id", "s_import", ["file_id"])
    op.create_index("ix_s_import_job_id", "s_import", ["job_id"])


def _workflow_event() -> None:
    op.create_table(
        "s_workflow_event",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("instance_id", Key(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", Key()),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["s_workflow_instance.id"],
            name=op.f("fk_s_workflow_event_instance_id"),
        ),
        sa.UniqueConstraint("instance_id", "seq", name=op.f("uq_s_workflow_event_instance_id_seq")),
        sqlite_strict=True,
    )


def _workflow_task() -> None:
    op.create_table(
        "s_workflow_task",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("instance_id", Key(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key(), nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, server_default="", nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.CheckConstraint(
            "state IN ('open', 'waiting', 'approved', 'rejected', 'filled', 'not_needed',"
            " 'withdrawn', 'sent_back', 'reassigned', 'delegated', 'removed', 'passed')",
            name=op.f("ck_s_workflow_task_state"),
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["s_workflow_instance.id"], name=op.f("fk_s_workflow_task_instance_id")
        ),
        sa.UniqueConstraint(
            "instance_id",
            "visit",
            "user_id",
            name=op.f("uq_s_workflow_task_instance_id_visit_user_id"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_workflow_task_inbox", "s_workflow_task", ["user_id", "state", "id"])
    op.create_index(
        "ix_s_workflow_task_record", "s_workflow_task", ["app", "form", "record_id", "user_id"]
    )
