"""What a list was asked for, kept as JSON: a job does later what a person saw on the page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runtime.query.filters import Filter
from runtime.query.page import PageRequest
from runtime.query.where import read_where, where_json


def request_json(request: PageRequest) -> dict[str, Any]:
    """Write a request down; the place in the list is not part of it."""
    return {
        "columns": list(request.columns),
        "filters": [[item.field, item.operator, *item.values] for item in request.filters],
        "where": None if request.where is None else where_json(request.where),
        "ids": None if request.ids is None else list(request.ids),
        "sort": request.sort,
        "search": request.search,
    }


def read_request(source: Mapping[str, Any]) -> PageRequest:
    """Read what `request_json` wrote."""
    filters = [Filter(field, op, tuple(values)) for field, op, *values in source["filters"]]
    request = PageRequest(columns=tuple(source["columns"]), filters=tuple(filters))
    return replace(
        request,
        where=read_where(source["where"]),
        ids=None if source["ids"] is None else tuple(source["ids"]),
        sort=source["sort"],
        search=source["search"],
    )
