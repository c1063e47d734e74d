"""What becomes of a document next: which form continues it, and what is taken along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from runtime.definitions.label import Label, read_label

# What a map may name beside fields: the record itself, and the number people read on its line.
RECORD: Final = "$id"
LINE_NO: Final = "$line_no"
HEADER: Final = "header."


@dataclass(frozen=True)
class ConvertedQuantityDef:
    """How much of a line is taken: what is left of `source` is open, `tolerance` per cent over."""

    source: str
    target: str
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True)
class ConvertedLinesDef:
    """Lines become lines; without `source` the document itself becomes one line.

    `map` says by field of the target line what it takes: a field of the source line, `header.` and
    a field of its document, or `$id` and `$line_no`. A linked line keeps the fields in `keep`.
    """

    target: str
    source: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    quantity: ConvertedQuantityDef | None = None
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConversionDef:
    """Records of form `source` become drafts of form `target`; `map` is of the headers."""

    code: str
    label: Label
    source: str
    target: str
    map: Mapping[str, str] = field(default_factory=dict)
    lines: ConvertedLinesDef | None = None


def read_conversion(source: Mapping[str, Any]) -> ConversionDef:
    """Turn a conversion's JSON (already of the right shape) into a ConversionDef."""
    lines = source.get("lines")
    return ConversionDef(
        code=source["code"],
        label=read_label(source["label"], source["code"]),
        source=source["from"],
        target=source["to"],
        map=source.get("map", {}),
        lines=None if lines is None else _lines(lines),
    )


def _lines(source: Mapping[str, Any]) -> ConvertedLinesDef:
    given = source.get("quantity")
    quantity = given and ConvertedQuantityDef(
        given["from"], given["to"], Decimal(given.get("tolerance", "0"))
    )
    return ConvertedLinesDef(
        target=source["to"],
        source=source.get("from"),
        map=source.get("map", {}),
        quantity=quantity,
        keep=tuple(source.get("keep", ())),
    )
