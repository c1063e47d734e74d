"""Functions whose arguments are computed first: converted, their faults in order."""

from collections.abc import Callable
from dataclasses import replace

from runtime.formula.binding import DATED, kind_at
from runtime.formula.sql.compiler import Builder, Compiler, Of
from runtime.formula.sql.convert import CONVERSIONS, is_empty_text
from runtime.formula.sql.element import Element, Sql, UnsuitableError, all_of, any_of
from runtime.formula.sql.value import Value, common_lines, nothing
from runtime.formula.tree import Call, Reference

Function = Callable[..., Value]


def eager(function: Function) -> Builder:
    """Make a builder of `function(compiler, *arguments)`; it answers with its own faults only."""

    def build(compiler: Compiler, node: Call, of: Of) -> Value:
        del of
        kinds = [kind_at(node.function.parameters, at) for at in range(len(node.arguments))]
        given = [compiler.of(each) for each in node.arguments]
        for kind, argument, value in zip(kinds, node.arguments, given, strict=True):
            if kind == "clock" and value.kind not in ("date", "datetime", "empty"):
                raise UnsuitableError("the time of what is no date")
            if kind not in CONVERSIONS:
                raise UnsuitableError(f"{node.function.name} takes a {kind}")
            if isinstance(argument, Reference) and argument.type == "any":
                raise UnsuitableError("a field of no type")
            if kind != "raw" and value.kind == "reference":
                raise UnsuitableError("a reference in a function")
        read = [
            CONVERSIONS[kind](compiler.dialect, value)
            for kind, value in zip(kinds, given, strict=True)
        ]
        if any(
            kind in DATED and each.kind == "empty" and each.fault is None
            for kind, each in zip(kinds, read, strict=True)
        ):
            flags = any_of(*(each.flag for each in read))
            return replace(nothing(), flag=flags, lines=common_lines(*read))
        found = function(compiler, *(each.bare() for each in read))
        whole = found.with_signs(*read)
        return _without_dates(whole, kinds, given)

    return build


def _without_dates(found: Value, kinds: list[str], given: list[Value]) -> Value:
    """What is asked of an empty date stays empty, whatever else is wrong."""
    empty: list[Element] = []
    for kind, value in zip(kinds, given, strict=True):
        if kind not in DATED:
            continue
        condition = is_empty_text(value)
        if condition is not None and value.fault is not None:
            condition = all_of(condition, Sql("({0} IS NULL)", value.fault))
        if condition is not None:
            empty.append(condition)
    absent = any_of(*empty)
    if absent is None:
        return found
    flag = found.flag
    return replace(
        found,
        sql=Sql("CASE WHEN {0} THEN NULL ELSE {1} END", absent, found.sql),
        fault=None
        if found.fault is None
        else Sql("CASE WHEN {0} THEN NULL ELSE {1} END", absent, found.fault),
        flag=None if flag is None else flag,
        nullable=True,
        ratio=None,
        factors=(),
    )


def raw(function: Function) -> Builder:
    """A builder of a function that sees errors too and answers for them itself."""

    def build(compiler: Compiler, node: Call, of: Of) -> Value:
        del of
        given = [compiler.of(each) for each in node.arguments]
        found = function(compiler, *given)
        flag = any_of(*(each.flag for each in given), found.flag)
        return replace(found, flag=flag, lines=common_lines(found, *given))

    return build


def constant(function: Function) -> Builder:
    """A builder of a function without arguments."""

    def build(compiler: Compiler, node: Call, of: Of) -> Value:
        del node, of
        return function(compiler)

    return build
