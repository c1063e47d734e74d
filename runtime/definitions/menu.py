"""Where forms and pages stand in the navigation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from runtime.definitions.label import Label, read_label

# Pages of the product an app may put into its menu.
PAGES: Final = ("stock",)


@dataclass(frozen=True)
class MenuItemDef:
    """A form's list, or a page; exactly one of the two."""

    form: str | None = None
    page: str | None = None


@dataclass(frozen=True)
class MenuDef:
    """A titled group of entries."""

    label: Label
    items: tuple[MenuItemDef, ...]


def read_menu(source: Mapping[str, Any]) -> MenuDef:
    """Turn a menu group's JSON (already of the right shape) into a MenuDef."""
    items = tuple(MenuItemDef(item.get("form"), item.get("page")) for item in source["items"])
    return MenuDef(label=read_label(source["label"]), items=items)
