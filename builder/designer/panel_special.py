"""The options that name other things of the app: chosen from what is there, not typed as codes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from builder.designer.kind_words import kind_name
from builder.designer.panel_controls import Choice, Control, field_choice
from builder.designer.panel_spot import (
    Spot,
    columns_of,
    every_field,
    form_at,
    path_of,
    peers,
)
from builder.designer.panel_words import note_word, option_schema, option_word
from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.i18n import label

Json = Mapping[str, Any]
# What is no value that could be shown beside another.
UNTOLD: Final = frozenset(
    {"lines", "attachment", "image", "signature", "note", "divider", "button"}
)
FIGURES: Final = frozenset({"number", "money", "quantity", "percent", "formula", "rollup"})


def _reference(source: Json, spot: Spot) -> Iterator[Control]:
    target = form_at(source, str(spot.options.get("form", "")))
    forms = tuple(Choice(form["code"], label(form["label"])) for form in source.get("forms", ()))
    yield _control(spot, "form", "choose", choices=forms, required=True)
    if target is not None:
        told = _told(target)
        yield _control(spot, "columns", "pick", choices=told)
        yield _control(spot, "fill", "map", choices=_own(spot), others=told)


def _lookup(source: Json, spot: Spot) -> Iterator[Control]:
    references = tuple(field_choice(each) for each in _near(spot) if each["kind"] == "reference")
    yield _control(spot, "reference", "choose", choices=references, required=True)
    through = next((e for e in _near(spot) if e["code"] == spot.options.get("reference")), None)
    target = through and form_at(source, str(through.get("options", {}).get("form", "")))
    told = tuple(each for each in _told(target) if each.kind != "lookup") if target else ()
    yield _control(spot, "field", "choose", choices=told, required=True)


def _rollup(source: Json, spot: Spot) -> Iterator[Control]:
    here = spot.form["code"]
    pointing = [form for form in source.get("forms", ()) if any(_pointers(form, here))]
    forms = tuple(Choice(form["code"], label(form["label"])) for form in pointing)
    yield _control(spot, "form", "choose", choices=forms, required=True)
    counted = form_at(source, str(spot.options.get("form", "")))
    if counted is None:
        return
    yield _control(
        spot, "reference", "choose", choices=tuple(_pointers(counted, here)), required=True
    )
    taken = tuple(
        _pathed(lines, field)
        for lines, field in every_field(counted)
        if field["kind"] in FIGURES or field["kind"] in ("date", "datetime")
    )
    if spot.options.get("measure") != "count":
        yield _control(spot, "field", "choose", choices=taken)
    yield _control(spot, "where", "formula")


def _lines(_source: Json, spot: Spot) -> Iterator[Control]:
    columns = columns_of(spot.item)
    own = tuple(field_choice(each) for each in columns if each["kind"] not in UNTOLD)
    yield _control(spot, "stops", "pick", choices=own)
    references = tuple(
        Choice(each["code"], label(each["label"]), each["kind"])
        for each in columns
        if each["kind"] == "reference"
    )
    header = tuple(
        field_choice(each) for each in spot.form["fields"] if each["kind"] == "reference"
    )
    if references:
        yield _control(spot, "stock", "stock", choices=references, others=(*header, *references))


def _choice(source: Json, spot: Spot) -> Iterator[Control]:
    sets = tuple(
        Choice(each["code"], label(each.get("label")) or each["code"])
        for each in source.get("option_sets", ())
    )
    if sets:
        yield _control(spot, "set", "choose", choices=sets)
    if not spot.options.get("set"):
        yield _control(spot, "options", "options", required=True)


def _formula(_source: Json, spot: Spot) -> Iterator[Control]:
    yield _control(spot, "formula", "formula", required=True)


def named_option(source: Json, spot: Spot, name: str, schema: Json) -> Control | None:
    """An option that names something of the app, as its schema says it (`widget`)."""
    widget = schema.get("widget")
    required = name in FIELD_TYPES[spot.kind].options.get("required", ())
    if widget == "formula":
        return _control(spot, name, "formula", required=required)
    if widget in ("target_fields", "columns"):
        return _control(spot, name, "pick", choices=_target_fields(source, spot))
    if widget == "fill":
        told = _target_fields(source, spot)
        return _control(spot, name, "map", choices=_own(spot), others=told)
    choices = _named(source, spot, str(widget))
    if choices is None:
        return None
    return _control(spot, name, "choose", choices=choices, required=required)


def _named(source: Json, spot: Spot, widget: str) -> tuple[Choice, ...] | None:
    near = [each for each in _near(spot) if each["code"] != spot.code]
    found: dict[str, Callable[[], Iterable[Choice]]] = {
        "form": lambda: (Choice(f["code"], label(f["label"])) for f in source.get("forms", ())),
        "field": lambda: (field_choice(each) for each in near if each["kind"] not in UNTOLD),
        "amount_field": lambda: (field_choice(each) for each in near if each["kind"] in FIGURES),
        "reference": lambda: (field_choice(each) for each in near if each["kind"] == "reference"),
        "target_field": lambda: _target_fields(source, spot),
        "option_set": lambda: (
            Choice(each["code"], label(each.get("label")) or each["code"])
            for each in source.get("option_sets", ())
        ),
    }
    return tuple(found[widget]()) if widget in found else None


def _target_fields(source: Json, spot: Spot) -> tuple[Choice, ...]:
    target = form_at(source, str(spot.options.get("form", "")))
    return _told(target) if target else ()


Editor = Callable[[Json, Spot], Iterator[Control]]
# The editors of a kind, and the options they take care of.
SPECIAL: Final[Mapping[str, tuple[Editor, frozenset[str]]]] = {
    "reference": (_reference, frozenset({"form", "columns", "fill"})),
    "lookup": (_lookup, frozenset({"reference", "field"})),
    "rollup": (_rollup, frozenset({"form", "reference", "field", "where"})),
    "lines": (_lines, frozenset({"fields", "stops", "stock"})),
    "choice": (_choice, frozenset({"set", "options"})),
    "multi_choice": (_choice, frozenset({"set", "options"})),
    "formula": (_formula, frozenset({"formula"})),
    # 默认为当前用户 stands with the other defaults.
    "user": (lambda _source, _spot: iter(()), frozenset({"current"})),
    "department": (lambda _source, _spot: iter(()), frozenset({"current"})),
}


def linked_defaults(source: Json, spot: Spot) -> Iterator[Choice]:
    """Yield the columns that could fill a field when a reference beside it is chosen.

    The value names both: `item/price_purchase`.
    """
    for reference in peers(spot):
        if reference["kind"] != "reference" or reference["code"] == spot.code:
            continue
        target = form_at(source, str(reference.get("options", {}).get("form", "")))
        for column in target["fields"] if target else ():
            if column["kind"] not in UNTOLD:
                names = (label(reference["label"]), label(column["label"]))
                value = f"{reference['code']}/{column['code']}"
                yield Choice(value, ".".join(names), column["kind"])


def fills_of(spot: Spot) -> dict[str, Json]:
    """What each reference beside a field fills in, by the code of the reference."""
    found = ((each["code"], each.get("options", {}).get("fill", {})) for each in peers(spot))
    return {code: fill for code, fill in found if isinstance(fill, Mapping) and fill}


def linked_from(spot: Spot) -> str:
    """The column that fills a field at present: `item/price_purchase`, or nothing."""
    for reference in peers(spot):
        fill = reference.get("options", {}).get("fill", {})
        if reference["kind"] == "reference" and isinstance(fill, Mapping) and spot.code in fill:
            return f"{reference['code']}/{fill[spot.code]}"
    return ""


def _control(
    spot: Spot,
    name: str,
    kind: str,
    *,
    choices: tuple[Choice, ...] = (),
    others: tuple[Choice, ...] = (),
    required: bool = False,
) -> Control:
    schema = option_schema(spot.kind, name)
    return Control(
        name=f"options/{name}",
        label=option_word(schema, name),
        type=kind,
        value=spot.options.get(name),
        choices=choices,
        others=others,
        required=required,
        help=note_word(schema),
    )


def _told(form: Json) -> tuple[Choice, ...]:
    return tuple(field_choice(each) for each in form["fields"] if each["kind"] not in UNTOLD)


def _own(spot: Spot) -> tuple[Choice, ...]:
    return tuple(
        field_choice(each)
        for each in peers(spot)
        if each["kind"] not in UNTOLD and each["code"] != spot.code
    )


def _near(spot: Spot) -> list[Json]:
    """The fields of the same place, then those of the header."""
    header = spot.form["fields"] if spot.lines else ()
    return [*peers(spot), *header]


def _pointers(form: Json, target: str) -> Iterator[Choice]:
    """The references of a form that point to another."""
    for lines, field in every_field(form):
        if field["kind"] == "reference" and field.get("options", {}).get("form") == target:
            yield _pathed(lines, field)


def _pathed(lines: Json | None, field: Json) -> Choice:
    name = label(field["label"])
    text = f"{label(lines['label'])}.{name}" if lines else name
    return Choice(path_of(lines, field), text or kind_name(field["kind"]), field["kind"])
