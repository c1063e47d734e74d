"""Records for machines: lists and queries, one record, its lines, many at once, acts on it."""

from runtime.api.records import acts, batch, lines, listed, one

__all__ = ["acts", "batch", "lines", "listed", "one"]
