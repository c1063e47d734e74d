"""The proof of the books, as `dajian books verify` prints it."""

from sqlalchemy import Connection

from runtime import kernel
from runtime.infra.strict_json import Json


def verify(connection: Connection) -> list[dict[str, Json]]:
    """Every invariant over the live database: `{id, ok, checked, detail}`."""
    return [
        {
            "id": finding.id,
            "ok": finding.ok,
            "checked": finding.checked,
            "detail": finding.detail,
        }
        for finding in kernel.verify(connection)
    ]
