"""The controls of the property panel, drawn from the JSON Schema of a kind's options."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from builder.designer.panel_words import choice_word, note_word, option_word
from runtime.screens.i18n import label

Json = Mapping[str, Any]

# Options that narrow what may be typed; they stand with 必填 and 唯一.
LIMITS: Final = frozenset(
    {
        "min", "max", "min_exclusive", "max_exclusive", "min_length", "max_length", "pattern",
        "pattern_message", "expression", "max_files", "max_side",
    }
)  # fmt: skip
# A text that may be longer than this gets a box of several lines.
LONG: Final = 500


@dataclass(frozen=True)
class Choice:
    """One value of a list, and what it is called; `kind` draws an icon before it."""

    value: Any
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Control:
    """One property: where it is kept, what it is called, how it is changed.

    `type` names the macro that draws it and the reading of the value in the browser.
    """

    name: str
    label: str
    type: str
    value: Any = None
    choices: tuple[Choice, ...] = ()
    help: str = ""
    placeholder: str = ""
    least: int | None = None
    most: int | None = None
    required: bool = False
    # What holds where nothing is said.
    default: Any = None
    # Choices of a second list: the columns a map takes from.
    others: tuple[Choice, ...] = ()

    @property
    def id(self) -> str:
        """The id of its box."""
        return "p-" + self.name.replace("/", "-").replace("_", "-")

    @property
    def find(self) -> str:
        """What the search of properties looks through."""
        return f"{self.label} {self.name} {self.help}".lower()


@dataclass(frozen=True)
class Group:
    """A titled group of controls."""

    code: str
    title: str
    controls: tuple[Control, ...]


def option_control(name: str, schema: Json, options: Json, *, required: bool = False) -> Control:
    """Return the control of one option of a kind, from its schema alone."""
    made = Control(
        name=f"options/{name}",
        label=option_word(schema, name),
        type="text",
        value=options.get(name),
        help=note_word(schema),
        required=required,
        default=schema.get("default"),
    )
    part: Json = schema.get("items", {}) if schema.get("type") == "array" else schema
    words = tuple(Choice(value, choice_word(part, value)) for value in part.get("enum", ()))
    if words and schema.get("type") != "array":
        return replace(made, type="choose", choices=words)
    if words:
        return replace(made, type="checks", choices=words, value=tuple(made.value or ()))
    return _typed(made, schema)


def option_controls(schema: Json, options: Json, without: frozenset[str]) -> Iterator[Control]:
    """Yield a control for each option of a kind, but for those that have an editor of their own."""
    required = frozenset(schema.get("required", ()))
    for name, part in schema.get("properties", {}).items():
        if name not in without and part.get("widget") != "hidden":
            yield option_control(name, part, options, required=name in required)


def is_limit(control: Control) -> bool:
    """Whether an option narrows what may be typed."""
    return control.name.removeprefix("options/") in LIMITS


def _typed(made: Control, schema: Json) -> Control:
    kind, widget = schema.get("type"), str(schema.get("widget", ""))
    if widget in ("label", "long_label"):
        return replace(made, type="label")
    if widget.endswith("_or_formula"):
        return replace(made, type="bound" if widget.startswith("decimal") else "text")
    if kind == "boolean":
        return replace(made, type="switch")
    if kind == "integer":
        return replace(made, type="int", least=schema.get("minimum"), most=schema.get("maximum"))
    if kind != "string":
        return replace(made, type="json")
    is_long = int(schema.get("maxLength", 0)) > LONG and widget != "expression"
    return replace(made, type="long" if is_long else "text")


def field_choice(field: Json, path: str | None = None) -> Choice:
    """A field as one of a list."""
    return Choice(path or field["code"], label(field.get("label")) or field["code"], field["kind"])
