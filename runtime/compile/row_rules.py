"""Conditions of grants: which records a role reaches, in the language of formulas.

They are asked of the database as part of every query, so only what SQL says exactly is taken, and
nothing that changes with the clock. A record of which it cannot be told is not reached.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from runtime.compile.formulas import form_scope
from runtime.compile.model import Form
from runtime.definitions import RoleDef
from runtime.definitions.role import GrantDef
from runtime.formula import FieldName, Formula, FormulaError, Parameter, Scope, parse
from runtime.formula.formula import FieldKey
from runtime.formula.sql import Builder, Clock, Lines, Source, Unsuitable, compile_sql
from runtime.formula.sql.compiler import Compiler, Of
from runtime.formula.sql.element import Sql
from runtime.formula.sql.value import NOTHING, Value, boolean
from runtime.formula.tree import Call
from runtime.infra.errors import Problem
from runtime.kinds.function import Function
from runtime.kinds.functions import FUNCTIONS

DIALECTS: Final = ("sqlite", "postgresql")
# What every record has beside its fields; a field of the form with that code stands before it.
SYSTEM_FIELDS: Final = MappingProxyType({"created_by": "reference", "status": "text"})
# Nothing that depends on it is taken, so any moment will do.
_NO_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _asked_of_sql(*_: Any) -> NoReturn:
    raise AssertionError("conditions of grants are asked of the database")


def _function(name: str, result: str, *parameters: str) -> Function:
    taken = tuple(Parameter(each, "any") for each in parameters)
    return Function(name, taken, lambda _: result, _asked_of_sql)


# The person who looks, and their place in the company.
ABOUT_ME: Final[Mapping[str, Function]] = MappingProxyType(
    {
        each.name: each
        for each in (
            _function("USER", "reference"),
            _function("MYDEPARTMENT", "boolean", "department"),
            _function("MYDEPARTMENTTREE", "boolean", "department"),
            _function("MYSUBORDINATE", "boolean", "person"),
        )
    }
)


def compile_row_rules(forms: dict[str, Form], roles: tuple[RoleDef, ...]) -> Iterator[Problem]:
    """Give the forms the conditions that grants on them name; yield what is wrong with them."""
    found: dict[str, dict[str, Formula]] = {}
    for index, role in enumerate(roles):
        for place, grant in enumerate(role.grants):
            problems = list(_wrong(grant, forms, found))
            yield from (each.under(f"/roles/{index}/grants/{place}") for each in problems)
    for code, rules in found.items():
        forms[code] = replace(forms[code], row_rules=MappingProxyType(rules))


def _wrong(
    grant: GrantDef, forms: Mapping[str, Form], found: dict[str, dict[str, Formula]]
) -> Iterator[Problem]:
    if grant.rows != "rule":
        if grant.condition:
            yield Problem("/condition", "row_rule_not_asked")
        return
    form = forms.get(grant.form)
    if form is None:
        yield Problem("/rows", "row_rule_needs_form")
        return
    try:
        found.setdefault(form.code, {})[grant.condition] = parsed(form, grant.condition)
    except FormulaError as error:
        where = {**error.params, "span": list(error.span)}
        yield Problem("/condition", error.code, where)
    except RowRuleError as error:
        yield error.problem


class RowRuleError(Exception):
    """A condition that cannot say which records somebody reaches."""

    def __init__(self, code: str, params: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.problem = Problem("/condition", code, params)


def parsed(form: Form, text: str) -> Formula:
    """Read a condition over records of a form.

    Raises FormulaError, and RowRuleError for what is no condition or not SQL's to say.
    """
    formula = parse(text, row_scope(form))
    if formula.type not in {"boolean", "any"}:
        raise RowRuleError("formula_not_a_condition", {"found": formula.type})
    if formula.volatile:
        raise RowRuleError("row_rule_moves", {})
    for dialect in DIALECTS:
        made = condition(form, formula, dialect, dict.fromkeys(ABOUT_ME, _nobody))
        if isinstance(made, Unsuitable):
            raise RowRuleError("row_rule_not_in_sql", {"reason": made.reason})
    return formula


def row_scope(form: Form) -> Scope:
    """The names a condition over records of a form may use."""
    inner = {table.code: table.fields for table in form.lines}
    scope = form_scope(form.fields, inner)(None)
    own = {code: FieldName(code, code, (), kind) for code, kind in SYSTEM_FIELDS.items()}
    return replace(scope, fields={**own, **scope.fields}, functions={**scope.functions, **ABOUT_ME})


def condition(
    form: Form, formula: Formula, dialect: str, about_me: Mapping[str, Builder]
) -> ColumnElement[bool] | Unsuitable:
    """The condition in SQL: where it holds for certain."""
    clock = Clock(_NO_MOMENT, ZoneInfo(form.zone))
    found = compile_sql(formula, _source(form), dialect, clock, more=about_me)
    if isinstance(found, Unsuitable):
        return found
    return found.certain


def _source(form: Form) -> Source:
    head = form.table.c
    columns: dict[FieldKey, ColumnElement[Any]] = {
        (None, code): head[code] for code in SYSTEM_FIELDS if code in head
    }
    columns |= {(None, item.code): item.column for item in form.fields if item.column is not None}
    lines = {
        table.code: Lines(
            table.table,
            {item.code: item.column for item in table.fields if item.column is not None},
            table.table.c.parent_id == head.id,
            (table.table.c.line_no,),
        )
        for table in form.lines
    }
    return Source(columns, lines)


def _nobody(_: Compiler, call: Call, of: Of) -> Value:
    """The same shape of answer for nobody in particular."""
    if call.function.name == "USER":
        return Value("reference", NOTHING, nullable=True)
    return boolean(Sql("({0} IS NULL)", of(call.arguments[0]).sql))


assert not ABOUT_ME.keys() & FUNCTIONS.keys(), "functions of the language keep their names"
