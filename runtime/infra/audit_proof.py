"""The proof of the audit trail: every seal, every row under it, and what was kept outside."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from runtime.infra import audit_chain, strict_json
from runtime.infra.audit import audit_table
from runtime.infra.audit_chain import PATIENCE, Seal, seal_table
from runtime.infra.errors import AppError, BadRequest
from runtime.infra.strict_json import Json

FORMAT: Final = "dajian-audit-anchor/1"
FILES: Final = "audit-*.json"
LARGEST_ANCHOR: Final = 10_000
_SHOWN: Final = 5


@dataclass
class _Seen:
    """What came up on the way along the chain."""

    rows: int = 0
    seals: int = 0
    broken: list[str] = field(default_factory=list)
    altered: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    # Rows no seal lists although it passed their number, with the time of that seal.
    extra: dict[int, datetime] = field(default_factory=dict)
    late: dict[int, str] = field(default_factory=dict)
    last: Seal | None = None


def verify(connection: Connection, now: datetime, kept: Iterable[Json] = ()) -> list[Json]:
    """Return the findings, in the shape in which the books are proved; `kept` are anchors."""
    seen = _Seen()
    try:
        for seal in audit_chain.seals(connection):
            _link(seen, seal)
            _rows(connection, seen, seal)
            seen.last = seal
    except AppError:
        # What is no JSON any more was not written by us.
        seen.broken.append(f"seal {seen.seals + 1} cannot be read")
    _late(connection, seen)
    return [
        _finding("SEALS", seen.seals, seen.broken, "every seal carries the one before it"),
        _finding("ALTERED", seen.rows, map(_row, seen.altered), "every row is as it was sealed"),
        _finding("REMOVED", seen.rows, map(_row, seen.removed), "every sealed row is there"),
        _finding("INSERTED", seen.rows, _inserted(connection, seen, now), "no row came in between"),
        _waiting(connection, now),
        *_anchored(connection, kept),
    ]


def take(connection: Connection) -> dict[str, Json]:
    """The end of the chain, as the document that is kept outside."""
    last = audit_chain.head(connection)
    end = {"seal": last.id, "digest": last.digest, "rows_to": last.last_id} if last else None
    return {"format": FORMAT, "end": end}


def keep(connection: Connection, folder: Path, now: datetime) -> str:
    """Write today's end of the chain into a folder; one that is there stays as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"audit-{now:%Y-%m-%d}.json"
    if not file.exists():
        text = json.dumps({**take(connection), "at": now.isoformat()}, indent=2)
        written = file.with_suffix(f".{os.getpid()}")
        written.write_text(f"{text}\n", encoding="utf-8")
        written.chmod(0o400)
        written.replace(file)
    return file.name


def kept_in(folder: Path) -> Iterator[Json]:
    """Read every anchor of a folder, the oldest first."""
    for file in sorted(folder.glob(FILES)) if folder.is_dir() else ():
        yield read_anchor(file)


def read_anchor(file: Path) -> Json:
    """Read one anchor; anything else is refused."""
    with file.open("rb") as source:
        kept = strict_json.loads(source.read(LARGEST_ANCHOR + 1), max_bytes=LARGEST_ANCHOR)
    _end(kept)
    return kept


def _link(seen: _Seen, seal: Seal) -> None:
    seen.seals += 1
    before = seen.last
    if seal.computed() != seal.digest:
        seen.broken.append(f"seal {seal.id} is not what its hash says")
    if seal.previous != (before.digest if before else ""):
        seen.broken.append(f"seal {seal.id} does not follow the one before it")
    elif seal.id != seen.seals or seal.first_id != (before.last_id + 1 if before else 1):
        seen.broken.append(f"seal {seal.id} leaves something out")


def _rows(connection: Connection, seen: _Seen, seal: Seal) -> None:
    expected = dict(seal.covered)
    there = audit_chain.rows_between(connection, seal.first_id, seal.last_id)
    for number, own_hash in expected.items():
        if number < seal.first_id:
            seen.late[number] = own_hash
            continue
        seen.rows += 1
        _compare(seen, number, own_hash, there.get(number))
    for number in there.keys() - expected.keys():
        seen.extra[number] = seal.at


def _late(connection: Connection, seen: _Seen) -> None:
    there = audit_chain.rows_among(connection, sorted(seen.late))
    for number, own_hash in seen.late.items():
        seen.rows += 1
        seen.extra.pop(number, None)
        _compare(seen, number, own_hash, there.get(number))


def _compare(seen: _Seen, number: int, sealed: str, now: str | None) -> None:
    if now is None:
        seen.removed.append(number)
    elif now != sealed:
        seen.altered.append(number)


def _inserted(connection: Connection, seen: _Seen, now: datetime) -> Iterator[str]:
    """Rows that slipped in: below the chain, into its gaps, or behind it with an old date."""
    before = select(audit_table.c.id).where(audit_table.c.id < 1).order_by(audit_table.c.id)
    yield from map(_row, connection.execute(before).scalars())
    yield from (_row(number) for number, at in sorted(seen.extra.items()) if at < now - PATIENCE)
    if seen.last is not None:
        behind = audit_table.c.id > seen.last.last_id
        old = audit_table.c.at < seen.last.at - PATIENCE
        query = select(audit_table.c.id).where(behind & old).order_by(audit_table.c.id)
        yield from map(_row, connection.execute(query).scalars())


def _waiting(connection: Connection, now: datetime) -> Json:
    count, oldest = audit_chain.waiting(connection)
    unsealed = oldest is not None and oldest < now - PATIENCE
    detail = f"{count} rows wait for their seal"
    if unsealed:
        detail += f", the first of them since {oldest:%Y-%m-%d}: is a worker running?"
    return {"id": "WAITING", "ok": not unsealed, "checked": count, "detail": detail}


def _anchored(connection: Connection, kept: Iterable[Json]) -> Iterator[Json]:
    """Whether what was kept outside still lies on the chain."""
    ends = [end for end in map(_end, kept) if end is not None]
    if not ends:
        return
    broken = []
    for number, digest in ends:
        query = select(seal_table.c.digest).where(seal_table.c.id == number)
        found = connection.execute(query).scalar()
        if found is None:
            broken.append(f"seal {number} is gone")
        elif found != digest:
            broken.append(f"seal {number} is another than the one that was kept")
    yield _finding("ANCHOR", len(ends), broken, "what was kept lies on the chain")


def _end(kept: Any) -> tuple[int, str] | None:
    if not isinstance(kept, dict) or kept.get("format") != FORMAT or "end" not in kept:
        raise BadRequest("anchor_expected", {"format": FORMAT})
    end = kept["end"]
    if end is None:
        return None
    number, digest = (end.get("seal"), end.get("digest")) if isinstance(end, dict) else (None, None)
    if not isinstance(number, int) or not isinstance(digest, str):
        raise BadRequest("anchor_expected", {"format": FORMAT})
    return number, digest


def _row(number: int) -> str:
    return f"row {number}"


def _finding(name: str, checked: int, wrong: Iterable[str], fine: str) -> Json:
    found: Sequence[str] = list(wrong)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return {
        "id": name,
        "ok": not found,
        "checked": checked,
        "detail": "; ".join(found[:_SHOWN]) + more or fine,
    }
