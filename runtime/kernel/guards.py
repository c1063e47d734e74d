"""What the database itself refuses: one list of conditions, turned into triggers for each kind."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

import re
from collections.abc import Iterator

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from runtime.kernel import tables
from runtime.kernel.guard_rules import RULES, Rule

__all__ = ["RULES", "postgresql_functions", "postgresql_triggers", "sqlite_triggers"]


def _unique_keys(table: Table) -> Iterator[tuple[str, ...]]:
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield tuple(column.name for column in constraint.columns)


def _exists_already(table: Table) -> Iterator[Rule]:
    """SQLite's INSERT OR REPLACE deletes without a delete trigger, so a known key is refused."""
    for names in sorted(_unique_keys(table)):
        same = " AND ".join(f"{name} = NEW.{name}" for name in names)
        yield "exists already", f"EXISTS (SELECT 1 FROM {table.name} WHERE {same})"


def _hidden_row(table: Table) -> Iterator[Rule]:
    """A table without a whole number as its key has a hidden one by which REPLACE finds rows.

    A row that is not given one has -1 before it is there.
    """
    if "id" not in table.columns:
        yield "exists already", f"EXISTS (SELECT 1 FROM {table.name} WHERE rowid = NEW.rowid)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# Never run, but looked up whenever a statement is prepared: a connection that is not the
# application's does not know the function and cannot insert at all.
_OURS_ALONE = "SELECT RAISE(ABORT, 'foreign connection') WHERE 0 AND k_hash('') = '';"


def sqlite_triggers() -> dict[str, str]:
    """Every trigger of SQLite by name."""
    found: dict[str, str] = {}
    for table in tables.metadata.sorted_tables:
        name = table.name
        for event in ("UPDATE", "DELETE"):
            refuse = f"SELECT RAISE(ABORT, {_quoted(f'{name} is append-only')});"
            found[f"{name}_no_{event.lower()}"] = (
                f"CREATE TRIGGER {name}_no_{event.lower()} BEFORE {event} ON {name}"
                f" BEGIN {refuse} END"
            )
        rules = (*_exists_already(table), *_hidden_row(table), *RULES.get(name, ()))
        body = "\n".join(
            f"SELECT RAISE(ABORT, {_quoted(f'{name}: {text}')}) WHERE {condition};"
            for text, condition in rules
        )
        found[f"{name}_guard"] = (
            f"CREATE TRIGGER {name}_guard BEFORE INSERT ON {name} BEGIN\n{_OURS_ALONE}\n{body}\nEND"
        )
        # The number that stands for "not given" would, once it was there, keep every row out.
        numbered = f"SELECT RAISE(ABORT, {_quoted(f'{name}: rows are numbered from one')});"
        found[f"{name}_numbered"] = (
            f"CREATE TRIGGER {name}_numbered AFTER INSERT ON {name} WHEN NEW.rowid < 1"
            f" BEGIN {numbered} END"
        )
    return found


# Rules of these hold for each row by itself, before or after it is there: PostgreSQL asks them once
# for all rows of a statement, which costs a revaluation of many moves a fraction of the time.
_BY_STATEMENT = {"k_move", "k_value_entry", "k_journal_line"}
# What a condition says of the new row; what is said of its posting alone is asked once for all.
_NAMED = re.compile(r"\bNEW\.(\w+)")


def postgresql_functions() -> dict[str, str]:
    """The body of every trigger function of PostgreSQL by name."""
    refuse = "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23514'; END"
    found = {"k_append_only": refuse}
    for name, rules in RULES.items():
        body = "\n".join(
            f"IF {_asked(name, condition)} THEN RAISE EXCEPTION {_quoted(f'{name}: {text}')}"
            " USING ERRCODE = '23514'; END IF;"
            for text, condition in rules
        )
        answer = "NULL" if name in _BY_STATEMENT else "NEW"
        found[f"{name}_guard"] = f"BEGIN\n{body}\nRETURN {answer};\nEND"
    return found


def _asked(table: str, condition: str) -> str:
    if table not in _BY_STATEMENT:
        return condition
    of_posting = set(_NAMED.findall(condition)) == {"posting"}
    added = "(SELECT DISTINCT posting FROM added) added" if of_posting else "added"
    return f"EXISTS (SELECT 1 FROM {added} WHERE {condition.replace('NEW.', 'added.')})"


def postgresql_triggers() -> dict[str, tuple[str, str]]:
    """Table and definition of every trigger of PostgreSQL by name."""
    found: dict[str, tuple[str, str]] = {}
    for table in tables.metadata.sorted_tables:
        name = table.name
        found[f"{name}_append_only"] = (
            name,
            f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION k_append_only()",
        )
    for name in RULES:
        when = (
            f"AFTER INSERT ON {name} REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
            if name in _BY_STATEMENT
            else f"BEFORE INSERT ON {name} FOR EACH ROW"
        )
        found[f"{name}_guard"] = (name, f"{when} EXECUTE FUNCTION {name}_guard()")
    return found
