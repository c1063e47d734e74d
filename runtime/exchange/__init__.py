"""Excel in: the gate, the caged reader, where the tables are and what their columns mean."""

from pathlib import Path
from typing import Any

from runtime.exchange import cage
from runtime.exchange.refusals import FileRefused, FileUnreadable

__all__ = ["FileRefused", "FileUnreadable", "inspect_file"]


def inspect_file(path: Path, name: str | None = None, locale: str = "zh") -> dict[str, Any]:
    """Return what the importer sees in a workbook, read in a caged child.

    A file that is not taken is an answer too: `refused` then holds its code and sentence.
    """
    shown = name or Path(path).name
    try:
        answer = cage.ask({"path": str(Path(path).resolve()), "name": shown, "locale": locale})
    except (FileRefused, FileUnreadable) as error:
        from runtime.exchange.inspection import refused_json  # noqa: PLC0415 - heavy, in a child too

        return refused_json(shown, error, locale)
    inspection: dict[str, Any] = answer["inspection"]
    return inspection
