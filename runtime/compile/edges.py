"""The edges of an app's graph, read off its compiled forms."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, TypeGuard

from runtime.compile.field import Field
from runtime.compile.figures import Aggregate, Feed, Path, Share
from runtime.compile.graph import Cycle, Edge, Graph, How, Narrow, Node, Place, graph
from runtime.compile.model import Form, Rule
from runtime.formula import Formula
from runtime.formula.tree import Call, Literal, Reference, walk
from runtime.infra.errors import Problem

Forms = Mapping[str, Form]
_COMPUTED: Final = frozenset({"formula", "lookup", "rollup"})


def app_graph(forms: Forms, index: Mapping[str, int]) -> tuple[Graph, list[Problem]]:
    """The graph of an app's forms; a cycle is a Problem that names its path in labels.

    `index` says where each form stands in the definition.
    """
    try:
        return graph(_edges(forms), _computed(forms)), []
    except Cycle as cycle:
        first = cycle.path[0]
        path = " → ".join(label_of(forms, node) for node in cycle.path)
        pointer = f"/forms/{index[first.form]}" if first.form in index else "/forms"
        return Graph(), [Problem(pointer, "formula_cycle", {"path": path})]


def label_of(forms: Forms, node: Node, locale: str = "zh") -> str:
    """What people call a field: the labels of its form, its line table and itself."""
    form = forms[node.form]
    parts = [form.label]
    if node.lines is not None:
        parts.append(form.lines_of(node.lines).label)
    field = field_of(form, node.place)
    if field is not None:
        parts.append(field.label)
    return ".".join(part.text(locale) for part in parts)


def field_of(form: Form, place: Place) -> Field | None:
    """The field that stands at a place of a form."""
    lines, code = place
    if lines is None:
        return form.by_code.get(code)
    table = next((table for table in form.lines if table.code == lines), None)
    return None if table is None else table.by_code.get(code)


def fields_of(form: Form) -> Iterator[tuple[str | None, Field]]:
    """Every field of a form that holds a value, with its line table."""
    for table in form.lines:
        yield from ((table.code, field) for field in table.fields)
    yield from ((None, field) for field in form.fields if not field.is_lines)


def formula_edges(
    node: Node, formula: Formula, *, form: str | None = None, how: How | None = None
) -> Iterator[Edge]:
    """The edges of a formula that stands at `node`.

    It reads the fields of the form `form` (the node's own) by the names of that form; `how` says
    how far those are where they are not of the same record.
    """
    own = form or node.form
    narrowed = narrowing(formula)
    for each in walk(formula.tree):
        if not isinstance(each, Reference):
            continue
        if each.form is None:
            yield Edge(Node(own, each.lines, each.code), node, how or "record")
        elif each.via is not None:
            through = (each.lines, each.via)
            yield Edge(Node(own, *through), node, how or "record")
            yield Edge(Node(each.form, None, each.code), node, how or "via", through)
        else:
            narrow = narrowed.get(each, ())
            yield Edge(Node(each.form, each.lines, each.code), node, how or "table", narrow=narrow)


def narrowing(formula: Formula) -> Mapping[Reference, tuple[Narrow, ...]]:
    """By each column of another form, the equalities its rows have to satisfy to matter."""
    found: dict[Reference, tuple[Narrow, ...]] = {}
    for call in walk(formula.tree):
        if isinstance(call, Call):
            narrow = tuple(_narrows(call))
            found |= {each: narrow for each in call.arguments if _is_column(each)}
    return found


def _narrows(call: Call) -> Iterator[Narrow]:
    """The equalities between a column and a field of the one who reads."""
    tables = {(each.form, each.lines) for each in call.arguments if _is_column(each)}
    if len(tables) != 1 or not _is_exact(call):
        return
    for array, criterion in _pairs(call):
        column, wanted = call.arguments[array], call.arguments[criterion]
        if not _is_column(column) or not isinstance(wanted, Reference):
            continue
        if wanted.form is None and not wanted.many:
            yield Narrow(column.code, (wanted.lines, wanted.code))


def _pairs(call: Call) -> Iterator[tuple[int, int]]:
    """Places of (array, criterion) in a call, the last pair repeated as often as there is room."""
    given, last = call.function.narrows, len(call.arguments) - 1
    yield from (pair for pair in given if max(pair) <= last)
    step = sum(parameter.repeated for parameter in call.function.parameters)
    array, criterion = given[-1] if given else (last, last)
    while step and max(array, criterion) + step <= last:
        array, criterion = array + step, criterion + step
        yield array, criterion


def _is_exact(call: Call) -> bool:
    """Whether a function that can also look for what is near looks for what is equal."""
    place = call.function.exact_at
    if place is None or place >= len(call.arguments):
        return True
    argument = call.arguments[place]
    return isinstance(argument, Literal) and not argument.value


def _is_column(node: object) -> TypeGuard[Reference]:
    return isinstance(node, Reference) and node.form is not None and node.via is None


def _computed(forms: Forms) -> Iterator[Node]:
    for form in forms.values():
        for lines, field in fields_of(form):
            if form.aggregate is not None or field.kind.kind in _COMPUTED:
                yield Node(form.code, lines, field.code)


def _edges(forms: Forms) -> Iterator[Edge]:
    for form in forms.values():
        if form.aggregate is not None:
            yield from _aggregate_edges(form, form.aggregate)
            continue
        for lines, field in fields_of(form):
            yield from _field_edges(form, Node(form.code, lines, field.code), field)
        for place, check in enumerate(form.checks):
            # Not a field, but whoever changes one of those it reads wants to know of it.
            node = Node(form.code, check.lines, f"checks/{place}")
            yield from formula_edges(node, check.formula, how="check")
        for rule in form.rules:
            yield from _rule_edges(form, rule)


def _rule_edges(form: Form, rule: Rule) -> Iterator[Edge]:
    """What a rule asks, and what it decides on: removing either takes something from it."""
    node = Node(form.code, rule.lines, f"rules/{rule.code}")
    yield from formula_edges(node, rule.when, how="rule")
    for code in rule.fields:
        yield Edge(Node(form.code, rule.lines, code), node, "rule")


def _field_edges(form: Form, node: Node, field: Field) -> Iterator[Edge]:
    if field.formula is not None:
        yield from formula_edges(node, field.formula)
    if field.default is not None:
        yield from formula_edges(node, field.default, how="default")
    for limit in field.limits.values():
        yield from formula_edges(node, limit, how="check")
    if field.kind.kind == "lookup":
        yield from _lookup_edges(form, node, field)
    if field.kind.kind == "reference":
        yield from _fill_edges(node, field)
    if field.code in form.rollups and node.lines is None:
        yield from _rollup_edges(form, node)


def _lookup_edges(form: Form, node: Node, field: Field) -> Iterator[Edge]:
    name = str(field.options["reference"])
    lines = node.lines
    if lines is not None and field_of(form, (lines, name)) is None:
        lines = None
    reference = field_of(form, (lines, name))
    if reference is None or reference.target is None:
        return
    how: How = "live" if field.is_live else "lookup"
    yield Edge(Node(form.code, lines, name), node, "record")
    looked = Node(reference.target, None, str(field.options["field"]))
    yield Edge(looked, node, how, (lines, name))


def _fill_edges(node: Node, field: Field) -> Iterator[Edge]:
    for code, source in field.options.get("fill", {}).items():
        filled = Node(node.form, node.lines, code)
        yield Edge(Node(str(field.options["form"]), None, source), filled, "fill", node.place)


def _rollup_edges(form: Form, node: Node) -> Iterator[Edge]:
    made = form.rollups[node.field]
    child = made.rows.form
    paths = chain([made.reference], [made.measured] if made.measured else ())
    for path in paths:
        yield Edge(Node(child, path.lines, path.code), node, "rollup")
    if made.rows.where is not None:
        yield from formula_edges(node, made.rows.where, form=child, how="rollup")


def _aggregate_edges(form: Form, made: Aggregate) -> Iterator[Edge]:
    codes = [field.code for field in form.fields]
    for feed in made.feeds:
        for code in codes:
            yield from _group_edges(Node(form.code, None, code), feed)
        for share in feed.shares:
            yield from _share_edges(feed, share, Node(form.code, None, share.measure))
    for measure in made.measures:
        if measure.formula is not None:
            yield from formula_edges(Node(form.code, None, measure.code), measure.formula)


def _group_edges(node: Node, feed: Feed) -> Iterator[Edge]:
    """To which group a row belongs, and whether to any, matters for every figure."""
    for path in feed.dimensions:
        yield _fed(feed, path, node)
    if feed.rows.where is not None:
        yield from formula_edges(node, feed.rows.where, form=feed.rows.form, how="aggregate")


def _share_edges(feed: Feed, share: Share, node: Node) -> Iterator[Edge]:
    if share.direct is not None:
        yield _fed(feed, share.direct, node)
    elif share.formula is not None:
        yield from formula_edges(node, share.formula, form=feed.rows.form, how="aggregate")


def _fed(feed: Feed, path: Path, node: Node) -> Edge:
    return Edge(Node(feed.rows.form, path.lines, path.code), node, "aggregate")
