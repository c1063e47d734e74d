"""Wrong edits of fields: what is asked of a value, what it is computed from, what it starts as."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from build_tools.wrong_edits.edit import GONE, Edit, Operator, Source, fields, form_of, replaced
from builder.formula_places import formula_places
from runtime.compile.field import COMPUTED_KINDS

_FLIPS: Final = (
    ("*", "/"), ("+", "-"), ("-", "+"), ("SUM(", "MAX("), ("<=", ">"), (">=", "<"), ("<", ">"),
    (">", "<"), ("IF(", "IFERROR("), ("ISBLANK(", "NOT("),
)  # fmt: skip
_BOUNDS: Final = ("min", "max", "min_exclusive", "max_length", "min_length", "pattern")


def formula_flipped(source: Source) -> Iterator[Edit]:
    """An operator or function of a formula is its opposite or its neighbour."""
    for place in formula_places(source):
        for old, new in _FLIPS:
            if old in place.text[1:]:
                text = place.text[0] + place.text[1:].replace(old, new, 1)
                where = f"{place.form}.{place.path} {place.name}"
                yield replaced("formula_flipped", place.steps, place.text, text, where)


def rounding_changed(source: Source) -> Iterator[Edit]:
    """A formula rounds to another number of places."""
    for place in formula_places(source):
        for old, new in ((",2)", ",1)"), (",2)", ",3)"), (",0)", ",1)")):
            if old in place.text:
                text = place.text.replace(old, new, 1)
                where = f"{place.form}.{place.path} {place.name}"
                yield replaced("rounding_changed", place.steps, place.text, text, where)


def required_dropped(source: Source) -> Iterator[Edit]:
    """A field that must be filled need not be."""
    for place in fields(source):
        if place.field.get("required"):
            steps = (*place.steps, "required")
            yield Edit("required_dropped", steps, GONE, place.name)


def required_added(source: Source) -> Iterator[Edit]:
    """A field that may be empty may not."""
    for place in fields(source):
        # What the app fills in itself is never asked for.
        if not place.field.get("required") and place.field["kind"] not in COMPUTED_KINDS:
            steps = (*place.steps, "required")
            yield Edit("required_added", steps, value=True, what=place.name)


def unique_dropped(source: Source) -> Iterator[Edit]:
    """A value may stand in two records."""
    for place in fields(source):
        if place.field.get("unique"):
            yield Edit("unique_dropped", (*place.steps, "unique"), GONE, place.name)


def bound_dropped(source: Source) -> Iterator[Edit]:
    """A value may be longer, smaller or larger than it should."""
    for place in fields(source):
        for name in _BOUNDS:
            if name in place.options:
                steps = (*place.steps, "options", name)
                before = place.options[name]
                yield replaced("bound_dropped", steps, before, GONE, f"{place.name} {name}")


def bound_moved(source: Source) -> Iterator[Edit]:
    """A value that was allowed is not."""
    for place in fields(source):
        low, most = place.options.get("min"), place.options.get("max_length")
        if isinstance(low, str):
            steps, after = (*place.steps, "options", "min"), str(Decimal(low) + 1)
            yield replaced("bound_moved", steps, low, after, f"{place.name} min")
        if isinstance(most, int) and most > 1:
            steps = (*place.steps, "options", "max_length")
            yield replaced("bound_moved", steps, most, most - 1, f"{place.name} max_length")


def places_changed(source: Source) -> Iterator[Edit]:
    """A number has one place more, or one less."""
    for place in fields(source):
        places = place.options.get("places")
        for after in () if places is None else (places - 1, places + 1):
            if after >= 0:
                steps = (*place.steps, "options", "places")
                yield replaced("places_changed", steps, places, after, f"{place.name} places")


def reference_changed(source: Source) -> Iterator[Edit]:
    """A reference points to another form."""
    codes = [form["code"] for form in source["forms"] if form["type"] == "record"]
    for place in fields(source):
        if place.field["kind"] == "reference":
            before = place.options["form"]
            after = next(code for code in codes if code != before)
            steps = (*place.steps, "options", "form")
            yield replaced("reference_changed", steps, before, after, place.name)


def lookup_changed(source: Source) -> Iterator[Edit]:
    """A lookup copies another field."""
    for place in fields(source):
        if place.field["kind"] != "lookup":
            continue
        name = place.options["reference"]
        own = [each for each in place.siblings if each["code"] == name]
        if not own:
            continue
        target = form_of(source, own[0]["options"]["form"])
        before = place.options["field"]
        plain = [f["code"] for f in target["fields"] if f["kind"] == "text"]
        for after in [code for code in plain if code != before][:1]:
            steps = (*place.steps, "options", "field")
            yield replaced("lookup_changed", steps, before, after, place.name)


def fill_dropped(source: Source) -> Iterator[Edit]:
    """Choosing a record fills nothing in."""
    for place in fields(source):
        if "fill" in place.options:
            steps, before = (*place.steps, "options", "fill"), place.options["fill"]
            yield replaced("fill_dropped", steps, before, GONE, place.name)


def default_changed(source: Source) -> Iterator[Edit]:
    """A new record starts with something else, or with nothing."""
    for place in fields(source):
        if "default" in place.field:
            steps, before = (*place.steps, "default"), place.field["default"]
            yield replaced("default_changed", steps, before, GONE, place.name)
            if before == "=TODAY()":
                yield replaced("default_changed", steps, before, "=TODAY()-1", place.name)
        if place.options.get("current"):
            steps = (*place.steps, "options", "current")
            yield Edit("default_changed", steps, value=False, what=f"{place.name} current")


def option_dropped(source: Source) -> Iterator[Edit]:
    """Something can no longer be chosen, or means something else."""
    for place in fields(source):
        options = place.options.get("options", ())
        for index, option in enumerate(options):
            steps = (*place.steps, "options", "options", index)
            what = f"{place.name} {option['code']}"
            if len(options) > 1:
                yield replaced("option_dropped", steps, option["code"], GONE, what)
                other = options[(index + 1) % len(options)]
                after = [*options]
                after[index] = {**option, "label": other["label"]}
                after[(index + 1) % len(options)] = {**other, "label": option["label"]}
                whole = (*place.steps, "options", "options")
                yield Edit("option_dropped", whole, after, f"{what}: changes its words")


def rollup_changed(source: Source) -> Iterator[Edit]:
    """A figure over other records adds up something else."""
    for place in fields(source):
        if place.field["kind"] != "rollup":
            continue
        options, steps = place.options, (*place.steps, "options")
        other = {"sum": "max", "max": "min", "min": "max", "count": "max", "average": "sum"}
        measure = options["measure"]
        after = other.get(measure, "sum")
        yield replaced("rollup_changed", (*steps, "measure"), measure, after, place.name)
        if options.get("where"):
            yield replaced("rollup_changed", (*steps, "where"), options["where"], GONE, place.name)
        swapped = {"amount_total": "qty_total", "lines.qty": "lines.price"}.get(
            options.get("field", "")
        )
        if swapped:
            yield replaced(
                "rollup_changed", (*steps, "field"), options["field"], swapped, place.name
            )


def number_changed(source: Source) -> Iterator[Edit]:
    """Documents are numbered differently."""
    for place in fields(source):
        if place.field["kind"] != "document_number":
            continue
        options, steps = place.options, (*place.steps, "options")
        changes = {"prefix": "X-", "date": "YYYYMM", "width": 3, "reset": "month"}
        for name, after in changes.items():
            if name in options and options[name] != after:
                where = f"{place.name} {name}"
                yield replaced("number_changed", (*steps, name), options[name], after, where)


def kind_changed(source: Source) -> Iterator[Edit]:
    """A field is of a kind nearby."""
    others = {"quantity": "money", "text": "long_text", "date": "text", "boolean": "text"}
    for place in fields(source):
        after = others.get(place.field["kind"])
        if after is not None:
            steps, before = (*place.steps, "kind"), place.field["kind"]
            yield replaced("kind_changed", steps, before, after, place.name)


def result_changed(source: Source) -> Iterator[Edit]:
    """A computed value is kept as another kind of number."""
    others = {"money": "quantity", "quantity": "money", "number": "money", "date": "text"}
    for place in fields(source):
        before = place.options.get("result")
        if before in others and place.field["kind"] in ("formula", "rollup"):
            steps = (*place.steps, "options", "result")
            yield replaced("result_changed", steps, before, others[before], place.name)


def made_readonly(source: Source) -> Iterator[Edit]:
    """Nobody can fill a field any more."""
    for place in fields(source):
        if place.field["kind"] in ("text", "quantity", "money", "reference", "date"):
            steps = (*place.steps, "readonly")
            yield Edit("made_readonly", steps, value=True, what=place.name)


def field_dropped(source: Source) -> Iterator[Edit]:
    """A field is not there any more; its place on the screen goes with it."""
    for place in fields(source):
        if place.lines and place.field["kind"] != "lines":
            yield replaced("field_dropped", place.steps, place.field["code"], GONE, place.name)


OPERATORS: Final[tuple[Operator, ...]] = (
    formula_flipped, rounding_changed, required_dropped, required_added, unique_dropped,
    bound_dropped, bound_moved, places_changed, reference_changed, lookup_changed, fill_dropped,
    default_changed, option_dropped, rollup_changed, number_changed, kind_changed, result_changed,
    made_readonly, field_dropped,
)  # fmt: skip
