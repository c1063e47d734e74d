"""Conditions of rules and checks that come to the same whatever is filled in.

That forbids nothing: an author may be half-way through. It is worth a warning, because nobody
writes it on purpose.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from runtime.compile import App, Form
from runtime.compile.edges import field_of
from runtime.formula import CellError, Formula, evaluate
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, walk
from runtime.infra.errors import Problem

# TRUE and FALSE whatever is in the fields; None where that is not known.
Known = bool | None
_SAME: Final = {"=": True, ">=": True, "<=": True, "<>": False, ">": False, "<": False}


def constant_conditions(app: App) -> Iterator[Problem]:
    """Yield rules and checks whose condition is TRUE or FALSE whatever is filled in."""
    forms = (form for form in app.forms.values() if form.aggregate is None)
    for index, form in enumerate(forms):
        for place, rule in enumerate(form.rules):
            known = _folded(rule.when, form)
            if known is not None:
                code = "rule_always_holds" if known else "rule_never_holds"
                yield Problem(f"/forms/{index}/rules/{place}/when", code)
        for place, check in enumerate(form.checks):
            known = _folded(check.formula, form)
            if known is not None:
                code = "check_never_refuses" if known else "check_always_refuses"
                yield Problem(f"/forms/{index}/checks/{place}/formula", code)


def _folded(formula: Formula, form: Form) -> Known:
    return _Folding(formula, form).of(formula.tree)


class _Folding:
    """Finds out what a condition comes to without knowing any field."""

    def __init__(self, formula: Formula, form: Form) -> None:
        self.formula, self.form = formula, form

    def of(self, node: Node) -> Known:
        """TRUE, FALSE or not known; what ends in an error never holds."""
        if not any(_is_open(each) for each in walk(node)):
            return self._value(node)
        if isinstance(node, Binary):
            return self._compared(node)
        if isinstance(node, Call):
            fold = _LOGIC.get(node.function.name)
            return fold(self, node) if fold else None
        return None

    def _value(self, node: Node) -> Known:
        part = Formula(self.formula.text, node, "any", self.formula.days_apart)
        found = evaluate(part, {}, {}, _ANY_MOMENT, UTC)
        if isinstance(found, CellError):
            return False
        return found if isinstance(found, bool) else None

    def _compared(self, node: Binary) -> Known:
        """A field compared with itself, or a choice with what is none of its options."""
        left, right = node.left, node.right
        if isinstance(left, Literal):
            left, right = right, left
        if not isinstance(left, Reference) or left.many:
            return None
        if isinstance(right, Reference):
            return _SAME.get(node.operator) if right.stored == left.stored else None
        if isinstance(right, Literal) and self._is_no_option(left, right.value):
            return {"=": False, "<>": True}.get(node.operator)
        return None

    def _is_no_option(self, reference: Reference, value: object) -> bool:
        home = self.form.siblings.get(reference.form or "", self.form)
        place = (None if reference.via else reference.lines, reference.code)
        field = field_of(home, place)
        if field is None or field.stored.kind != "choice" or not isinstance(value, str):
            return False
        codes = {option["code"].lower() for option in field.stored_as.options.get("options", ())}
        return bool(codes) and value != "" and value.lower() not in codes


_ANY_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _is_open(node: Node) -> bool:
    """Whether a part depends on what is filled in, or on the day."""
    return isinstance(node, Reference) or (isinstance(node, Call) and node.function.volatile)


def _and(folding: _Folding, node: Call) -> Known:
    return _any_of(folding, node, decisive=False)


def _or(folding: _Folding, node: Call) -> Known:
    return _any_of(folding, node, decisive=True)


def _any_of(folding: _Folding, node: Call, *, decisive: bool) -> Known:
    """One part that decides is enough; without one, every part has to be known."""
    known = [folding.of(each) for each in node.arguments]
    if decisive in known:
        return decisive
    return None if None in known else not decisive


def _not(folding: _Folding, node: Call) -> Known:
    known = folding.of(node.arguments[0])
    return None if known is None else not known


def _if(folding: _Folding, node: Call) -> Known:
    """A branch whose turn is known; else both, where they come to the same."""
    known, branches = folding.of(node.arguments[0]), node.arguments[1:]
    if len(branches) != 2:
        return None
    found = [folding.of(each) for each in branches]
    if known is not None:
        return found[0] if known else found[1]
    return found[0] if found[0] == found[1] else None


_LOGIC: Final[dict[str, Callable[[_Folding, Call], Known]]] = {
    "AND": _and,
    "OR": _or,
    "NOT": _not,
    "IF": _if,
}
