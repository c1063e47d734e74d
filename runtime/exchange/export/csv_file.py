"""A list as comma-separated texts, the way Excel reads Chinese: UTF-8 with its mark."""

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO

from runtime.exchange.export.cells import Cell, Column, plain


class CsvFile:
    """Rows as they come; nothing is kept."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column]) -> None:
        self._text = io.TextIOWrapper(stream, "utf-8-sig", newline="", write_through=False)
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._writer.writerow([plain(column.heading) for column in columns])
        self.cut = 0

    def write(self, cells: Sequence[Cell]) -> None:
        """Write one row."""
        self._writer.writerow([plain(cell) for cell in cells])

    def close(self) -> None:
        """Finish; the stream stays open for its owner."""
        self._text.flush()
        self._text.detach()
