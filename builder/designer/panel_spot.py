"""What of a form the property panel shows: the place a path names in the JSON of a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Json = Mapping[str, Any]
What = Literal["form", "field", "lines", "section", "tab"]

# How the canvas writes the path of what is no field.
SECTION: Final = "§"
TAB: Final = "#"
# Filled by the system: nobody types into them, so nothing is required or locked or defaulted.
COMPUTED: Final = frozenset({"formula", "lookup", "rollup", "document_number", "rmb"})
# Drawn and never kept.
LAYOUT: Final = frozenset({"note", "divider", "button", "query", "barcode"})


@dataclass(frozen=True)
class Spot:
    """One thing of a form: the form itself, a field, a line table, a section or a tab.

    `lines` is the line table a column stands in.
    """

    what: What
    form: Json
    item: Json
    lines: Json | None = None

    @property
    def code(self) -> str:
        """The code of the thing."""
        return str(self.item["code"])

    @property
    def path(self) -> str:
        """How it is asked for: `qty`, `lines.qty`, `§basic`, `#more`; the form is empty."""
        if self.what == "form":
            return ""
        if self.what in ("section", "tab"):
            return (SECTION if self.what == "section" else TAB) + self.code
        return f"{self.lines['code']}.{self.code}" if self.lines else self.code

    @property
    def kind(self) -> str:
        """The kind of a field; of anything else, what it is."""
        return str(self.item["kind"]) if self.is_field else self.what

    @property
    def is_field(self) -> bool:
        """Whether it is a field of any kind, a line table too."""
        return self.what in ("field", "lines")

    @property
    def options(self) -> Json:
        """The options of a field."""
        found: Json = self.item.get("options", {})
        return found

    @property
    def operation(self) -> dict[str, Any]:
        """The change of the draft that sets one of its properties, less name and value."""
        form = self.form["code"]
        if self.what == "form":
            return {"op": "set_form", "form": form}
        if self.what == "section":
            return {"op": "set_section", "form": form, "section": self.code}
        if self.what == "tab":
            return {"op": "set_form", "form": form, "tab": self.code}
        lines = {"lines": self.lines["code"]} if self.lines else {}
        return {"op": "set", "form": form, **lines, "field": self.code}


def form_at(source: Json, code: str) -> Json | None:
    """The JSON of a form, if the draft has it."""
    return next((form for form in source.get("forms", ()) if form["code"] == code), None)


def spot_at(form: Json, path: str) -> Spot:
    """What a path names; one that names nothing (it was just deleted) is the form."""
    if path.startswith(SECTION):
        found = _coded(form.get("sections", ()), path.removeprefix(SECTION))
        return Spot("section", form, found) if found else Spot("form", form, form)
    if path.startswith(TAB):
        found = _coded(form.get("tabs", ()), path.removeprefix(TAB))
        return Spot("tab", form, found) if found else Spot("form", form, form)
    head, _, column = path.partition(".")
    holder = _coded(form["fields"], head)
    if holder is None:
        return Spot("form", form, form)
    if column:
        found = _coded(columns_of(holder), column)
        return Spot("field", form, found, holder) if found else Spot("form", form, form)
    return Spot("lines" if holder["kind"] == "lines" else "field", form, holder)


def columns_of(field: Json) -> Sequence[Json]:
    """The columns of a line table; none of any other field."""
    found: Sequence[Json] = field.get("options", {}).get("fields", ())
    return found


def peers(spot: Spot) -> Sequence[Json]:
    """The fields that stand where this one stands."""
    found: Sequence[Json] = columns_of(spot.lines) if spot.lines else spot.form["fields"]
    return found


def every_field(form: Json) -> Iterator[tuple[Json | None, Json]]:
    """Each field with the line table it stands in, header first, columns after their table."""
    for field in form["fields"]:
        yield None, field
        for column in columns_of(field):
            yield field, column


def path_of(lines: Json | None, field: Json) -> str:
    """The path of a field."""
    return f"{lines['code']}.{field['code']}" if lines else str(field["code"])


def field_of(form: Json, path: str) -> Json | None:
    """The field a path names."""
    spot = spot_at(form, path)
    return spot.item if spot.is_field else None


def _coded(items: Sequence[Json], code: str) -> Json | None:
    return next((item for item in items if item.get("code") == code), None)
