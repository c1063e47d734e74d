"""What rules, checks and read-only grants make of a page, and what its scripts know of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from runtime import access, documents, query
from runtime.compile import Field, Form
from runtime.compile.graph import Place
from runtime.compile.model import Check, Rule
from runtime.compile.rules import States
from runtime.formula import Formula, to_json
from runtime.infra.act import Act
from runtime.screens.form_fields import Cell, FieldView
from runtime.screens.form_grid import GridRow, GridView
from runtime.screens.form_values import is_entered
from runtime.screens.i18n import label

Json = dict[str, Any]
# Options and kinds by which a value is refused that could be read.
GUARDS: Final = frozenset({"min", "max", "min_length", "max_length", "pattern"})
GUARDED: Final = frozenset({"email", "phone", "url", "id_card"})


@dataclass(frozen=True)
class Ruled:
    """What the rules say of the record on the page, and what the actor may not fill in."""

    states: States
    fixed: frozenset[str]

    def header(self, view: FieldView) -> FieldView:
        """A field of the header as the rules have it now."""
        at = (None, 0, view.code)
        is_open = view.code not in self.fixed and not self.states.is_locked(at)
        return replace(
            view,
            is_editable=view.is_editable and is_open,
            is_required=view.is_required or at in self.states.required,
            is_hidden=self.states.is_hidden(at),
        )

    def grid(self, grid: GridView, *, is_editable: bool) -> GridView:
        """A line table: what is never filled in is locked; one to read shows nothing hidden."""
        locked = {
            path.rpartition(".")[2] for path in self.fixed if path.startswith(f"{grid.code}.")
        }
        columns = tuple(
            replace(column, is_editable=column.is_editable and column.code not in locked)
            for column in grid.columns
        )
        if is_editable:
            # Scripts hide single cells: a column has to be there for the row that shows it.
            return replace(grid, columns=columns)
        rows = tuple(self._row(grid.code, index, row) for index, row in enumerate(grid.rows))
        shown = tuple(each for each in columns if not self._is_gone(grid, each.code))
        return replace(grid, columns=shown, rows=rows)

    def _row(self, lines: str, index: int, row: GridRow) -> GridRow:
        cells = {
            code: Cell(cell.id, cell.name) if self.states.is_hidden((lines, index, code)) else cell
            for code, cell in row.cells.items()
        }
        return replace(row, cells=cells)

    def _is_gone(self, grid: GridView, code: str) -> bool:
        """Whether no row shows a column."""
        hidden = self.states.hidden
        rows = range(len(grid.rows))
        return bool(grid.rows) and all((grid.code, index, code) in hidden for index in rows)

    def hides(self, code: str) -> bool:
        """Whether a field of the header, a line table among them, is out of sight."""
        return self.states.is_hidden((None, 0, code))

    def shut(self, grids: Mapping[str, GridView]) -> Iterator[str]:
        """The names of the boxes on the page that the rules have shut."""
        for lines, row, code in sorted(self.states.hidden | self.states.locked, key=str):
            if lines is None:
                yield code
            elif lines in grids:
                yield f"{lines}.{grids[lines].rows[row].key}.{code}"


def ruled(
    act: Act,
    form: Form,
    record: query.Record | None,
    sent: Mapping[str, Any] | None = None,
    *,
    is_task: bool = False,
) -> Ruled:
    """Ask the rules of a record as it is stored, or as it was typed.

    Whoever has a task fills in what its step says, whatever their grants to update are.
    """
    found = documents.states_of(act, form, sent or {}, record.id if record else None)
    verb = verb_of(is_new=record is None)
    return Ruled(found, frozenset() if is_task else access.fixed_fields(act.actor, form, verb))


def verb_of(*, is_new: bool) -> str:
    """What a person does who saves the page."""
    return "create" if is_new else "update"


def rules_model(act: Act, form: Form, page: Ruled) -> Json:
    """What the scripts know of rules and checks; nothing of fields the actor does not see.

    A condition that reads one of those, or other records, is the server's to ask (`when` is null).
    """
    seen = set(_seen(act, form))
    rules = [found for rule in form.rules if (found := _rule(rule, seen)) is not None]
    codes = {rule["code"] for rule in rules if rule["when"] is None}
    return {
        "rules": rules,
        "held": {code: list(said) for code, said in page.states.holds.items() if code in codes},
        "sections": {
            each.code: [code for code in each.fields if (None, code) in seen]
            for each in form.sections
        },
        "required": [
            [lines or "", code] for lines, code in sorted(_required(form) & seen, key=str)
        ],
        "open": [
            [lines or "", code] for lines, code in sorted(_filled_in(form, page) & seen, key=str)
        ],
        "checks": [_check(each) for each in form.checks if _is_told(each.formula, seen)],
        "guarded": [[lines or "", code] for lines, code in sorted(_guarded(form) & seen, key=str)],
    }


def _seen(act: Act, form: Form) -> Iterator[Place]:
    yield from ((None, item.code) for item in access.visible_fields(act.actor, form))
    for table in form.lines:
        fields = access.visible_line_fields(act.actor, form, table)
        yield from ((table.code, item.code) for item in fields)


def _required(form: Form) -> set[Place]:
    found: set[Place] = {(None, item.code) for item in form.fields if item.required}
    for table in form.lines:
        found |= {(table.code, item.code) for item in table.fields if item.required}
    return found


def _guarded(form: Form) -> set[Place]:
    """The fields whose value may be refused by itself: worth asking about when they are left."""
    found: set[Place] = {(None, item.code) for item in form.fields if _is_guarded(item)}
    for table in form.lines:
        found |= {(table.code, item.code) for item in table.fields if _is_guarded(item)}
    return found


def _is_guarded(item: Field) -> bool:
    has_bounds = not GUARDS.isdisjoint(item.options)
    return has_bounds or item.definition.unique or item.kind.kind in GUARDED


def _filled_in(form: Form, page: Ruled) -> set[Place]:
    """The fields the actor fills in while no rule forbids it."""
    found: set[Place] = {
        (None, item.code)
        for item in form.fields
        if is_entered(item) and not item.is_lines and item.code not in page.fixed
    }
    for table in form.lines:
        paths = {item.code: f"{table.code}.{item.code}" for item in table.fields}
        found |= {
            (table.code, item.code)
            for item in table.fields
            if is_entered(item) and page.fixed.isdisjoint((table.code, paths[item.code]))
        }
    return found


def _is_told(formula: Formula, seen: set[Place]) -> bool:
    """Whether a page may know a formula, and can compute it."""
    return formula.references <= seen and not to_json(formula)["server_only"] and not formula.far


def _rule(rule: Rule, seen: set[Place]) -> Json | None:
    fields = [code for code in rule.fields if (rule.lines, code) in seen]
    if not fields and not rule.sections:
        return None
    return {
        "code": rule.code,
        "effect": rule.effect,
        "lines": rule.lines,
        "fields": fields,
        "sections": list(rule.sections),
        "when": to_json(rule.when) if _is_told(rule.when, seen) else None,
    }


def _check(check: Check) -> Json:
    return {
        "lines": check.lines,
        "field": check.field,
        "formula": to_json(check.formula),
        "message": label(check.message),
        "isWarning": check.is_warning,
    }
