"""A formula: its text, tree, type, and what it reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from runtime.formula import evaluate as evaluation
from runtime.formula.errors import FormulaError
from runtime.formula.lowering import Program, lower
from runtime.formula.parse import parse_tree
from runtime.formula.reading import Context
from runtime.formula.scope import Scope
from runtime.formula.tree import Call, Node, Reference, walk
from runtime.formula.types import infer, item

FieldKey = tuple[str | None, str]


@dataclass(frozen=True, eq=False)
class Formula:
    """A checked formula, ready to be evaluated any number of times, by any thread."""

    text: str
    tree: Node
    type: str
    days_apart: frozenset[Node]

    @cached_property
    def references(self) -> frozenset[FieldKey]:
        """The fields of the record itself it reads: (None or the line table, code).

        What stands in the record that a reference points to is read through the reference.
        """
        found = (each for each in walk(self.tree) if isinstance(each, Reference))
        return frozenset(
            (each.lines, each.via or each.code) for each in found if each.is_own or each.via
        )

    @cached_property
    def far(self) -> tuple[Reference, ...]:
        """What it reads of other records: through references, or as columns of forms."""
        found = (each for each in walk(self.tree) if isinstance(each, Reference))
        return tuple(each for each in found if not each.is_own)

    @cached_property
    def volatile(self) -> bool:
        """Whether its value changes with the clock."""
        calls = (each for each in walk(self.tree) if isinstance(each, Call))
        return any(each.function.volatile for each in calls)

    @cached_property
    def stored(self) -> str:
        """The text with every field written as `{id}`, which survives renaming."""
        parts, place = [], 0
        found = [each for each in walk(self.tree) if isinstance(each, Reference)]
        for each in sorted(found, key=lambda reference: reference.span):
            parts += [self.text[place : each.span[0]], f"{{{each.stored}}}"]
            place = each.span[1]
        text = "".join([*parts, self.text[place:]]).lstrip("\ufeff")
        return text if re.match(r"\s*[=＝]", text) else f"={text}"

    @cached_property
    def program(self) -> Program:
        """The form that is evaluated."""
        return lower(self.tree, self.days_apart)


def parse(text: str, scope: Scope) -> Formula:
    """Read and check a formula; FormulaError carries every problem found."""
    tree = parse_tree(text, scope)
    inferred = infer(tree)
    if inferred.problems:
        raise FormulaError(*inferred.problems)
    kind = inferred.type if item(inferred.type) != "empty" else "any"
    return Formula(text, tree, kind, inferred.days_apart)


def evaluate(
    formula: Formula,
    row: Mapping[str, Any],
    lines: Mapping[str, Sequence[Mapping[str, Any]]],
    now: datetime,
    zone: tzinfo,
    *,
    line: Mapping[str, Any] | None = None,
) -> Any:
    """The value of a formula on a record (and one of its lines), or a CellError."""
    return evaluate_in(formula, Context(row, lines, now, zone, line))


def evaluate_in(formula: Formula, context: Context) -> Any:
    """The same in a context whose budget of work several formulas share."""
    return evaluation.run(formula.program, context, formula.type)
