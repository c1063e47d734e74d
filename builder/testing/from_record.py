"""A record that is there -> the values of a test, and the steps that make what it refers to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runtime import query
from runtime.compile import Form
from runtime.compile.field import Field
from runtime.infra.act import Act
from runtime.infra.strict_json import Json
from runtime.kinds.families import DEPARTMENTS, FILES, PEOPLE
from runtime.query import Record
from runtime.query.shapes import value_json

# What stays behind: people and departments are others in a test, files are not part of one.
LEFT_OUT: Final = FILES | PEOPLE | DEPARTMENTS
_MOST: Final = 200


def is_given(item: Field) -> bool:
    """Whether a person fills a field, so that a test does too."""
    return item.column is not None and not item.is_computed and item.kind.kind not in FILES


@dataclass
class Preparing:
    """Master data a record refers to, written down as the steps that make it."""

    act: Act
    steps: list[dict[str, Any]] = field(default_factory=list)
    names: dict[tuple[str, int], str] = field(default_factory=dict)

    def values(self, record: Record, *, with_data: bool) -> dict[str, Json]:
        """What was filled into a record, references as `@name` or by what people call them."""
        found = dict(self._given(record, record.form.fields, record.values, with_data=with_data))
        for table in record.form.lines:
            rows: list[Json] = [
                dict(
                    self._given(record, table.fields, line.values, table.code, with_data=with_data)
                )
                for line in record.lines.get(table.code, ())
            ]
            if rows:
                found[table.code] = rows
        return found

    def _given(
        self,
        record: Record,
        fields: tuple[Field, ...],
        values: Mapping[str, Any],
        lines: str | None = None,
        *,
        with_data: bool,
    ) -> Iterator[tuple[str, Json]]:
        for item in fields:
            value = values.get(item.code)
            if value in (None, "", ()) or not is_given(item) or item.kind.kind in LEFT_OUT:
                continue
            if item.target is None:
                yield item.code, value_json(value)
                continue
            target = record.form.target(item)
            title = record.labels.get((lines, item.code), {}).get(value, f"#{value}")
            name = self._name(target, value) if with_data and not target.is_document else None
            yield item.code, title if name is None else f"@{name}"

    def _name(self, form: Form, key: int) -> str | None:
        """The name of a record in the test; what it refers to itself is made before it."""
        place = (form.code, key)
        if place in self.names or len(self.names) >= _MOST:
            return self.names.get(place)
        record = query.record(self.act, form, key)
        if record is None:
            return None
        taken = set(self.names.values())
        name, number = record.title.replace("@", ""), 1
        while name in taken:
            number += 1
            name = f"{record.title.replace('@', '')} {number}"
        # Set down first: a record that leads back to itself is met only once.
        self.names[place] = name
        values = self.values(record, with_data=True)
        self.steps.append({"do": "create", "form": form.code, "as": name, "values": values})
        return name
