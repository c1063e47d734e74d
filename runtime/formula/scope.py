"""Which names a formula may use: fields, line tables and functions."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

TYPES: Final = (
    "number",
    "money",
    "percent",
    "text",
    "date",
    "datetime",
    "time",
    "boolean",
    "choice",
    "reference",
)


@dataclass(frozen=True)
class FieldName:
    """A field as formulas know it: the id that is stored, the code and the labels one types.

    `form` is the form whose records a reference points to.
    """

    id: str
    code: str
    labels: str | tuple[str, ...]
    type: str
    form: str | None = None

    def __post_init__(self) -> None:
        assert self.type.removeprefix("list of ") in (*TYPES, "any"), f"no type {self.type!r}"

    @property
    def names(self) -> tuple[str, ...]:
        """Its labels in all languages."""
        return (self.labels,) if isinstance(self.labels, str) else self.labels


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function; `type` says how its argument is read (see binding.py)."""

    name: str
    type: str
    optional: bool = False
    repeated: bool = False


class Callee(Protocol):
    """What the language needs of a function; kinds.function.Function is one."""

    @property
    def name(self) -> str:
        """Its main name, in capitals."""
        ...

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes."""
        ...

    @property
    def result(self) -> Callable[[Sequence[str]], str]:
        """The type of its result from the types of its arguments."""
        ...

    @property
    def call(self) -> Callable[..., Any]:
        """What computes it."""
        ...

    @property
    def volatile(self) -> bool:
        """Whether the result changes with the clock; `call` then takes the moment first."""
        ...

    @property
    def zoned(self) -> bool:
        """Whether the result depends on the zone of the app; `call` then takes the zone first."""
        ...

    @property
    def server_only(self) -> bool:
        """Whether the browser leaves it to the server."""
        ...

    @property
    def family(self) -> str:
        """The module of the browser that has it."""
        ...

    @property
    def narrows(self) -> tuple[tuple[int, int], ...]:
        """Places of (array, criterion): rows that do not match do not matter for the result.

        The last pair repeats for as many arguments as there are.
        """
        ...

    @property
    def exact_at(self) -> int | None:
        """The argument that must be left out, 0 or FALSE for `narrows` to hold."""
        ...


class Tables(Protocol):
    """Where the columns of other forms come from."""

    def columns(
        self, form: str, lines: str | None, codes: Sequence[str], equal: Mapping[str, Any]
    ) -> Mapping[str, Sequence[Any]]:
        """Columns, equally long, of the rows that count, in their order.

        `equal` (code to plain value) may narrow them: too many rows may come, never too few.
        """
        ...


@dataclass(frozen=True)
class FormNames:
    """Another form as formulas know it: what it is called, its fields and line tables."""

    code: str
    labels: tuple[str, ...]
    fields: Mapping[str, FieldName]
    lines: Mapping[str, Mapping[str, FieldName]] = field(default_factory=dict)
    line_names: Mapping[str, FieldName] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """The names available; with `row` a bare code means a column of that line table first."""

    fields: Mapping[str, FieldName]
    lines: Mapping[str, Mapping[str, FieldName]] = field(default_factory=dict)
    functions: Mapping[str, Callee] = field(default_factory=dict)
    row: str | None = None
    line_names: Mapping[str, FieldName] = field(default_factory=dict)
    forms: Mapping[str, FormNames] = field(default_factory=dict)

    def tables(self) -> Iterator[tuple[str | None, Mapping[str, FieldName]]]:
        """The tables a name without a dot is looked up in, nearest first."""
        if self.row is not None:
            yield self.row, self.lines[self.row]
        yield None, self.fields

    def line_table(self, name: str) -> str | None:
        """The code of the line table that is called `name` by id, code or label."""
        return line_table(self.lines, self.line_names, name)

    def form(self, name: str) -> FormNames | None:
        """The form that is called `name` by code or label."""
        if name in self.forms:
            return self.forms[name]
        found = [each for each in self.forms.values() if name in each.labels]
        if len(found) > 1:
            raise AmbiguousLabelError(name)
        return found[0] if found else None

    def suggestions(self, name: str, candidates: Sequence[str] = ()) -> str:
        """The known names most like `name`, for the message."""
        known = list(candidates)
        if not known:
            for _, table in self.tables():
                for each in table.values():
                    known += [each.code, *each.names]
        folded = {each.lower(): each for each in known}
        near = difflib.get_close_matches(name.lower()[:64], folded, n=3, cutoff=0.5)
        return ", ".join(folded[each] for each in near)


class AmbiguousLabelError(LookupError):
    """Two fields carry the label."""


def line_table(lines: Mapping[str, Any], names: Mapping[str, FieldName], name: str) -> str | None:
    """The code of the line table of a form that is called `name` by id, code or label."""
    if name in lines:
        return name
    for code, known in names.items():
        if name == known.id or name in known.names:
            return code
    return None


def find(table: Mapping[str, FieldName], name: str) -> FieldName | None:
    """The field of `table` called `name`: by code, else by id, else by its only label."""
    if name in table:
        return table[name]
    by_id = [each for each in table.values() if each.id == name]
    found = by_id or [each for each in table.values() if name in each.names]
    if len(found) > 1:
        raise AmbiguousLabelError(name)
    return found[0] if found else None
