"""What an aggregate table computes from its own figures: derived measures, and checks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from runtime.compile.field import Field
from runtime.compile.figures import GroupCheck, Measure
from runtime.compile.formulas import form_scope
from runtime.definitions import AggregateDef
from runtime.definitions.check import CheckDef
from runtime.formula import Formula, FormulaError, parse
from runtime.formula.tree import Reference, walk
from runtime.infra.errors import Problem


class Deriving:
    """Parses the formulas of one table over its dimensions and measures."""

    def __init__(
        self,
        definition: AggregateDef,
        dimensions: Sequence[Field],
        measures: Sequence[Measure],
        problems: list[Problem],
    ) -> None:
        self.definition, self.measures, self.problems = definition, measures, problems
        self.fields = [*dimensions, *(measure.field for measure in measures)]

    def measures_in_order(self) -> list[Measure]:
        """The measures, each derived one with its formula and after those it needs."""
        made: dict[str, Measure] = {}
        for place, (measure, wanted) in enumerate(
            zip(self.measures, self.definition.measures, strict=True)
        ):
            if not wanted.formula:
                made[measure.code] = measure
                continue
            formula = self._formula(wanted.formula, f"/measures/{place}/formula")
            made[measure.code] = replace(measure, formula=formula)
        return self._in_order(made)

    def checks(self) -> Iterator[GroupCheck]:
        """What must hold of every group."""
        for place, check in enumerate(self.definition.checks):
            made = self._check(check, f"/checks/{place}/formula")
            if made is not None:
                yield made

    def _in_order(self, measures: Mapping[str, Measure]) -> list[Measure]:
        done: dict[str, Measure] = {}

        def visit(code: str, path: tuple[str, ...]) -> None:
            if code in done or code not in measures:
                return
            if code in path:
                names = " → ".join((*path[path.index(code) :], code))
                self._problem("/measures", "formula_cycle", path=names)
                return
            formula = measures[code].formula
            for _, needed in sorted(formula.references, key=str) if formula else ():
                visit(needed, (*path, code))
            done[code] = measures[code]

        for code in measures:
            visit(code, ())
        return list(done.values())

    def _check(self, check: CheckDef, pointer: str) -> GroupCheck | None:
        formula = self._formula(check.formula, pointer)
        if formula is None:
            return None
        if formula.type not in {"boolean", "any"}:
            self._problem(pointer, "formula_not_a_condition", found=formula.type)
        return GroupCheck(formula, check.message)

    def _formula(self, text: str, pointer: str) -> Formula | None:
        try:
            formula = parse(text, form_scope(self.fields, {})(None))
        except FormulaError as error:
            self._problem(pointer, error.code, **error.params, span=list(error.span))
            return None
        names = (node for node in walk(formula.tree) if isinstance(node, Reference))
        if formula.volatile or not all(name.is_own for name in names):
            self._problem(pointer, "formula_not_steady")
            return None
        return formula

    def _problem(self, pointer: str, code: str, **params: Any) -> None:
        self.problems.append(Problem(pointer, code, params))
