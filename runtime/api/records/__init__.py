"""Records for machines: lists, queries and figures, one record with its lines and its past."""

from runtime.api.records import (
    acts,
    batch,
    conversions,
    figures,
    lines,
    listed,
    one,
    past,
    recycled,
    tasks,
)

__all__ = [
    "acts",
    "batch",
    "conversions",
    "figures",
    "lines",
    "listed",
    "one",
    "past",
    "recycled",
    "tasks",
]
