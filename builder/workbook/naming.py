"""What tables and columns of a workbook are called in the app that is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.exchange.formulas.ranges import Tree
from runtime.exchange.formulas.render import app_text

Json = dict[str, Any]
Column = tuple[str, str]


class CannotSay(Exception):  # noqa: N818 - reads as what it is
    """A formula that cannot be said with the fields there are; its column keeps its values."""


@dataclass
class Made:
    """A column that became a field: its definition, and the line table it stands in."""

    field: Json
    lines: str = ""
    # Of a reference: the table it points to, and the column its values are found by.
    to: Column | None = None

    @property
    def code(self) -> str:
        """The field's own code."""
        return str(self.field["code"])

    @property
    def path(self) -> str:
        """The field with its line table."""
        return f"{self.lines}.{self.code}" if self.lines else self.code


@dataclass
class Sheets:
    """Every column that becomes a field, and the forms they are fields of."""

    forms: dict[str, str] = field(default_factory=dict)
    made: dict[Column, Made] = field(default_factory=dict)
    # Texts of references, kept beside them where a formula compares them as a column.
    texts: dict[Column, Json] = field(default_factory=dict)

    def of(self, table: str, col: str) -> Made:
        """The field of a column; CannotSay for one that is left out."""
        found = self.made.get((table, col))
        if found is None or table not in self.forms:
            raise CannotSay
        return found

    def key_code(self, reference: Made) -> str:
        """The code of the field by which a reference's records are found."""
        assert reference.to is not None, "only references have a key"
        return self.of(*reference.to).code

    def text_of(self, at: Column, made: Made) -> Json:
        """A copy of what a reference shows, that follows it: a text to compare, or a title."""
        if at not in self.texts:
            label = made.field["label"]["zh"]
            options = {"reference": made.code, "field": self.key_code(made), "live": True}
            self.texts[at] = {
                "code": f"{made.code[:34]}_text",
                "kind": "lookup",
                "label": {"zh": f"{label}（文本）"[:200]},
                "options": options,
            }
        return self.texts[at]


class Names:
    """The names a formula of one column uses; see `runtime.exchange.formulas.render`."""

    def __init__(self, sheets: Sheets, table: str, lines: str) -> None:
        self._sheets, self._table, self._lines = sheets, table, lines

    def own(self, col: str) -> str:
        """A field of the record; what a reference shows stands in the record it points to."""
        made = self._sheets.of(self._table, col)
        if made.lines and made.lines != self._lines:
            # A line's value is many values to its record.
            raise CannotSay
        if made.to is None:
            return made.code
        return f"{made.code}.{self._sheets.key_code(made)}"

    def column(self, table: str, col: str) -> str:
        """A column of all records of a form."""
        made = self._sheets.of(table, col)
        form = self._sheets.forms[table]
        if made.to is None:
            return f"{form}.{made.path}"
        text = self._sheets.text_of((table, col), made)["code"]
        return f"{form}.{made.lines}.{text}" if made.lines else f"{form}.{text}"

    def lookup(self, key: Tree, table: str, keycol: str, valuecol: str) -> str | None:
        """The field a reference leads to, where the key is one."""
        if key[0] != "own":
            return None
        made = self._sheets.made.get((self._table, str(key[1])))
        if made is None or made.to != (table, keycol) or (made.lines and made.lines != self._lines):
            return None
        value = self._sheets.of(table, valuecol)
        if value.lines:
            return None
        if value.to is not None:
            raise CannotSay
        return f"{made.code}.{value.code}"


def said(tree: Sequence[Any], sheets: Sheets, table: str, lines: str) -> str:
    """Return a formula in the app's own names. Raises CannotSay."""
    return f"={app_text(tree, Names(sheets, table, lines))}"
