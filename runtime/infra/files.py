"""Uploads: limited, looked into, kept under a random name, and given out as attachments only."""

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Column, Connection, ForeignKey, Index, Text, delete, func, select, update

from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound, TooLarge
from runtime.infra.settings import Settings
from runtime.infra.upsert import insert_row

CHUNK: Final = 1 << 16
HEAD: Final = 8192
LONGEST_NAME: Final = 150
UNKNOWN_TYPE: Final = "application/octet-stream"
ORPHAN_AGE: Final = timedelta(hours=24)
# What browsers show as a picture and cannot run.
PICTURE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{32}")
# Written by programs that also write programs: kept, but never called what a browser would run.
_PLAIN_TYPES: Final = ("image/", "video/", "audio/", "font/", "application/")

file_table: Final = system_table(
    "s_file",
    Column("id", Key(), primary_key=True),
    # The name on disk: random, so that nothing a person typed is ever a path.
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Key(), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created_by", Key(), ForeignKey("s_user.id")),
    Column("created_at", Instant(), nullable=False),
    # The record it belongs to, once it has been saved with one.
    Column("form", Text),
    Column("record_id", Key()),
    Index("ix_s_file_record", "form", "record_id"),
    Index("ix_s_file_created_by", "created_by"),
)


@dataclass(frozen=True)
class StoredFile:
    """A file we keep. `form` is `<app>.<form>` of the record it belongs to, or None."""

    id: int
    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    created_by: int | None
    created_at: datetime
    form: str | None
    record_id: int | None


def store(act: Act, settings: Settings, stream: BinaryIO, name: str) -> StoredFile:
    """Keep an upload; its row stands or falls with the caller's transaction.

    The file is complete on disk before its row is written; one whose row never came is swept.
    """
    _check_quota(act, settings)
    key = secrets.token_urlsafe(24)
    settings.files_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    size, sha256, head = _write(path_of(settings, key), stream, settings.upload_bytes)
    values = {
        "key": key,
        "name": plain_name(name),
        "media_type": sniff(head),
        "size": size,
        "sha256": sha256,
        "created_by": act.actor.user_id,
        "created_at": act.now,
    }
    file_id = insert_row(act.connection, file_table, values)
    audit.write(act, "create", "file", file_id, {"name": values["name"], "sha256": sha256})
    return find(act.connection, file_id)


def find(connection: Connection, file_id: int) -> StoredFile:
    """Return what we know of a file."""
    row = (
        connection.execute(select(file_table).where(file_table.c.id == file_id)).mappings().first()
    )
    if row is None:
        raise NotFound
    return StoredFile(**row)


def several(connection: Connection, file_ids: Collection[int]) -> tuple[StoredFile, ...]:
    """Return what we know of several files; those that are not there are left out."""
    if not file_ids:
        return ()
    rows = connection.execute(
        select(file_table)
        .where(file_table.c.id.in_(sorted(set(file_ids))))
        .order_by(file_table.c.id)
    ).mappings()
    return tuple(StoredFile(**row) for row in rows)


def attach(act: Act, file_ids: Collection[int], form: str, record_id: int) -> None:
    """Hand files to the record that holds them: from now on its rights decide who sees them."""
    if not file_ids:
        return
    act.connection.execute(
        update(file_table)
        .where(file_table.c.id.in_(sorted(set(file_ids))), file_table.c.record_id.is_(None))
        .values(form=form, record_id=record_id)
    )


def discard(act: Act, file_ids: Collection[int]) -> None:
    """Forget files that belong to no record; their bytes are swept later."""
    free = (file_table.c.id.in_(sorted(set(file_ids))), file_table.c.record_id.is_(None))
    for key in act.connection.execute(select(file_table.c.id).where(*free)).scalars().all():
        audit.write(act, "delete", "file", key, {})
    act.connection.execute(delete(file_table).where(*free))


def path_of(settings: Settings, key: str) -> Path:
    """Return where a file lies; a key that is not one of ours has no place."""
    if not _KEY.fullmatch(key):
        raise NotFound
    return settings.files_folder / key


def open_checked(settings: Settings, file: StoredFile) -> BinaryIO:
    """Open a file for reading after proving that it is what was uploaded."""
    try:
        opened = path_of(settings, file.key).open("rb")
    except FileNotFoundError as error:
        raise NotFound("file_lost", {"name": file.name}) from error
    with_digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if with_digest != file.sha256:
        opened.close()
        raise NotFound("file_changed", {"name": file.name})
    opened.seek(0)
    return opened


def sniff(head: bytes) -> str:
    """Return the media type the first bytes show, whatever the name says."""
    import filetype  # type: ignore[import-untyped]  # noqa: PLC0415 - only for uploads

    found = filetype.guess_mime(head)
    if isinstance(found, str) and found.startswith(_PLAIN_TYPES):
        return found
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end in the middle of a character.
        if error.start < len(head) - 4:
            return UNKNOWN_TYPE
    return "text/plain" if head and b"\x00" not in head else UNKNOWN_TYPE


def plain_name(name: str) -> str:
    """Return a name fit to be shown and offered: no path, no control or direction marks."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = shown.rpartition(".")
    room = LONGEST_NAME - len(dot + ending)
    if len(shown) > LONGEST_NAME and room > 0:
        shown = stem[:room] + dot + ending
    return shown[:LONGEST_NAME] or "file"


def sweep(connection: Connection, settings: Settings, now: datetime) -> int:
    """Remove files whose row never came; return how many."""
    if not settings.files_folder.is_dir():
        return 0
    known = set(connection.execute(select(file_table.c.key)).scalars())
    oldest = (now - ORPHAN_AGE).timestamp()
    orphans = [
        path
        for path in settings.files_folder.iterdir()
        if path.name not in known and path.stat().st_mtime < oldest
    ]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _check_quota(act: Act, settings: Settings) -> None:
    used = act.connection.execute(
        select(func.coalesce(func.sum(file_table.c.size), 0)).where(
            file_table.c.created_by == act.actor.user_id
        )
    ).scalar_one()
    if used >= settings.upload_quota_mb * 1_000_000:
        raise TooLarge("upload_quota", {"megabytes": settings.upload_quota_mb})


def _write(path: Path, stream: BinaryIO, limit: int) -> tuple[int, str, bytes]:
    hasher, size, head = hashlib.sha256(), 0, b""
    part = path.with_suffix(".part")
    try:
        with part.open("xb") as file:
            for chunk in _chunks(stream):
                size += len(chunk)
                if size > limit:
                    raise TooLarge("upload_too_large", {"megabytes": limit // 1_000_000})
                head = head or chunk[:HEAD]
                hasher.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return size, hasher.hexdigest(), head


def _chunks(stream: BinaryIO) -> Iterable[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
