"""Workbooks against their truth: tables, names, types, formulas, relations, right of how many.

The workbooks and what a person reads in them lie beside the project, or where BENCH_WORKBOOKS says:
`truth.json` and the files it names. Each is inspected as an upload is, in the caged child.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.ratio import Ratio
from bench.run import RESULTS, machine
from runtime.exchange import inspect_file

FOLDER: Final = Path(__file__).resolve().parents[2] / "shared" / "excel"
# What is counted, out of what, and the share that may be wrong.
MEASURES: Final = (
    ("tables whose header rows are right", "header", "tables", 0.05),
    ("tables whose number of records is right", "records", "tables", 0.05),
    ("tables whose totals are left out", "totals", "tables", 0.05),
    ("columns whose name is right", "names", "columns", 0.05),
    ("columns whose type is right", "types", "columns", 0.05),
    ("closed lists whose options are right", "options", "lists", None),
    ("formula columns converted", "converted", "formulas", 0.10),
    ("converted cells that are equal", "equal", "cells", 0.0),
    ("relations found", "found", "relations", None),
)
Json = Mapping[str, Any]
_FILES: dict[str, dict[str, Any]] = {}


def measure(size: str) -> Iterator[Ratio]:  # noqa: ARG001 - there is one size of it
    """The shares that are wrong, over all files; what is in each file is kept beside."""
    folder = Path(os.environ.get("BENCH_WORKBOOKS") or FOLDER)
    total: Counter[str] = Counter()
    _FILES.clear()
    if not (folder / "truth.json").is_file():
        return
    for truth in json.loads((folder / "truth.json").read_text(encoding="utf-8"))["files"]:
        began = time.perf_counter()
        seen = inspect_file(folder / truth["file"])
        points = judged(seen, truth)
        total += points
        seconds = round(time.perf_counter() - began, 1)
        _FILES[truth["file"]] = {"seconds": seconds, "refused": seen["refused"], **points}
    for name, right, of, goal in MEASURES:
        if total[of]:
            wrong = total[of] - total[right]
            yield Ratio(f"{name}: wrong", "-", "of", wrong, total[of], goal)


def keep(subject: str, size: str, ratios: Sequence[Ratio]) -> None:
    """Write numerators and denominators for all files and for each."""
    RESULTS.mkdir(exist_ok=True)
    total: Counter[str] = Counter()
    for points in _FILES.values():
        total.update({key: value for key, value in points.items() if isinstance(value, int)})
    shares = [
        {"measure": name, "right": total[right], "of": total[of], "may_be_wrong": goal}
        for name, right, of, goal in MEASURES
    ]
    content = {
        "subject": subject,
        "size": size,
        "machine": machine(),
        "measured": len(ratios),
        "all": shares,
        "files": _FILES,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (RESULTS / f"{subject}.json").write_text(f"{text}\n", encoding="utf-8")


def judged(seen: Json, truth: Json) -> Counter[str]:
    """Points of one file; tables that may be left out count neither way."""
    points: Counter[str] = Counter()
    for told in truth["tables"]:
        if told.get("optional"):
            continue
        points["tables"] += 1
        points["columns"] += len(told["columns"])
        points["formulas"] += sum(column["type"] == "formula" for column in told["columns"])
        found = _same_table(seen["tables"], told)
        if found is not None:
            points += _table(found, told)
    points += _relations(seen, truth)
    return points


def _same_table(tables: Sequence[Json], told: Json) -> Json | None:
    """The table of that sheet; of several the one whose header is where it should be."""
    here = [table for table in tables if table["sheet"] == told["sheet"]]
    exact = [table for table in here if table["header_rows"] == told["header_rows"]]
    return next(iter(exact or here), None)


def _table(found: Json, told: Json) -> Counter[str]:
    taken = set(range(found["first_row"], found["last_row"] + 1))
    taken -= {*found["total_rows"], *found["skip_rows"]}
    points = Counter(
        header=found["header_rows"] == told["header_rows"],
        records=found["n_rows"] in [told["n_rows"], *told.get("accept_n_rows", [])],
        totals=not taken & set(told["total_rows"]),
    )
    columns = {column["col"]: column for column in found["columns"]}
    for column in told["columns"]:
        if column["col"] in columns:
            points += _column(columns[column["col"]], column)
    return points


def _column(found: Json, told: Json) -> Counter[str]:
    named = told.get("unnamed") or squeezed(told["name"]) == squeezed(found["name"])
    points = Counter(
        names=bool(named),
        types=found["type"] in {told["type"], *told.get("accept", [])},
    )
    if told.get("options"):
        points["lists"] += 1
        listed = found.get("options") or found.get("values") or ()
        is_yes_no = found["type"] == "boolean"
        points["options"] += is_yes_no or set(told["options"]) <= set(listed)
    if found["type"] == "formula":
        points["converted"] += told["type"] == "formula"
        points["cells"] += found["of"]
        points["equal"] += found["proved"]
    return points


def _relations(seen: Json, truth: Json) -> Counter[str]:
    ends = set()
    for relation in seen["relations"]:
        pair = squeezed(relation["from"]), squeezed(relation["to"])
        ends.add(pair)
        if relation["kind"] in {"same-schema", "shared-key"}:
            ends.add(pair[::-1])
    told = [(squeezed(each["from"]), squeezed(each["to"])) for each in truth["relations"]]
    return Counter(relations=len(told), found=sum(pair in ends for pair in told))


def squeezed(text: object) -> str:
    """Text with its white space collapsed, as names are compared."""
    return " ".join(str(text).split())
