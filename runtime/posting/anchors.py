"""The ends of the books' hash chains, kept by an auditor outside, and the proof against them.

Who can change the whole database can write a whole new chain; a link kept elsewhere shows it.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from runtime import kernel
from runtime.infra.errors import BadRequest
from runtime.infra.strict_json import Json

FORMAT: Final = "dajian-anchor/1"
_SHOWN: Final = 5


def take(connection: Connection) -> dict[str, Json]:
    """The last link of every chain, as the document that is kept."""
    anchors: list[Json] = [
        {
            "company": code,
            "seq": head.seq,
            "hash": head.hash,
            "n_postings": head.n_postings,
            "date": head.date,
        }
        for code, head in kernel.chain_heads(connection).items()
    ]
    return {"format": FORMAT, "anchors": anchors}


def keep(connection: Connection, folder: Path, now: datetime) -> dict[str, Json]:
    """Write today's anchor into a folder, whole or not at all; one that is there stays as it is.

    Returns the name of the file and how many chains it keeps the ends of.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"{now:%Y-%m-%d}.json"
    taken = take(connection)
    if not file.exists():
        text = json.dumps({**taken, "at": now.isoformat()}, ensure_ascii=False, indent=2)
        written = file.with_suffix(f".{os.getpid()}")
        written.write_text(f"{text}\n", encoding="utf-8")
        written.chmod(0o400)
        written.replace(file)
    return {"file": file.name, "chains": len(links(taken))}


def check(connection: Connection, kept: Json) -> dict[str, Json]:
    """Whether every kept link still lies on its chain, as a finding like those of the books."""
    known = [_link(anchor) for anchor in links(kept)]
    broken = [
        f"{company}: posting {seq} is another than the one that was kept"
        if found is not None
        else f"{company}: posting {seq} is gone"
        for company, seq, own_hash in known
        if (found := kernel.link_at(connection, company, seq)) != own_hash
    ]
    return {
        "id": "ANCHOR",
        "ok": not broken,
        "checked": len(known),
        "detail": "; ".join(broken[:_SHOWN]) or "what was kept lies on the chain",
    }


def links(kept: Json) -> list[Any]:
    """The links of a kept document; anything else is no such document."""
    anchors = kept.get("anchors") if isinstance(kept, dict) else None
    if not isinstance(kept, dict) or kept.get("format") != FORMAT or not isinstance(anchors, list):
        raise BadRequest("scenarios_expected", {"format": FORMAT})
    return anchors


def _link(anchor: Any) -> tuple[str, int, str]:
    link = anchor if isinstance(anchor, dict) else {}
    company, seq, own_hash = link.get("company"), link.get("seq"), link.get("hash")
    if isinstance(company, str) and isinstance(seq, int) and isinstance(own_hash, str):
        return company, seq, own_hash
    raise BadRequest("scenarios_expected", {"format": FORMAT})
