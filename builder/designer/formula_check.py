"""What the server says of a formula that is being written: type, fields, every mistake."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from builder.designer.formula_words import kind_text, labelled, reference_text, type_text
from builder.formula_places import DEFAULT, FORMULA, ROWS, names_of
from builder.stored_formulas import references, stored_name
from runtime.compile import App, Field, Form
from runtime.compile.edges import formula_edges, label_of
from runtime.compile.graph import Graph, Node
from runtime.compile.row_rules import RowRuleError, parsed
from runtime.definitions import FieldDef, Label
from runtime.formula import Formula, FormulaError, FormulaProblem, parse
from runtime.formula.types import DATES, NUMERIC, is_list
from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.i18n import _, locale, said

LONGEST: Final = 5000
# What a field can keep, by its kind; what is not here keeps anything.
KEPT: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("number", "money", "quantity", "percent"), NUMERIC),
    "date": DATES,
    "datetime": frozenset({"datetime"}),
    "time": frozenset({"time"}),
    "boolean": frozenset({"boolean"}),
}


@dataclass(frozen=True)
class Draft:
    """A formula being written: its place, its text, and the field that will keep its value.

    `field` is empty while the field it belongs to is not there yet.
    """

    app: App
    form: Form
    lines: str | None
    field: str
    part: str
    text: str
    target: Field


@dataclass(frozen=True)
class Mistake:
    """Something wrong in a formula: where, in words, and what could stand there instead.

    A warning keeps nobody from saving.
    """

    span: tuple[int, int]
    text: str
    is_warning: bool = False
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A formula that was read: the compiled one, or None, and every mistake."""

    formula: Formula | None
    mistakes: tuple[Mistake, ...]

    @property
    def is_fine(self) -> bool:
        """Whether it may be saved."""
        return self.formula is not None and all(each.is_warning for each in self.mistakes)


def new_target(form: Form, code: str, result: str, places: int | None) -> Field:
    """Return a field that keeps the result of a formula which has no field yet."""
    kind = FIELD_TYPES[result]
    options: dict[str, Any] = {"zone": form.zone} if result == "datetime" else {}
    if places is not None:
        options["places"] = places
    definition = FieldDef(code=code, kind=result, label=Label(code), options=options)
    return Field(definition=definition, kind=kind, stored=kind, stored_as=definition)


def check(draft: Draft) -> Checked:
    """Read a formula."""
    if len(draft.text) > LONGEST:
        text = said("formula_too_long", {"limit": LONGEST})
        return Checked(None, (Mistake((0, len(draft.text)), text),))
    try:
        if draft.part == ROWS:
            return Checked(parsed(draft.form, draft.text), ())
        formula = parse(draft.text, names_of(draft.form, draft.lines))
    except FormulaError as error:
        return Checked(None, tuple(_mistake(problem) for problem in error.problems))
    except RowRuleError as error:
        text = said(error.problem.code, error.problem.params)
        return Checked(None, (Mistake((0, len(draft.text)), text),))
    return Checked(formula, tuple(_doubts(draft, formula)))


def as_json(draft: Draft, checked: Checked) -> dict[str, Any]:
    """Return what the editor's script reads."""
    formula = checked.formula
    found: dict[str, Any] = {
        "fine": checked.is_fine,
        "problems": [
            {"span": each.span, "text": each.text, "warning": each.is_warning, "fixes": each.fixes}
            for each in checked.mistakes
        ],
    }
    if formula is None:
        return found
    notes = [_("结果随时间变，保存时算一次")] if formula.volatile else []
    return {
        **found,
        "type": formula.type,
        "typeText": type_text(formula.type),
        "stored": formula.stored,
        "labelled": labelled(draft.form, formula),
        "notes": notes,
        "reads": [
            {
                "span": each.span,
                "stored": stored_name(each),
                "label": reference_text(draft.form, each),
                "typeText": type_text(f"list of {each.type}" if each.many else each.type),
            }
            for each in references(formula)
        ],
    }


def _mistake(problem: FormulaProblem) -> Mistake:
    near = str(problem.params.get("near", ""))
    return Mistake(
        problem.span,
        said(problem.code, problem.params),
        fixes=tuple(dict.fromkeys(filter(None, near.split(", ")))),
    )


def _doubts(draft: Draft, formula: Formula) -> Iterator[Mistake]:
    whole = (0, len(formula.text))
    path = _cycle(draft, formula)
    if len(path) > 1:
        yield Mistake(whole, said("formula_cycle", {"path": " → ".join(path)}))
    kind = draft.target.stored.kind
    if is_list(formula.type):
        text = _("结果是一列值，要用 SUM、TEXTJOIN 这样的函数合成一个")
        yield Mistake(whole, text, is_warning=True)
    elif formula.type != "any" and formula.type not in KEPT.get(kind, {formula.type}):
        params = {"found": type_text(formula.type), "kept": kind_text(kind)}
        text = _("结果是%(found)s，这个字段保存%(kept)s，会是空的", **params)
        yield Mistake(whole, text, is_warning=True)
    if draft.part == DEFAULT and formula.references:
        text = _("默认值在新建时计算，那时别的字段还是空的")
        yield Mistake(whole, text, is_warning=True)


def _cycle(draft: Draft, formula: Formula) -> Sequence[str]:
    """The way from the field back to itself, in names; empty when there is none."""
    if not draft.field or draft.part != FORMULA:
        return ()
    node = Node(draft.form.code, draft.lines, draft.field)
    wanted = {edge.reads for edge in formula_edges(node, formula)}
    path = _way(draft.form.siblings.graph, node, wanted)
    forms = draft.form.siblings
    return [label_of(forms, each, locale()) for each in (node, *path)]


def _way(graph: Graph, start: Node, wanted: Collection[Node]) -> tuple[Node, ...]:
    """From one of what is wanted to the start, each read by the one before; shortest first."""
    waiting: deque[tuple[Node, ...]] = deque([(start,)])
    seen = {start}
    while waiting:
        path = waiting.popleft()
        if path[0] in wanted:
            return path
        for edge in graph.readers.get(path[0], ()):
            if edge.node not in seen:
                seen.add(edge.node)
                waiting.append((edge.node, *path))
    return ()
