"""What may be chosen in the settings of a step: people, roles, fields, forms, other steps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from builder.designer.flow.words import step_name
from builder.designer.panel_spot import COMPUTED, LAYOUT, columns_of
from builder.flow_places import every_step
from runtime.definitions.label import read_label
from runtime.infra.users import User
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
Pair = tuple[str, str]
MEMBERS: Final = frozenset({"user", "users", "department", "departments"})
# What a flow drawn here may begin with.
OFFERED: Final = (
    "submit", "create", "change", "delete", "schedule", "date", "webhook", "button", "call",
)  # fmt: skip
_MOMENTS: Final = frozenset({"date", "datetime"})


@dataclass(frozen=True)
class Choices:
    """Codes with their names, for each thing a step may name."""

    people: tuple[Pair, ...]
    roles: tuple[Pair, ...]
    departments: tuple[Pair, ...]
    members: tuple[Pair, ...]
    fields: tuple[Pair, ...]
    dates: tuple[Pair, ...]
    lines: tuple[Pair, ...]
    forms: tuple[Pair, ...]
    conversions: tuple[Pair, ...]
    subflows: tuple[Pair, ...]
    steps: tuple[Pair, ...]
    records: tuple[Pair, ...]
    by_form: Mapping[str, tuple[Pair, ...]]
    triggers: Mapping[str, Json]


def choices_of(
    source: Json, form: Json, flow: Json, people: Sequence[User], departments: Sequence[str]
) -> Choices:
    """Put together what the steps of a flow may name."""
    forms = source["forms"]
    steps = tuple(every_step(flow))
    return Choices(
        people=tuple((p.name, p.display_name or p.name) for p in people if not p.is_disabled),
        roles=_named(source.get("roles", ())),
        departments=tuple((each, each) for each in departments),
        members=tuple(_members(source, form)),
        fields=tuple(_settable(form)),
        dates=tuple(_pair(f) for f in form["fields"] if f["kind"] in _MOMENTS),
        lines=tuple(_pair(f) for f in form["fields"] if f["kind"] == "lines"),
        forms=_named(forms),
        conversions=_named(
            each for each in source.get("conversions", ()) if each.get("from") == form["code"]
        ),
        subflows=_named(
            each
            for each in source.get("workflows", ())
            if each["form"] == form["code"] and each.get("trigger", {}).get("on") == "call"
        ),
        steps=tuple((each["id"], step_name(each)) for each in steps if "who" in each),
        records=(
            ("document", _("本单")),
            *((each["id"], step_name(each)) for each in steps if _makes(each)),
        ),
        by_form={each["code"]: tuple(_settable(each)) for each in forms},
        triggers=triggers(form),
    )


def triggers(form: Json) -> dict[str, Json]:
    """What may begin a flow: of what the format knows, that which is carried out."""
    first = next((str(f["code"]) for f in form["fields"] if f["kind"] in _MOMENTS), None)
    fields = tuple(_settable(form))
    known: dict[str, Json] = {
        "schedule": {"on": "schedule", "every": "day", "time": "09:00"},
        "date": {"on": "date", "offset": 0} | ({"field": first} if first else {}),
        "button": {"on": "button", "label": _("执行")},
        "webhook": {"on": "webhook", "map": {code: f"/{code}" for code, _text in fields[:1]}},
    }
    lacks = {"date": first is None, "webhook": not fields}
    return {on: known.get(on, {"on": on}) for on in OFFERED if not lacks.get(on)}


def _makes(step: Json) -> bool:
    """Whether later steps may name what a step found or made."""
    return step["type"] in {"find", "create", "convert"}


def _named(members: Any) -> tuple[Pair, ...]:
    return tuple(_pair(each) for each in members)


def _pair(each: Json) -> Pair:
    return str(each["code"]), label(read_label(each.get("label"), str(each["code"])))


def _settable(form: Json) -> Iterator[Pair]:
    """The fields of the header something may be written into."""
    for field in form["fields"]:
        if field["kind"] not in COMPUTED | LAYOUT | {"lines"}:
            yield _pair(field)


def _members(source: Json, form: Json) -> Iterator[Pair]:
    """Fields that name people: of the form, and of what its references lead to."""
    forms = {each["code"]: each for each in source["forms"]}
    for field in form["fields"]:
        if field["kind"] in MEMBERS:
            yield _pair(field)
        target = forms.get(field.get("options", {}).get("form", ""))
        if field["kind"] == "reference" and target is not None:
            for inner in target["fields"]:
                if inner["kind"] in MEMBERS:
                    code, text = _pair(inner)
                    yield f"{field['code']}.{code}", f"{label(field['label'])}.{text}"


def columns(form: Json, lines: str) -> tuple[Pair, ...]:
    """The columns of a line table."""
    table = next((each for each in form["fields"] if each["code"] == lines), None)
    return _named(columns_of(table)) if table else ()
