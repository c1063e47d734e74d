"""Logic: conditions and choices, lazy as in Python."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from runtime.formula.cell_errors import BAD_ARGUMENT, NOT_AVAILABLE, NOTHING_MATCHED
from runtime.formula.sql import convert, faults
from runtime.formula.sql.compare import compare
from runtime.formula.sql.compiler import Builder, Compiler, Of
from runtime.formula.sql.element import Sql, UnsuitableError, any_of
from runtime.formula.sql.merge import branch, chosen, failing
from runtime.formula.sql.native.eager import constant, eager
from runtime.formula.sql.value import Value, boolean
from runtime.formula.tree import Call, Node


def _condition(compiler: Compiler, node: Node) -> Value:
    return convert.truth(compiler.dialect, compiler.of(node))


def _single(value: Value) -> Value:
    if value.lines is not None:
        raise UnsuitableError("a column where one value belongs")
    return value


def if_(compiler: Compiler, node: Call, of: Of) -> Value:
    """IF."""
    condition = _condition(compiler, node.arguments[0])
    yes = of(node.arguments[1])
    no = of(node.arguments[2]) if len(node.arguments) > 2 else boolean(Sql("FALSE"), known=False)
    if condition.lines is None and (yes.lines or no.lines):
        raise UnsuitableError("a condition chooses a column")
    return branch(compiler.dialect, condition, yes, no)


def ifs(compiler: Compiler, node: Call, of: Of) -> Value:
    """IFS."""
    found = failing(NOTHING_MATCHED)
    pairs = list(zip(node.arguments[::2], node.arguments[1::2], strict=True))
    for condition, value in reversed(pairs):
        test = _single(_condition(compiler, condition))
        found = branch(compiler.dialect, test, _single(of(value)), found)
    return found


def switch(compiler: Compiler, node: Call, of: Of) -> Value:
    """SWITCH."""
    wanted = _single(compiler.of(node.arguments[0]))
    rest = list(node.arguments[1:])
    found = of(rest.pop()) if len(rest) % 2 else failing(NOTHING_MATCHED)
    for case, value in reversed(list(zip(rest[::2], rest[1::2], strict=True))):
        test = compare(compiler.dialect, "=", wanted.bare(), _single(compiler.of(case)))
        found = branch(compiler.dialect, test, _single(of(value)), _single(found))
    return found.with_signs(wanted)


def choose(compiler: Compiler, node: Call, of: Of) -> Value:
    """CHOOSE."""
    index = _single(convert.number(compiler.dialect, compiler.of(node.arguments[0])))
    place = compiler.dialect.integer(index, 10**9)
    found = failing(BAD_ARGUMENT)
    for at in range(len(node.arguments) - 1, 0, -1):
        value = _single(of(node.arguments[at]))
        found = chosen(compiler.dialect, Sql(f"({{0}} = {at})", place), value, found)
    return found.with_signs(index)


def iferror(compiler: Compiler, node: Call, of: Of) -> Value:
    """IFERROR."""
    value = of(node.arguments[0])
    if value.fault is None:
        return value
    return _replaced(compiler, value, of(node.arguments[1]), Sql("({0} IS NOT NULL)", value.fault))


def ifna(compiler: Compiler, node: Call, of: Of) -> Value:
    """IFNA."""
    value = of(node.arguments[0])
    if value.fault is None:
        return value
    codes = ", ".join(map(str, faults.codes(NOT_AVAILABLE.kind)))
    caught = Sql(f"coalesce({{0}} IN ({codes}), FALSE)", value.fault)
    return _replaced(compiler, value, of(node.arguments[1]), caught)


def _replaced(compiler: Compiler, value: Value, fallback: Value, caught: Sql) -> Value:
    if value.lines is None and fallback.lines is not None:
        raise UnsuitableError("a column stands in for one value")
    found = chosen(compiler.dialect, caught, fallback, value)
    return replace(found, flag=any_of(value.flag, found.flag))


def and_(compiler: Compiler, node: Call, of: Of) -> Value:
    """AND."""
    del of
    return _until(compiler, node, stop=False)


def or_(compiler: Compiler, node: Call, of: Of) -> Value:
    """OR."""
    del of
    return _until(compiler, node, stop=True)


def _until(compiler: Compiler, node: Call, *, stop: bool) -> Value:
    """From the last to the first: what comes after the one that decides does not count."""
    found = boolean(Sql("FALSE" if stop else "TRUE"))
    for each in reversed(node.arguments):
        test = _truth(compiler, compiler.of(each), stop=stop)
        decided = boolean(Sql("TRUE" if stop else "FALSE"))
        yes, no = (decided, found) if stop else (found, decided)
        found = branch(compiler.dialect, test, yes, no)
    return found


def _truth(compiler: Compiler, value: Value, *, stop: bool) -> Value:
    """One condition; of a column its texts and empty rows are skipped."""
    if value.lines is None:
        return convert.truth(compiler.dialect, value)
    if value.fault is not None or value.blank is not None:
        raise UnsuitableError("errors in a column of conditions")
    if value.kind not in ("boolean", "number"):
        return boolean(Sql("FALSE" if stop else "TRUE"))
    holds = value.sql if value.kind == "boolean" else Sql("({0} <> 0)", value.sql)
    wanted = holds if stop else Sql("(NOT {0})", holds)
    decides = f"coalesce(max(CASE WHEN {{0}} THEN 1 ELSE 0 END), 0) = {1 if stop else 0}"
    flag = compiler.any_row(value.lines, value.flag)
    return boolean(compiler.over(value.lines, decides, wanted), flag=flag)


def xor(compiler: Compiler, node: Call, of: Of) -> Value:
    """XOR."""
    del of
    tests = []
    for each in node.arguments:
        value = _single(compiler.of(each))
        if value.kind == "text":
            if value.known != "":
                raise UnsuitableError("a text as one of many conditions")
            continue
        tests.append(convert.truth(compiler.dialect, value))
    if not tests:
        return boolean(Sql("FALSE"))
    odd = " + ".join(f"CASE WHEN {{{at}}} THEN 1 ELSE 0 END" for at in range(len(tests)))
    made = Sql(f"(({odd}) % 2 = 1)", *(each.sql for each in tests))
    return boolean(made).with_signs(*tests)


def not_(compiler: Compiler, condition: Value) -> Value:
    """NOT."""
    del compiler
    return boolean(Sql("(NOT {0})", condition.sql))


CHOICES: Final = frozenset({"IF", "IFS", "SWITCH", "CHOOSE", "IFERROR", "IFNA"})
LOGIC: Final[Mapping[str, Builder]] = {
    "IF": if_,
    "IFS": ifs,
    "SWITCH": switch,
    "CHOOSE": choose,
    "IFERROR": iferror,
    "IFNA": ifna,
    "AND": and_,
    "OR": or_,
    "XOR": xor,
    "NOT": eager(not_),
    "TRUE": constant(lambda _: boolean(Sql("TRUE"))),
    "FALSE": constant(lambda _: boolean(Sql("FALSE"))),
}
