"""Workbooks: rows into a live form and out of it, beside the bare reader and the bare driver."""

import contextlib
import io
import itertools
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import python_calamine
import sqlalchemy
from sqlalchemy import func, select

from bench.bare.driver import Written, bare, insert_statement, rows_of
from bench.databases import KINDS, fresh
from bench.memory import taken
from bench.ratio import Ratio
from bench.seeds import NOW
from builder.publish import publish
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.exchange import batches, jobs
from runtime.exchange.adoption import Choices, ColumnChoice, choices_json
from runtime.exchange.cells import column_letters
from runtime.exchange.export.cells import Cell, Column
from runtime.exchange.export.plan import plan_of
from runtime.exchange.export.write import write_rows
from runtime.exchange.export.xlsx_file import XlsxFile
from runtime.exchange.spool import count_rows
from runtime.infra import files, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.jobs import run_one
from runtime.infra.settings import Settings, read
from runtime.platform import set_up
from runtime.query import PageRequest
from runtime.tasks import TASKS

ROWS: Final = {"quick": 10_000, "full": 100_000}
KINDS_OF_FIELDS: Final = ("text", "number", "money", "date", "choice")
COLUMNS: Final = 20
GOAL: Final = 3
OPTIONS: Final = ("东", "南", "西", "北")


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: in, out, and how much memory either takes."""
    rows = ROWS[size]
    with TemporaryDirectory(prefix="dajian-bench-") as folder:
        path = Path(folder) / "rows.xlsx"
        path.write_bytes(_workbook(rows))
        for kind in KINDS:
            yield from _measured(kind, path, rows, Path(folder) / kind)


def _measured(kind: str, path: Path, rows: int, home: Path) -> Iterator[Ratio]:
    with fresh(kind) as address, contextlib.closing(_Books(address, home)) as books:
        seconds: list[float] = []
        memory = taken(lambda: seconds.append(_timed(lambda: books.take_in(path))))
        assert books.count() == rows, f"{books.count()} of {rows} rows are in"
        by_hand = books.by_hand(path)
        name = f"{rows:,} × {COLUMNS}"
        yield Ratio(f"import of {name}", kind, "rows/s", rows / seconds[0], rows / by_hand, GOAL)
        yield Ratio(
            "import of 50,000 rows, validated", kind, "s", seconds[0] * 50_000 / rows, None, 60
        )
        yield Ratio("memory of an import", kind, "MB", memory, None, 500)
        told: list[float] = []
        memory = taken(lambda: told.append(_timed(books.give_out)))
        yield Ratio("export of 100,000 rows", kind, "s", told[0] * 100_000 / rows, None, 60)
        yield Ratio("memory of an export", kind, "MB", memory, None, 300)


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fields() -> list[dict[str, Any]]:
    options: dict[str, dict[str, Any]] = {
        "number": {"places": 2},
        "money": {"places": 2},
        "choice": {"options": [{"code": text} for text in OPTIONS]},
    }
    kinds = itertools.islice(itertools.cycle(KINDS_OF_FIELDS), COLUMNS)
    found = [
        {"code": f"c{n}", "kind": kind, "label": f"列{n}", "options": options.get(kind, {})}
        for n, kind in enumerate(kinds, start=1)
    ]
    found[0] |= {"required": True, "unique": True}
    return found


def _app() -> dict[str, Any]:
    form = {"code": "row", "label": "行", "type": "record", "title": "c1", "search": ["c1"],
            "list": ["c1", "c2"], "fields": _fields()}  # fmt: skip
    return {"format": "dajian-app/1", "code": "bench", "label": "bench", "forms": [form]}


def _row(number: int) -> list[Cell]:
    values: dict[str, Cell] = {
        "number": Decimal(number) / 4,
        "money": Decimal(number % 9_973) / 100,
        "date": date(2024, 1, 1) + timedelta(days=number % 900),
        "choice": OPTIONS[number % 4],
    }
    kinds = itertools.islice(itertools.cycle(KINDS_OF_FIELDS), COLUMNS)
    return [
        values.get(kind, f"{number:07}" if at == 0 else f"商品{number % 997}号")
        for at, kind in enumerate(kinds)
    ]


def _workbook(rows: int) -> bytes:
    styles: dict[str, Any] = {"number": "number", "money": "money", "date": "date"}
    columns = [Column(str(f["label"]), styles.get(str(f["kind"]), "text")) for f in _fields()]
    stream = io.BytesIO()
    file = XlsxFile(stream, columns, "行")
    for number in range(1, rows + 1):
        file.write(_row(number))
    file.close()
    return stream.getvalue()


class _Books:
    """A database with one wide form, and a home for its files."""

    def __init__(self, address: str, home: Path) -> None:
        self.address = address
        self.database = Database(address)
        self.settings: Settings = read({"DAJIAN_HOME": str(home), "DAJIAN_DATABASE": address})
        with self.database.transaction() as connection:
            set_up(connection)
            publish(Act(connection, SYSTEM, NOW), _app(), "bench")

    def close(self) -> None:
        self.database.dispose()

    def form(self, connection: sqlalchemy.Connection) -> Form:
        return Catalogue().form(connection, "bench", "row")

    def take_in(self, path: Path) -> None:
        """Everything an import does, from the upload to the last row."""
        with self.database.transaction() as connection:
            act = Act(connection, SYSTEM, NOW)
            file = files.store(act, self.settings, io.BytesIO(path.read_bytes()), path.name)
            seen = {"inspection": {"tables": [], "notes": []}, "preview": []}
            batch_id = batches.create(act, "bench", file.id, path.name, seen)
            letters = [column_letters(n) for n in range(1, COLUMNS + 1)]
            places = {col: f"c{n}" for n, col in enumerate(letters, start=1)}
            chosen = tuple(ColumnChoice(col, code, code, "text") for col, code in places.items())
            choices = Choices("行", {}, "row", "", chosen)
            batch = batches.find(connection, batch_id)
            rows = count_rows(jobs.spooled(connection, self.settings, batch, choices))
            job_id = queue.enqueue(act, "exchange.import_rows", {"batch": batch_id})
            kept = {**choices_json(choices), "fields": places, "rows": rows}
            batches.change(connection, batch_id, choices=kept, state="running", job_id=job_id)
        run_one(self.database, self.settings, TASKS, job_id)
        with self.database.reading() as connection:
            assert queue.find(connection, job_id).state == "done", "the import stopped"

    def count(self) -> int:
        with self.database.reading() as connection:
            query = select(func.count()).select_from(self.form(connection).table)
            return int(connection.execute(query).scalar_one())

    def by_hand(self, path: Path) -> float:
        """The seconds of the bare reader and of the same rows into a table of the same shape."""
        with self.database.reading() as connection:
            table = self.form(connection).table
        rows = rows_of(self.database, table, "1 = 1")
        copied = table.to_metadata(sqlalchemy.MetaData(), name="by_hand")
        for index in copied.indexes:
            index.name = f"by_hand_{index.name}"
        with self.database.transaction() as connection:
            copied.create(connection)
        began = time.perf_counter()
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        assert sum(1 for _ in sheet.iter_rows()) == len(rows) + 1
        _write(self.address, copied, rows)
        return time.perf_counter() - began

    def give_out(self) -> None:
        """The list of all of them as a workbook."""
        with self.database.reading() as connection:
            form = self.form(connection)
            act = Act(connection, SYSTEM, NOW)
            codes = tuple(field.code for field in form.fields)
            request = PageRequest(columns=codes)
            plan = plan_of(act, form, request, file_format="xlsx", locale="zh", statuses={})
            write_rows(act, plan, _Nowhere())


class _Nowhere(io.BytesIO):
    """A file that forgets what is written: an archive only asks where it stands."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    def write(self, data: Any) -> int:
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return False


def _write(address: str, table: sqlalchemy.Table, rows: Sequence[Sequence[Any]]) -> None:
    kind = sqlalchemy.make_url(address).get_backend_name()
    if kind == "postgresql":
        import psycopg  # noqa: PLC0415 - only there

        url = sqlalchemy.make_url(address).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            with connection.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        return
    with bare(address) as connection:
        connection.write(Written([(insert_statement(kind, table), list(rows))]))
