"""One wrong edit: a place in the JSON of an app, and what is put there instead."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

Steps = tuple[str | int, ...]
Source = Mapping[str, Any]
# Stands for "take it away".
GONE = object()


@dataclass(frozen=True)
class Edit:
    """What an operator does at one place of an app."""

    operator: str
    steps: Steps
    value: Any
    what: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return "".join(f"/{step}" for step in self.steps)

    def made(self, source: Source) -> dict[str, Any]:
        """The app's JSON with this edit; what lies beside the way to it is shared."""
        changed: dict[str, Any] = dict(source)
        holder: Any = changed
        for step in self.steps[:-1]:
            holder[step] = copy(holder[step])
            holder = holder[step]
        if self.value is GONE:
            del holder[self.steps[-1]]
        elif isinstance(holder, list) and self.steps[-1] == len(holder):
            holder.append(self.value)
        else:
            holder[self.steps[-1]] = self.value
        return changed


Operator = Callable[[Source], Iterator[Edit]]


@dataclass(frozen=True)
class Place:
    """A field of an app with the way to it and the fields it stands among."""

    steps: Steps
    field: Mapping[str, Any]
    form: Mapping[str, Any]
    lines: str
    siblings: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """What people call it: form and field."""
        path = f"{self.lines}.{self.field['code']}" if self.lines else self.field["code"]
        return f"{self.form['code']}.{path}"

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of its kind."""
        found: Mapping[str, Any] = self.field.get("options", {})
        return found


def fields(source: Source) -> Iterator[Place]:
    """Yield every field of every form, columns of line tables too."""
    for index, form in enumerate(source["forms"]):
        for place, field in enumerate(form["fields"]):
            steps: Steps = ("forms", index, "fields", place)
            yield Place(steps, field, form, "", form["fields"])
            columns = field.get("options", {}).get("fields", ())
            for number, column in enumerate(columns):
                inner = (*steps, "options", "fields", number)
                yield Place(inner, column, form, field["code"], columns)


def form_of(source: Source, code: str) -> Mapping[str, Any]:
    """The form with that code."""
    found: Mapping[str, Any] = next(form for form in source["forms"] if form["code"] == code)
    return found


def brief(value: Any) -> str:
    """A value in a report: on one line, not too long."""
    if value is GONE:
        return "(gone)"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def replaced(operator: str, steps: Steps, before: Any, after: Any, where: str) -> Edit:
    """An edit with words of its own: where, from what, to what."""
    return Edit(operator, steps, after, f"{where}: {brief(before)} -> {brief(after)}")
