"""One use of a field, and the field that is asked about."""

from dataclasses import dataclass
from typing import Final

from runtime.formula.tree import Reference

ICONS: Final = {
    "formula": "math-function", "check": "shield-lock", "rule": "eye", "lookup": "link",
    "rollup": "sum", "aggregate": "chart-bar", "posting": "book-2", "stock": "packages",
    "list": "list-details", "access": "lock", "unique": "copy", "lines": "table",
    "test": "checklist", "view": "layout-list", "conversion": "arrow-forward-up",
    "flow": "arrows-split-2",
    "printout": "printer",
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """One thing that uses a field: what sort, in words, and where it is put right.

    `form` and `path` are of what uses, in a `flow` the step; a use that breaks nothing (a list
    simply loses the column) is no `blow`.
    """

    sort: str
    text: str
    form: str
    path: str = ""
    tab: str = "form"
    blow: bool = True
    flow: str = ""

    @property
    def icon(self) -> str:
        """Its icon."""
        return ICONS.get(self.sort, "link")


@dataclass(frozen=True)
class Wanted:
    """The field that is asked about."""

    form: str
    lines: str | None
    code: str

    @property
    def path(self) -> str:
        """How it is written within its form: `qty`, `lines.qty`."""
        return f"{self.lines}.{self.code}" if self.lines else self.code

    def holds(self, path: str) -> bool:
        """Whether a path names it, or a column of the line table it is."""
        return path == self.path or path.startswith(f"{self.path}.")

    def is_read_by(self, reference: Reference, form: str) -> bool:
        """Whether a formula over `form` reads it, directly or through a reference."""
        if reference.via is not None:
            through = form == self.form and reference.via == self.code
            target = reference.form == self.form and reference.code == self.code
            return (through and self._stands(reference)) or (target and self.lines is None)
        if (reference.form or form) != self.form:
            return False
        table = self.lines is None and reference.lines == self.code
        return table or (reference.code == self.code and reference.lines == self.lines)

    def _stands(self, reference: Reference) -> bool:
        return reference.lines in (None, self.lines) or self.lines is None
