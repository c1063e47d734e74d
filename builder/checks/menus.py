"""Menus lead to forms that exist."""

from collections.abc import Iterator

from runtime.definitions import AppDef
from runtime.infra.errors import Problem


def menus(definition: AppDef) -> Iterator[Problem]:
    """Yield menu entries that name no form."""
    for index, menu in enumerate(definition.menus):
        for place, item in enumerate(menu.items):
            if item.form is not None and definition.form(item.form) is None:
                pointer = f"/menus/{index}/items/{place}/form"
                yield Problem(pointer, "form_unknown", {"name": item.form})
