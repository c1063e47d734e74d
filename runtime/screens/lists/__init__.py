"""Record lists: what the address says, the page, the sheet of conditions."""

from runtime.screens.lists.records import filter_builder, list_records

__all__ = ["filter_builder", "list_records"]
