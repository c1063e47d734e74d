"""Reading rows: pages, records, lookups. Every read goes through the actor's rights."""

from runtime.query.filters import Filter
from runtime.query.labels import labels, titles
from runtime.query.lookup import LookupRow, lookup, resolve, resolved
from runtime.query.page import COUNT_CAP, Page, PageRequest, count, matching, page
from runtime.query.record import (
    LineRecord,
    Record,
    for_actor,
    record,
    records_by_id,
    whole_record,
)
from runtime.query.uses import Use, uses_of
from runtime.query.views import View, add_view, change_view, remove_view, view_of, views_of
from runtime.query.where import Where, read_where, where_condition, where_json

__all__ = [
    "COUNT_CAP",
    "Filter",
    "LineRecord",
    "LookupRow",
    "Page",
    "PageRequest",
    "Record",
    "Use",
    "View",
    "Where",
    "add_view",
    "change_view",
    "count",
    "for_actor",
    "labels",
    "lookup",
    "matching",
    "page",
    "read_where",
    "record",
    "records_by_id",
    "remove_view",
    "resolve",
    "resolved",
    "titles",
    "uses_of",
    "view_of",
    "views_of",
    "where_condition",
    "where_json",
    "whole_record",
]
