"""How much of a workbook is taken: one frozen table of figures."""

from dataclasses import dataclass
from typing import Final

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The figures the gate, the reader and the child process keep to."""

    file_bytes: int = 50 * MEGABYTE
    parts: int = 10_000
    part_bytes: int = 300 * MEGABYTE
    package_bytes: int = 400 * MEGABYTE
    # A sheet packs 5 to 30 to 1; what packs far better holds nothing but repetition.
    ratio: int = 200
    ratio_from_bytes: int = 8 * MEGABYTE
    depth: int = 64
    attribute_chars: int = 300_000
    sheets: int = 200
    rows: int = 200_000
    columns: int = 1_000
    # Row and cell elements, filled or only formatted.
    row_elements: int = 400_000
    cell_elements: int = 6_000_000
    cell_chars: int = 100_000
    shared_strings: int = 3_000_000
    shared_chars: int = 200_000_000
    cell_formats: int = 65_490
    format_chars: int = 1_024
    merges: int = 20_000
    merged_cells: int = 2_000_000
    validation_ranges: int = 5_000
    notes: int = 500
    formula_chars: int = 8_192
    blank_formulas: int = 400_000
    # Pictures of cells: each, how many, and all of them together.
    picture_bytes: int = 20 * MEGABYTE
    pictures: int = 5_000
    pictures_bytes: int = 200 * MEGABYTE


@dataclass(frozen=True)
class CageLimits:
    """What the child process that opens a stranger's file may use."""

    memory_bytes: int = 1024 * MEGABYTE
    cpu_seconds: int = 30
    wall_seconds: int = 60
    written_bytes: int = 600 * MEGABYTE


LIMITS: Final = Limits()
CAGE_LIMITS: Final = CageLimits()
