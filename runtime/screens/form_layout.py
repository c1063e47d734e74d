"""Where the sections of a document page stand: above the tabs, or on one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from runtime.definitions import TabDef
from runtime.screens.form_fields import Cell, FieldView
from runtime.screens.form_grid import GridView
from runtime.screens.i18n import label


@dataclass(frozen=True)
class Section:
    """A titled group of fields, or a line table.

    `tab` is the tab it stands on, if any; `is_folded`: on a phone it opens when it is asked for.
    """

    code: str
    label: str
    fields: tuple[tuple[FieldView, Cell], ...] = ()
    grid: GridView | None = None
    field: FieldView | None = None
    problem: str = ""
    tab: str = ""
    is_folded: bool = False

    @property
    def views(self) -> Iterator[FieldView]:
        """The fields of the group, or the columns of its table."""
        yield from (view for view, _ in self.fields)
        if self.grid:
            yield from self.grid.columns


@dataclass(frozen=True)
class Tab:
    """A tab with what stands on it."""

    code: str
    label: str
    sections: tuple[Section, ...]


def tabs_of(tabs: Sequence[TabDef], sections: Sequence[Section]) -> tuple[Tab, ...]:
    """The tabs on which something stands that the actor sees."""
    found = (
        Tab(tab.code, label(tab.label), tuple(one for one in sections if one.tab == tab.code))
        for tab in tabs
    )
    return tuple(tab for tab in found if tab.sections)


def above(tabs: Sequence[Tab], sections: Sequence[Section]) -> tuple[Section, ...]:
    """The sections that stand on no tab, in sight whichever is open."""
    placed = {tab.code for tab in tabs}
    return tuple(section for section in sections if section.tab not in placed)
