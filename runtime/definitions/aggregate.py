"""What an aggregate table is: figures of several forms, added up by dimensions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runtime.definitions.check import CheckDef, read_check
from runtime.definitions.label import Label, read_label

Operation = Literal["sum", "count", "min", "max", "average", "distinct"]


@dataclass(frozen=True)
class ShareDef:
    """What one row of a source brings to a measure; `sign` -1 takes it away."""

    op: Operation
    of: str = ""
    sign: int = 1


@dataclass(frozen=True)
class SourceDef:
    """A form whose records (or lines) take part.

    `dimensions` say by code where each stands: a path, or `month(path)` or `year(path)` of a date.
    """

    form: str
    dimensions: Mapping[str, str]
    measures: Mapping[str, ShareDef]
    lines: str | None = None
    where: str = ""


@dataclass(frozen=True)
class DimensionDef:
    """One thing the table is divided by."""

    code: str
    label: Label


@dataclass(frozen=True)
class MeasureDef:
    """One figure of the table: added up, or computed from others by `formula`."""

    code: str
    label: Label
    result: str
    places: int | None = None
    formula: str = ""


@dataclass(frozen=True)
class AggregateDef:
    """An aggregate table: one row for each combination of dimensions that occurs."""

    code: str
    label: Label
    dimensions: tuple[DimensionDef, ...]
    measures: tuple[MeasureDef, ...]
    sources: tuple[SourceDef, ...]
    checks: tuple[CheckDef, ...] = ()
    icon: str = "chart-bar"


def read_aggregate(source: Mapping[str, Any]) -> AggregateDef:
    """Turn an aggregate table's JSON (already of the right shape) into an AggregateDef."""
    return AggregateDef(
        code=source["code"],
        label=read_label(source["label"]),
        dimensions=tuple(
            DimensionDef(item["code"], read_label(item.get("label"), item["code"]))
            for item in source["dimensions"]
        ),
        measures=tuple(_read_measure(item) for item in source["measures"]),
        sources=tuple(_read_source(item) for item in source["sources"]),
        checks=tuple(read_check(item) for item in source.get("checks", ())),
        icon=source.get("icon", "chart-bar"),
    )


def _read_measure(source: Mapping[str, Any]) -> MeasureDef:
    label = read_label(source.get("label"), source["code"])
    return MeasureDef(**{**source, "label": label})


def _read_source(source: Mapping[str, Any]) -> SourceDef:
    shares = {code: ShareDef(**share) for code, share in source["measures"].items()}
    return SourceDef(**{**source, "measures": shares})
