"""Pieces of statements that every room writes the same way."""

from sqlalchemy import ColumnElement, literal_column


def at_most(count: int) -> ColumnElement[int]:
    """So many rows, in the text of a statement.

    SQLite prepares one anew whenever such a number is bound to it.
    """
    return literal_column(str(count))
