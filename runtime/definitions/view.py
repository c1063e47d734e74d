"""What a view of a list is: columns, conditions, order, groups and totals under a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

from runtime.definitions.label import Label, read_label, write_label

ViewType = Literal["list", "calendar", "kanban", "gallery"]
VIEW_TYPES: Final[tuple[ViewType, ...]] = get_args(ViewType)
TotalFn = Literal["sum", "avg", "min", "max", "count"]
TOTAL_FNS: Final[tuple[TotalFn, ...]] = get_args(TotalFn)


@dataclass(frozen=True)
class ViewColumn:
    """A column: a field, how wide (in pixels, 0: as it comes), and whether it stays in sight."""

    field: str
    width: int = 0
    pinned: bool = False


@dataclass(frozen=True)
class ViewSort:
    """One key of the order."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class ViewTotal:
    """A figure below the list and for each group."""

    field: str
    fn: TotalFn = "sum"


@dataclass(frozen=True)
class ViewDef:
    """A view. `where` are conditions as JSON; `roles` who is offered it, empty: everybody.

    `date` (and `until`) place a record in a calendar, `lane` in a kanban, `cover` is its picture
    in a gallery, `title` its heading in all three.
    """

    code: str
    label: Label
    type: ViewType = "list"
    columns: tuple[ViewColumn, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[ViewSort, ...] = ()
    group: tuple[str, ...] = ()
    totals: tuple[ViewTotal, ...] = ()
    roles: frozenset[str] = frozenset()
    date: str = ""
    until: str = ""
    lane: str = ""
    cover: str = ""
    title: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field it names but those of its conditions."""
        placed = (self.date, self.until, self.lane, self.cover, self.title)
        return (
            *(column.field for column in self.columns),
            *(key.field for key in self.sort),
            *self.group,
            *(total.field for total in self.totals),
            *(code for code in placed if code),
        )


def read_view(source: Mapping[str, Any]) -> ViewDef:
    """Turn a view's JSON (already of the right shape) into a ViewDef."""
    return ViewDef(
        code=source["code"],
        label=read_label(source.get("label"), source["code"]),
        type=source.get("type", "list"),
        columns=tuple(
            ViewColumn(item["field"], item.get("width", 0), item.get("pinned", False))
            for item in source.get("columns", ())
        ),
        where=source.get("where") or {},
        sort=tuple(
            ViewSort(item["field"], item.get("descending", False))
            for item in source.get("sort", ())
        ),
        group=tuple(source.get("group", ())),
        totals=tuple(
            ViewTotal(item["field"], cast("TotalFn", item.get("fn", "sum")))
            for item in source.get("totals", ())
        ),
        roles=frozenset(source.get("roles", ())),
        **{name: source.get(name, "") for name in _PLACED},
    )


def write_view(view: ViewDef) -> dict[str, Any]:
    """Write a view the way `read_view` reads it; what it leaves out has its default."""
    told: dict[str, Any] = {
        "columns": [_column(each) for each in view.columns],
        "where": dict(view.where),
        "sort": [_sort(each) for each in view.sort],
        "group": list(view.group),
        "totals": [{"field": each.field, "fn": each.fn} for each in view.totals],
        "roles": sorted(view.roles),
        **{name: getattr(view, name) for name in _PLACED},
    }
    frame = {"code": view.code, "label": write_label(view.label), "type": view.type}
    return frame | {name: value for name, value in told.items() if value}


def fields_of_where(where: Any) -> Sequence[str]:
    """Every field that conditions name, as JSON of any depth."""
    if isinstance(where, Mapping):
        if isinstance(where.get("field"), str):
            return (where["field"],)
        return tuple(code for inner in where.values() for code in fields_of_where(inner))
    if isinstance(where, list | tuple):
        return tuple(code for inner in where for code in fields_of_where(inner))
    return ()


_PLACED: Final = ("date", "until", "lane", "cover", "title")


def _column(column: ViewColumn) -> dict[str, Any]:
    told: dict[str, Any] = {"field": column.field}
    if column.width:
        told["width"] = column.width
    return told | ({"pinned": True} if column.pinned else {})


def _sort(key: ViewSort) -> dict[str, Any]:
    return {"field": key.field, **({"descending": True} if key.descending else {})}
