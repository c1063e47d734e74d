"""What the reader of a stock page narrowed it to, and the boxes that ask for it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import request

from runtime.screens.book_room import Room
from runtime.screens.i18n import _
from runtime.screens.tables import Box

ROWS: Final = 500
WAYS: Final = ("item", "lot", "serial", "bin")
LARGEST: Final = 10**15


@dataclass(frozen=True)
class Asked:
    """What to look for, where, on which day; `by` is empty for stock by warehouse."""

    search: str
    warehouse: int | None
    day: date | None
    by: str

    @property
    def is_narrowed(self) -> bool:
        """Whether less than everything is shown."""
        return bool(self.search or self.warehouse or self.day)


def stock_asked() -> Asked:
    """Return what the address of a stock page asks for."""
    by = request.args.get("by", "")
    return Asked(
        search=search_asked(),
        warehouse=id_asked("warehouse"),
        day=None if by in WAYS else day_asked("as_of"),
        by=by if by in WAYS else "",
    )


def search_asked(name: str = "q") -> str:
    """Return what was typed into a box."""
    return " ".join(request.args.get(name, "").split())[:100]


def id_asked(name: str) -> int | None:
    """Return the id of a record in the address, nothing where it is none."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found <= LARGEST else None


def day_asked(name: str) -> date | None:
    """Return a day of the address, nothing where it does not read as one."""
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None


def item_box(search: str) -> Box:
    """Return the box one types an item into."""
    return Box("q", _("搜索商品"), "search", search, hint=_("商品编码、名称，或拼音首字母"))


def warehouse_box(room: Room, chosen: int | None) -> Box:
    """Return the box that narrows a page to one warehouse."""
    everywhere = ("", _("全部%(what)s", what=room.warehouse_label))
    options = (everywhere, *((str(key), name) for key, name in room.warehouses))
    return Box("warehouse", room.warehouse_label, "choice", str(chosen or ""), options)
