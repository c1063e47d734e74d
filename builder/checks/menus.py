"""Menus lead to forms and aggregate tables that exist."""

from collections.abc import Iterator

from runtime.definitions import AppDef
from runtime.infra.errors import Problem


def menus(definition: AppDef) -> Iterator[Problem]:
    """Yield menu entries that name neither."""
    for index, menu in enumerate(definition.menus):
        for place, item in enumerate(menu.items):
            if item.form is not None and not definition.is_readable(item.form):
                pointer = f"/menus/{index}/items/{place}/form"
                yield Problem(pointer, "form_unknown", {"name": item.form})
