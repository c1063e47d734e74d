"""The second back end: a formula as an SQL expression over the columns of a row.

`compile_sql` answers with exactly the values of the Python back end, says row by row which only
Python knows, or gives the reason why the whole formula is Python's.
"""

from runtime.formula.sql.build import SqlFormula, Unsuitable, compile_sql
from runtime.formula.sql.compiler import Builder
from runtime.formula.sql.statement import (
    Recomputed,
    SetBased,
    Task,
    recompute,
    update_statements,
    where_clause,
)
from runtime.formula.sql.value import Clock, Lines, Source

__all__ = [
    "Builder",
    "Clock",
    "Lines",
    "Recomputed",
    "SetBased",
    "Source",
    "SqlFormula",
    "Task",
    "Unsuitable",
    "compile_sql",
    "recompute",
    "update_statements",
    "where_clause",
]
