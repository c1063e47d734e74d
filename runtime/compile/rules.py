"""What rules make of a form's fields: hidden, locked or required while a condition holds.

The rules of a form can always be settled one after the other: none hides or locks what its own
condition is computed from, directly or through other rules. `cycles` refuses those that do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final
from zoneinfo import ZoneInfo

from runtime.compile.field import Field
from runtime.compile.formulas import ScopeOf
from runtime.compile.graph import Graph, Node, Place
from runtime.compile.model import Form, Rule
from runtime.compile.programs import RECORD_STEPS, Far
from runtime.definitions import FormDef, RuleDef
from runtime.formula import Context, Formula, FormulaError, Work, evaluate_in, parse
from runtime.infra.errors import Problem

Columns = Mapping[str, Sequence[Field]]
# A field in its place: the line table (None: the header), the row (0 in the header), the code.
At = tuple[str | None, int, str]

_CLOSING: Final = frozenset({"show", "hide", "readonly"})


@dataclass(frozen=True)
class States:
    """What the rules say of one record: fields and whole sections."""

    hidden: frozenset[At] = frozenset()
    locked: frozenset[At] = frozenset()
    required: frozenset[At] = frozenset()
    sections: frozenset[str] = frozenset()
    # By the code of a rule, whether it holds: once, or of each row of its line table.
    holds: Mapping[str, tuple[bool, ...]] = field(default_factory=dict, compare=False)

    def is_hidden(self, at: At) -> bool:
        """Whether nobody is shown a field, because of itself or of the table it stands in."""
        lines = at[0]
        return at in self.hidden or (lines is not None and (None, 0, lines) in self.hidden)

    def is_locked(self, at: At) -> bool:
        """Whether a field is shown as it is and not asked for."""
        lines = at[0]
        return at in self.locked or (lines is not None and (None, 0, lines) in self.locked)

    def is_closed(self, at: At) -> bool:
        """Whether a field keeps what it has, whatever is sent."""
        return self.is_hidden(at) or self.is_locked(at)


NO_RULES: Final = States()


def compile_rules(
    form: FormDef, header: Sequence[Field], inner: Columns, scope: ScopeOf, problems: list[Problem]
) -> tuple[Rule, ...]:
    """Parse the rules of a form; add what is wrong to `problems`."""
    found = []
    for place, each in enumerate(form.rules):
        wrong = list(_wrong_names(each, form, header, inner))
        if each.lines is None or each.lines in inner:
            when = _condition(each, scope, wrong)
            if when is not None and not wrong:
                found.append(_rule(each, form, when))
        problems.extend(problem.under(f"/rules/{place}") for problem in wrong)
    return tuple(found)


def _wrong_names(
    rule: RuleDef, form: FormDef, header: Sequence[Field], inner: Columns
) -> Iterator[Problem]:
    if rule.lines is not None and rule.lines not in inner:
        yield Problem("/lines", "check_lines_unknown", {"name": rule.lines})
        return
    codes = {field.code for field in (header if rule.lines is None else inner[rule.lines])}
    for place, code in enumerate(rule.fields):
        if code not in codes:
            yield Problem(f"/fields/{place}", "check_field_unknown", {"name": code})
    sections = set() if rule.lines else {section.code for section in form.sections}
    for place, code in enumerate(rule.sections):
        if code not in sections:
            yield Problem(f"/sections/{place}", "rule_section_unknown", {"name": code})


def _condition(rule: RuleDef, scope: ScopeOf, wrong: list[Problem]) -> Formula | None:
    try:
        formula = parse(rule.when, scope(rule.lines))
    except FormulaError as error:
        wrong.append(Problem("/when", error.code, {**error.params, "span": list(error.span)}))
        return None
    if formula.type not in {"boolean", "any"}:
        wrong.append(Problem("/when", "formula_not_a_condition", {"found": formula.type}))
        return None
    return formula


def _rule(rule: RuleDef, form: FormDef, when: Formula) -> Rule:
    held = {section.code: section.fields for section in form.sections}
    inside = tuple(code for section in rule.sections for code in held[section])
    return Rule(rule.code, rule.lines, when, rule.effect, rule.fields, rule.sections, inside)


def states(form: Form, values: Mapping[str, Any], now: datetime, far: Far | None) -> States:
    """Ask every rule of a complete, computed record.

    A condition that ends in an error, or in nothing, does not hold.
    """
    if not form.rules:
        return NO_RULES
    asked = _Asked()
    work = Work(RECORD_STEPS)
    tables = {table.code: values.get(table.code) or () for table in form.lines}
    zone, columns = ZoneInfo(form.zone), far.tables(work) if far else None
    related = far.related if far else None
    for rule in form.rules:
        rows = (None,) if rule.lines is None else tables[rule.lines]
        found = (
            evaluate_in(rule.when, Context(values, tables, now, zone, row, work, related, columns))
            for row in rows
        )
        asked.note(rule, tuple(each is True for each in found))
    return asked.states(form)


class _Asked:
    """What the rules answered, put together: one that hides wins, one that shows is enough."""

    def __init__(self) -> None:
        self.by_effect: dict[str, set[At]] = {"hide": set(), "readonly": set(), "require": set()}
        self.shown: dict[At, bool] = {}
        self.sections: set[str] = set()
        self.shown_sections: dict[str, bool] = {}
        self.holds: dict[str, tuple[bool, ...]] = {}

    def note(self, rule: Rule, answers: tuple[bool, ...]) -> None:
        """Take the answers of a rule: one, or one a row."""
        self.holds[rule.code] = answers
        for index, holds in enumerate(answers):
            self._note(rule, index, holds=holds)

    def _note(self, rule: Rule, index: int, *, holds: bool) -> None:
        places = [(rule.lines, index, code) for code in rule.fields]
        if rule.effect == "show":
            for at in places:
                self.shown[at] = self.shown.get(at, False) or holds
            for code in rule.sections:
                self.shown_sections[code] = self.shown_sections.get(code, False) or holds
        elif holds:
            inside = [(rule.lines, index, code) for code in rule.inside]
            self.by_effect[rule.effect].update(places, inside)
            if rule.effect == "hide":
                self.sections.update(rule.sections)

    def states(self, form: Form) -> States:
        """What it comes to."""
        sections = self.sections | {
            code for code, shown in self.shown_sections.items() if not shown
        }
        hidden = self.by_effect["hide"] | {at for at, shown in self.shown.items() if not shown}
        for section in form.sections:
            if section.code in sections:
                hidden |= {(None, 0, code) for code in section.fields}
        return States(
            frozenset(hidden),
            frozenset(self.by_effect["readonly"]),
            frozenset(self.by_effect["require"]),
            frozenset(sections),
            self.holds,
        )


def cycles(form: Form, graph: Graph) -> Iterator[Problem]:
    """Yield a Problem when a rule decides on what its own condition is computed from."""
    if not form.rules:
        return
    reads = {rule.code: _reads(form, graph, rule) for rule in form.rules}
    closing = [rule for rule in form.rules if rule.effect in _CLOSING]
    needs = {
        rule.code: [each.code for each in closing if reads[rule.code] & _closes(form, each)]
        for rule in closing
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        path = " → ".join(reversed(error.args[1]))
        yield Problem("/rules", "rule_cycle", {"path": path})


def _closes(form: Form, rule: Rule) -> set[Place]:
    """The fields a rule may hide or lock; with a line table all its columns."""
    places: set[Place] = {(rule.lines, code) for code in (*rule.fields, *rule.inside)}
    for table in form.lines:
        if (None, table.code) in places:
            places |= {(table.code, field.code) for field in table.fields}
    return places


def _reads(form: Form, graph: Graph, rule: Rule) -> set[Place]:
    """The fields of the record that a condition is computed from, however far back."""
    found: set[Place] = set(rule.when.references)
    if rule.lines is not None:
        # Which rows there are to ask depends on the table itself.
        found.add((None, rule.lines))
    waiting: list[Place] = list(found)
    while waiting:
        fresh = set(_before(form, graph, waiting.pop())) - found
        found |= fresh
        waiting.extend(fresh)
    return found


def _before(form: Form, graph: Graph, place: Place) -> Iterable[Place]:
    """What a field is computed, looked up or filled from, within the record."""
    for edge in graph.inputs.get(Node(form.code, *place), ()):
        if edge.how == "record":
            yield edge.reads.place
        elif edge.through is not None:
            yield edge.through
