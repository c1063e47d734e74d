"""A copy of a draft's app to change: only what an operation touches is copied, the rest is shared.

What was handed in is never changed, so an operation that is refused half-way changed nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NoReturn

from builder.drafts.model import Draft, Removed, Undecided
from runtime.definitions.label import read_label
from runtime.definitions.loader import SCHEMAS
from runtime.infra import strict_json
from runtime.infra.errors import Problem, ValidationFailed

Object = dict[str, Any]
# Parts whose schema stands inside another one.
_INNER: Final = {"section": ("form", "sections"), "grant": ("role", "grants")}
PARTS: Final = (
    "aggregates", "conversions", "printouts", "workflows", "roles", "menus", "option_sets", "tests",
)  # fmt: skip
# Values that say nothing: a property that has one of them is left out.
PLAIN: Final[Mapping[str, Any]] = {
    "required": False,
    "unique": False,
    "readonly": False,
    "index": False,
    "phone": "show",
}


class Refusal(ValidationFailed):
    """An operation that cannot be carried out; nothing changed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__("draft_op_refused", problems=[problem])


def refuse(pointer: str, problem: str, **params: Any) -> NoReturn:
    """Say why an operation cannot be carried out, pointing into it."""
    raise Refusal(Problem(pointer, problem, params))


@dataclass(frozen=True)
class Surroundings:
    """What an operation may ask beside the draft itself.

    `published` are the codes a form (and line table) ever had a column of, so that a new field
    never finds another one's data; `bound` says what an app would take from the books.
    """

    by: str = ""
    at: str = ""
    version: int = 0
    published: Callable[[str, str | None], frozenset[str]] = lambda _form, _lines: frozenset()
    tables: Callable[[], frozenset[str]] = frozenset
    bound: Callable[[Mapping[str, Any]], tuple[Problem, ...]] = lambda _source: ()


@dataclass
class Working:
    """The app as operations change it, one after the other."""

    source: Object
    removed: list[Removed]
    undecided: list[Undecided]
    here: Surroundings = field(default_factory=Surroundings)
    # What was copied already, by identity; kept, so that no identity is given twice.
    _own: dict[int, Any] = field(default_factory=dict)

    def form(self, code: Any, pointer: str = "/form") -> Object:
        """A form to change. Refuses one that is not there."""
        forms = self.part("forms")
        index = next((i for i, form in enumerate(forms) if form["code"] == code), None)
        if index is None:
            refuse(pointer, "form_unknown", name=str(code))
        if id(forms[index]) not in self._own:
            forms[index] = deepcopy(dict(forms[index]))
            self._own[id(forms[index])] = forms[index]
        found: Object = forms[index]
        return found

    def part(self, name: str) -> list[Any]:
        """A list of the app (forms, roles, …) to change; forms themselves by `form` alone."""
        found = self.source.get(name)
        if found is None or id(found) not in self._own:
            copied = list(found or ()) if name == "forms" else deepcopy(list(found or ()))
            self._own[id(copied)] = copied
            place(self.source, name, copied, "app")
            return copied
        members: list[Any] = found
        return members

    def take_over(self, source: Mapping[str, Any]) -> None:
        """Go on with another JSON of the app; nothing of it is changed in place."""
        if source is not self.source:
            self.source = dict(source)
            self._own.clear()

    def fields(self, form: Any, lines: Any = None) -> list[Any]:
        """The fields of a form, or the columns of one of its line tables, to change."""
        holder = self.form(form)
        if lines is None:
            found: list[Any] = holder["fields"]
            return found
        table = next(
            (
                each
                for each in holder["fields"]
                if each["code"] == lines and each["kind"] == "lines"
            ),
            None,
        )
        if table is None:
            refuse("/lines", "field_unknown", name=str(lines))
        columns: list[Any] = table.setdefault("options", {}).setdefault("fields", [])
        return columns

    def field(self, op: Mapping[str, Any]) -> Object:
        """The field an operation is about, to change."""
        for each in self.fields(op["form"], op.get("lines")):
            if each["code"] == op["field"]:
                found: Object = each
                return found
        return refuse("/field", "field_unknown", name=str(op["field"]))


def opened(draft: Draft, here: Surroundings) -> Working:
    """A copy of a draft to change."""
    return Working(dict(draft.source), list(draft.removed), list(draft.undecided), here)


def place(holder: Object, name: str, value: Any, what: str) -> None:
    """Put a property where the schema has it among the others, so that order tells nothing."""
    if name in holder:
        holder[name] = value
        return
    order = _order(what)
    later = set(order[order.index(name) + 1 :]) if name in order else set()
    items = list(holder.items())
    at = next((i for i, (key, _) in enumerate(items) if key in later), len(items))
    items.insert(at, (name, value))
    holder.clear()
    holder.update(items)


def put(holder: Object, name: str, value: Any, what: str) -> None:
    """Set a property; null and what says nothing remove it."""
    if value is None or (name in PLAIN and value == PLAIN[name]):
        holder.pop(name, None)
    else:
        place(holder, name, value, what)


def id_of(field: Mapping[str, Any]) -> str:
    """The id of a field: its own, or else its code."""
    return str(field.get("id") or field["code"])


def label_of(holder: Mapping[str, Any]) -> Any:
    """What a thing is called, as its JSON says it."""
    return holder.get("label") or holder["code"]


def name_of(holder: Mapping[str, Any]) -> str:
    """What a thing is called in Chinese."""
    return read_label(holder.get("label"), holder["code"]).zh


def every_field(form: Mapping[str, Any]) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """The fields of a form with the line table they stand in, header and tables in order."""
    for each in form.get("fields", ()):
        yield None, each
        if each["kind"] == "lines":
            for column in each.get("options", {}).get("fields", ()):
                yield each["code"], column


@cache
def _order(what: str) -> tuple[str, ...]:
    part, member = _INNER.get(what, (what, ""))
    properties = strict_json.loads((SCHEMAS / f"{part}.schema.json").read_bytes())["properties"]
    return tuple(properties[member]["items"]["properties"] if member else properties)
