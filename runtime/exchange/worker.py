"""The program of the child: opens the file, inside the limits of `child`."""

from pathlib import Path
from typing import Any

from runtime.exchange import media
from runtime.exchange.child import run
from runtime.exchange.corrected import read_corrections
from runtime.exchange.inspection import inspect_workbook
from runtime.exchange.opening import open_workbook
from runtime.exchange.preview import preview
from runtime.exchange.spool import write_rows

Json = dict[str, Any]


def _answer(question: Json) -> Json:
    workbook = open_workbook(Path(question["path"]), question["name"])
    corrections = read_corrections(question.get("corrections"), question.get("header_rows") or {})
    locale = question.get("locale", "zh")
    answer: Json = {}
    if question.get("pictures"):
        folder = Path(question["pictures"])
        return {"pictures": media.write(Path(question["path"]), workbook, folder)}
    if not question.get("rows"):
        told = inspect_workbook(workbook, question["name"], corrections, locale)
        answer["inspection"] = told
    if question.get("preview"):
        answer["preview"] = preview(workbook)
    asked = question.get("rows") or []
    for each in asked if isinstance(asked, list) else [asked]:
        own = read_corrections(each["corrections"], {}) if "corrections" in each else corrections
        answer["rows"] = write_rows(workbook, each["sheet"], own, Path(each["file"]))
    return answer


if __name__ == "__main__":
    run(_answer)
