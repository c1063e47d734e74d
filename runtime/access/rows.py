"""Which records somebody reaches: conditions that stand in every query."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Select,
    Text,
    column,
    exists,
    false,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from runtime.access.grants import grants_by, grants_of
from runtime.compile.model import Form
from runtime.compile.row_rules import condition, parsed
from runtime.definitions import GrantDef
from runtime.formula import Formula
from runtime.formula.sql import Builder, Unsuitable
from runtime.formula.sql.compiler import Compiler, Of
from runtime.formula.sql.element import Sql
from runtime.formula.sql.value import Value, boolean
from runtime.formula.tree import Call
from runtime.infra import departments
from runtime.infra.act import Actor, Rights

# What the row rule needs of the workflow's tasks; the table itself belongs to `workflow`, above.
_tasks: Final = table(
    "s_workflow_task",
    column("app", Text),
    column("form", Text),
    column("record_id", BigInteger),
    column("user_id", BigInteger),
)

# No user has this id, and no record was made by it.
NOBODY: Final = -2


def row_condition(actor: Actor, form: Form, verb: str = "view") -> ColumnElement[bool] | None:
    """The records on which somebody may do this; None is all of them.

    Who was asked to approve a document may view it, whoever made it.
    """
    return None if actor.is_admin else _reached(actor.rights, actor.user_id, form, verb)


# The rights are those read for this request, and all that is asked in the SQL is asked there; what
# is kept is how it is spelled, which takes longer than many a query.
@lru_cache(maxsize=2048)
def _reached(
    rights: Rights, user_id: int | None, form: Form, verb: str
) -> ColumnElement[bool] | None:
    grants = list(grants_by(rights, verb, form))
    if any(grant.rows == "all" for grant in grants):
        return None
    allowed = list(_conditions(form, user_id, grants))
    if verb == "view" and grants and user_id is not None:
        allowed.append(_asked(user_id, form))
    return or_(false(), *allowed)


def keeps_rows(actor: Actor, form: Form, verb: str) -> bool:
    """Whether a written record has to be asked again: a condition may not hold of it any more."""
    if actor.is_admin:
        return False
    scopes = {grant.rows for grant in grants_of(actor, verb, form)}
    return "rule" in scopes and "all" not in scopes


def reach(actor: Actor, form: Form, grant: GrantDef) -> ColumnElement[bool] | None:
    """The records one grant alone reaches; None is all of them."""
    if grant.rows == "all":
        return None
    return or_(false(), *_conditions(form, actor.user_id, [grant]))


def _conditions(
    form: Form, user_id: int | None, grants: list[GrantDef]
) -> Iterator[ColumnElement[bool]]:
    scopes = {grant.rows for grant in grants} - {"rule"}
    if user_id is not None:
        yield from (_in_scope(form, user_id, scope) for scope in sorted(scopes))
    texts = {grant.condition for grant in grants if grant.rows == "rule"}
    for text in sorted(texts):
        # The condition of a public link is nobody's but the link's.
        formula = form.row_rules.get(text) or parsed(form, text)
        yield RowRule(form, formula, NOBODY if user_id is None else user_id)


def _in_scope(form: Form, user_id: int, scope: str) -> ColumnElement[bool]:
    """The records of the people and departments that a scope reaches; one's own are always among.

    A record is of whoever made it, and of whom a field names whose author says so (`owner`).
    """
    persons = [form.table.c.created_by, *_owners(form, "user")]
    own = or_(*(column == user_id for column in persons))
    if scope == "own":
        return own
    people = departments.people(user_id, scope)
    places = departments.reached(user_id, scope)
    return or_(
        own,
        *(column.in_(people) for column in persons),
        *(column.in_(places) for column in _owners(form, "department")),
    )


def _owners(form: Form, kind: str) -> Iterator[Column[Any]]:
    for field in form.fields:
        if field.kind.kind == kind and field.options.get("owner") and field.column is not None:
            yield field.column


class RowRule(ColumnElement[bool]):
    """The condition of a grant; which SQL it is, is known where the dialect is."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, form: Form, formula: Formula, user_id: int) -> None:
        self.form, self.formula, self.user_id = form, formula, user_id
        self._made: dict[str, ColumnElement[bool]] = {}

    def made(self, dialect: str) -> ColumnElement[bool]:
        """The condition in the SQL of a dialect.

        It is kept as long as the statement: its pieces are told apart by which objects they are.
        """
        if dialect not in self._made:
            found = condition(self.form, self.formula, dialect, about(self.user_id))
            assert not isinstance(found, Unsuitable), "what SQL cannot say is not published"
            self._made.setdefault(dialect, found)
        return self._made[dialect]


@compiles(RowRule)
def _render(rule: RowRule, compiler: SQLCompiler, **given: Any) -> str:
    return f"({compiler.process(rule.made(compiler.dialect.name), **given)})"


def about(user_id: int) -> Mapping[str, Builder]:
    """What the functions about the person who looks come to in SQL."""

    def user(_: Compiler, __: Call, ___: Of) -> Value:
        return Value("reference", literal(user_id, BigInteger()))

    return {
        "USER": user,
        "MYDEPARTMENT": _among(departments.reached(user_id, "department")),
        "MYDEPARTMENTTREE": _among(departments.reached(user_id, "department_tree")),
        "MYSUBORDINATE": _among(departments.people(user_id, "subordinates")),
    }


def _among(ids: Select[tuple[int]]) -> Builder:
    def build(_: Compiler, call: Call, of: Of) -> Value:
        asked = of(call.arguments[0])
        found = Sql("({0} IS NOT NULL AND {0} IN {1})", asked.sql, ids.scalar_subquery())
        return boolean(found).with_signs(asked)

    return build


def was_asked(actor: Actor, form: Form) -> ColumnElement[bool]:
    """The documents somebody was asked to decide about, now or before."""
    return _asked(actor.user_id, form)


def _asked(user_id: int | None, form: Form) -> ColumnElement[bool]:
    return exists(
        select(_tasks.c.record_id).where(
            _tasks.c.app == form.app_code,
            _tasks.c.form == form.code,
            _tasks.c.record_id == form.table.c.id,
            _tasks.c.user_id == user_id,
        )
    )
