"""Reading rows: pages, records, lookups. Every read goes through the actor's rights."""

from runtime.query.filters import Filter
from runtime.query.labels import labels
from runtime.query.lookup import LookupRow, lookup, resolve
from runtime.query.page import COUNT_CAP, Page, PageRequest, count, page
from runtime.query.record import LineRecord, Record, record, records_by_id
from runtime.query.uses import Use, uses_of

__all__ = [
    "COUNT_CAP",
    "Filter",
    "LineRecord",
    "LookupRow",
    "Page",
    "PageRequest",
    "Record",
    "Use",
    "count",
    "labels",
    "lookup",
    "page",
    "record",
    "records_by_id",
    "resolve",
    "uses_of",
]
