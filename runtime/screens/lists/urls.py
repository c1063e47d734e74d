"""The addresses of lists."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.lists.figures import list_figures
from runtime.screens.lists.groups import list_group
from runtime.screens.lists.layout import list_layout
from runtime.screens.lists.records import filter_builder, list_records
from runtime.screens.lists.views import create_view, delete_view, save_view, view_sheet

FORM: Final = "/a/<app_code>/<form_code>"
VIEW: Final = f"{FORM}/views/<view_key>"

URLS: Final[tuple[tuple[str, str, Callable[..., Any], tuple[str, ...]], ...]] = (
    (FORM, "list_records", list_records, ("GET",)),
    (f"{FORM}/filter", "filter_builder", filter_builder, ("GET",)),
    (f"{FORM}/layout", "list_layout", list_layout, ("GET",)),
    (f"{FORM}/figures", "list_figures", list_figures, ("GET",)),
    (f"{FORM}/group", "list_group", list_group, ("GET",)),
    (f"{FORM}/views/sheet", "view_sheet", view_sheet, ("GET",)),
    (f"{FORM}/views", "create_view", create_view, ("POST",)),
    (VIEW, "save_view", save_view, ("POST",)),
    (f"{VIEW}/deletion", "delete_view", delete_view, ("POST",)),
)
