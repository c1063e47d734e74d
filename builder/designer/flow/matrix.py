"""Which fields a step shows, lets change and asks for: sections, fields and line tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from builder.designer.flow.words import PEOPLE
from builder.designer.panel_spot import COMPUTED, LAYOUT, columns_of
from builder.flow_places import every_step
from runtime.definitions.label import read_label
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
EDITED = frozenset({"edit", "require"})


@dataclass(frozen=True)
class FieldRow:
    """One field: what the step makes of it, and what each tick would write."""

    path: str
    label: str
    access: str
    is_computed: bool
    is_different: bool

    @property
    def is_seen(self) -> bool:
        """Whether the step shows it."""
        return self.access != "hide"

    @property
    def is_edited(self) -> bool:
        """Whether the step lets people change it."""
        return self.access in EDITED


@dataclass(frozen=True)
class Section:
    """Fields under one heading; `lines` is the line table they are columns of."""

    label: str
    rows: tuple[FieldRow, ...]
    lines: str = ""
    may_add: bool = False
    may_delete: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields a tick of the heading is about."""
        return tuple(row.path for row in self.rows)


def steps_with_people(flow: Json) -> tuple[Json, ...]:
    """The steps of a flow somebody has to do something in, in the order of the page."""
    return tuple(step for step in every_step(flow) if step["type"] in PEOPLE)


def matrix(form: Json, step: Json, other: Json | None) -> tuple[Section, ...]:
    """The fields of a form as a step treats them; `other` is a step to compare with."""
    return tuple(_sections(form, _Reading(step, other)))


@dataclass(frozen=True)
class _Reading:
    step: Json
    other: Json | None

    def row(self, path: str, field: Json) -> FieldRow:
        own = self.step.get("access", {}).get(path, "view")
        theirs = (self.other or {}).get("access", {}).get(path, "view")
        is_computed = field["kind"] in COMPUTED
        text = label(read_label(field.get("label"), str(field["code"])))
        is_different = self.other is not None and own != theirs
        return FieldRow(path, text, own, is_computed, is_different)

    def lines(self, code: str) -> Json:
        found: Json = self.step.get("lines", {}).get(code, {})
        return found


def _sections(form: Json, reading: _Reading) -> Iterator[Section]:
    fields = {each["code"]: each for each in form["fields"] if each["kind"] not in LAYOUT}
    placed: set[str] = set()
    for section in form.get("sections", ()):
        codes = [code for code in section["fields"] if code in fields]
        placed.update(codes)
        name = label(read_label(section.get("label"), section["code"]))
        yield from _of_section(name, [fields[code] for code in codes], reading)
    rest = [each for code, each in fields.items() if code not in placed]
    yield from _of_section(_("其他字段"), rest, reading)


def _of_section(name: str, fields: list[Json], reading: _Reading) -> Iterator[Section]:
    """The fields of a section, then each of its line tables under its own heading."""
    rows = tuple(reading.row(each["code"], each) for each in fields if each["kind"] != "lines")
    if rows:
        yield Section(name, rows)
    for table in fields:
        if table["kind"] == "lines":
            code = str(table["code"])
            columns = (each for each in columns_of(table) if each["kind"] not in LAYOUT)
            said = reading.lines(code)
            yield Section(
                label(read_label(table.get("label"), code)),
                tuple(reading.row(f"{code}.{each['code']}", each) for each in columns),
                code,
                bool(said.get("add")),
                bool(said.get("delete")),
            )
