"""Text by character, as the databases count characters too."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from runtime.formula.cell_errors import BAD_ARGUMENT, TEXT_NOT_FOUND
from runtime.formula.criteria import MAX_PATTERN, has_wildcard
from runtime.formula.sql import arithmetic, convert
from runtime.formula.sql.compare import folded
from runtime.formula.sql.compiler import Builder, Compiler, Of
from runtime.formula.sql.element import (
    Element,
    Sql,
    UnsuitableError,
    any_of,
    fault_when,
    first,
    text,
)
from runtime.formula.sql.native.eager import eager
from runtime.formula.sql.value import Value, boolean, text_value
from runtime.formula.tree import Call
from runtime.formula.values import MAX_TEXT

_MOST: Final = 10**9
# What a text may become before anybody asks how long it is.
_LARGEST: Final = 1_000_000


def _count(
    compiler: Compiler, value: Value | None, least: int = 0
) -> tuple[Element, Element | None]:
    """A count or a place as an integer that is never too small, and the fault where it was."""
    if value is None:
        return Sql("1"), None
    whole = compiler.dialect.integer(value, _MOST)
    wrong = fault_when(Sql(f"({{0}} < {least})", whole), BAD_ARGUMENT)
    if value.low >= least * 10**value.scale:
        return whole, None
    return compiler.dialect.greatest(whole, Sql(str(least))), wrong


def left(compiler: Compiler, given: Value, count: Value | None = None) -> Value:
    """LEFT."""
    size, wrong = _count(compiler, count)
    return text_value(Sql("substr({0}, 1, {1})", given.sql, size), given.longest, fault=wrong)


def right(compiler: Compiler, given: Value, count: Value | None = None) -> Value:
    """RIGHT."""
    size, wrong = _count(compiler, count)
    start = compiler.dialect.greatest(Sql("length({0}) - {1}", given.sql, size), Sql("0"))
    return text_value(Sql("substr({0}, {1} + 1)", given.sql, start), given.longest, fault=wrong)


def mid(compiler: Compiler, given: Value, start: Value, count: Value) -> Value:
    """MID."""
    place, outside = _count(compiler, start, 1)
    size, wrong = _count(compiler, count)
    made = Sql("substr({0}, {1}, {2})", given.sql, place, size)
    return text_value(made, given.longest, fault=first(outside, wrong))


def len_(compiler: Compiler, given: Value) -> Value:
    """LEN."""
    return arithmetic.integer(compiler.dialect, Sql("length({0})", given.sql), 0, given.longest)


def trim(_: Compiler, given: Value) -> Value:
    """TRIM: runs of spaces through two signs that no text has."""
    a, b = text("\x01"), text("\x02")
    pairs = Sql("replace(trim({0}), ' ', {1} || {2})", given.sql, a, b)
    made = Sql("replace(replace({0}, {2} || {1}, ''), {1} || {2}, ' ')", pairs, a, b)
    flag = Sql("({0} LIKE '%' || {1} || '%' OR {0} LIKE '%' || {2} || '%')", given.sql, a, b)
    return text_value(made, given.longest, flag=flag)


def clean(_: Compiler, given: Value) -> Value:
    """CLEAN."""
    made: Element = given.sql
    for code in range(1, 32):
        made = Sql("replace({0}, {1}, '')", made, text(chr(code)))
    return text_value(made, given.longest)


def upper(compiler: Compiler, given: Value) -> Value:
    """UPPER."""
    dialect = compiler.dialect
    return text_value(dialect.upper(given.sql), given.longest, flag=dialect.cased(given.sql))


def lower(compiler: Compiler, given: Value) -> Value:
    """LOWER."""
    dialect = compiler.dialect
    return text_value(dialect.lower(given.sql), given.longest, flag=dialect.cased(given.sql))


def exact(_: Compiler, one: Value, other: Value) -> Value:
    """EXACT."""
    return boolean(Sql("({0} = {1})", one.sql, other.sql))


def substitute(
    compiler: Compiler, given: Value, old: Value, new: Value, occurrence: Value | None = None
) -> Value:
    """SUBSTITUTE."""
    if occurrence is not None:
        return _one_of(compiler, given, old, new, occurrence)
    made = Sql("replace({0}, {1}, {2})", given.sql, old.sql, new.sql)
    if new.longest <= 1:
        return text_value(made, given.longest)
    if given.longest * new.longest > _LARGEST:
        size = "CAST(length({0}) AS BIGINT) * length({1})"
        small = Sql(f"({size} <= {_LARGEST})", given.sql, new.sql)
        made = Sql("CASE WHEN {0} THEN {1} ELSE '' END", small, made)
        found = text_value(made, MAX_TEXT + 1, flag=Sql("(NOT {0})", small))
        return compiler.checked(found)
    return compiler.checked(text_value(made, given.longest * new.longest))


def _one_of(compiler: Compiler, given: Value, old: Value, new: Value, occurrence: Value) -> Value:
    """Only the first, second or third time, where the number is written in the formula."""
    dialect = compiler.dialect
    if occurrence.low != occurrence.high or not 1 <= occurrence.low <= 3 or occurrence.scale:
        raise UnsuitableError("which occurrence is not written in the formula")
    # The rest of the text behind what was passed, and where it begins.
    begin: Element = Sql("0")
    found: Element = Sql("0")
    for _ in range(occurrence.low):
        rest = Sql("substr({0}, {1} + 1)", given.sql, begin)
        at = dialect.found(rest, old.sql)
        found = Sql("CASE WHEN {0} > 0 THEN {1} + {0} ELSE 0 END", at, begin)
        passed = "CASE WHEN {0} > 0 THEN {0} + length({1}) - 1 ELSE length({2}) END"
        begin = Sql(passed, found, old.sql, given.sql)
    made = Sql(
        "CASE WHEN {1} > 0 AND {2} <> '' THEN"
        " substr({0}, 1, {1} - 1) || {3} || substr({0}, {1} + length({2})) ELSE {0} END",
        given.sql,
        found,
        old.sql,
        new.sql,
    )
    return compiler.checked(text_value(made, given.longest + new.longest))


def replace_(compiler: Compiler, given: Value, start: Value, count: Value, new: Value) -> Value:
    """REPLACE."""
    place, outside = _count(compiler, start, 1)
    size, wrong = _count(compiler, count)
    made = Sql(
        "(substr({0}, 1, {1} - 1) || {3} || substr({0}, {1} + {2}))",
        given.sql,
        place,
        size,
        new.sql,
    )
    found = text_value(made, given.longest + new.longest, fault=first(outside, wrong))
    return compiler.checked(found)


def find(compiler: Compiler, wanted: Value, given: Value, start: Value | None = None) -> Value:
    """FIND."""
    return _place(compiler, wanted.sql, given.sql, start)


def _place(compiler: Compiler, wanted: Element, given: Element, start: Value | None) -> Value:
    dialect = compiler.dialect
    place, wrong = _count(compiler, start, 1)
    beyond = None
    if start is not None:
        beyond = fault_when(Sql("({0} > length({1}) + 1)", place, given), BAD_ARGUMENT)
    at = dialect.found(Sql("substr({0}, {1})", given, place), wanted)
    absent = fault_when(Sql("({0} = 0)", at), TEXT_NOT_FOUND)
    found = arithmetic.integer(dialect, Sql("({0} + {1} - 1)", place, at), 0, MAX_TEXT)
    return replace(found, fault=first(wrong, beyond, absent))


def search(compiler: Compiler, wanted: Value, given: Value, start: Value | None = None) -> Value:
    """SEARCH, where the wanted text is written in the formula without wildcards."""
    known = wanted.known
    if not isinstance(known, str) or has_wildcard(known) or len(known) > MAX_PATTERN:
        raise UnsuitableError("a search with wildcards")
    small = compiler.dialect.lower(given.sql)
    found = _place(compiler, folded(compiler.dialect, wanted, wanted.sql), small, start)
    return replace(found, flag=any_of(found.flag, compiler.dialect.cased(given.sql)))


def rept(compiler: Compiler, given: Value, times: Value) -> Value:
    """REPT."""
    count, wrong = _count(compiler, times)
    size = "CAST({1} AS BIGINT) * length({0})"
    some = compiler.dialect.least(count, Sql(str(MAX_TEXT)))
    small = Sql(f"({size} <= {MAX_TEXT})", given.sql, count)
    repeated = compiler.dialect.repeated(given.sql, some)
    made = Sql("CASE WHEN {0} THEN {1} ELSE '' END", small, repeated)
    return text_value(made, fault=wrong, flag=Sql("(NOT {0})", small))


def strreverse(compiler: Compiler, given: Value) -> Value:
    """STRREVERSE."""
    return text_value(compiler.dialect.reversed(given.sql), given.longest)


def include(compiler: Compiler, given: Value, part: Value) -> Value:
    """INCLUDE."""
    return boolean(Sql("({0} > 0)", compiler.dialect.found(given.sql, part.sql)))


def concat(compiler: Compiler, node: Call, of: Of) -> Value:
    """CONCAT."""
    del of
    return _put_together(compiler, [compiler.of(each) for each in node.arguments], None, None)


def textjoin(compiler: Compiler, node: Call, of: Of) -> Value:
    """TEXTJOIN."""
    del of
    dialect = compiler.dialect
    separator = convert.as_text(dialect, compiler.of(node.arguments[0]))
    skip = convert.truth(dialect, compiler.of(node.arguments[1]))
    if separator.lines or skip.lines:
        raise UnsuitableError("a column of separators")
    values = [compiler.of(each) for each in node.arguments[2:]]
    return _put_together(compiler, values, separator, skip)


def _put_together(
    compiler: Compiler, values: list[Value], separator: Value | None, skip: Value | None
) -> Value:
    """Every text behind its separator; the first separator is cut off in the end."""
    pieces = []
    for value in values:
        if value.kind == "reference":
            raise UnsuitableError("a reference as a text")
        piece = convert.as_text(compiler.dialect, value)
        if separator is not None and skip is not None:
            made = Sql("({0} || {1})", separator.sql, piece.sql)
            if skip.known is not False:
                empty = Sql("({0} AND {1} = '')", skip.sql, piece.sql)
                made = Sql("CASE WHEN {0} THEN '' ELSE {1} END", empty, made)
            piece = replace(piece, sql=made, longest=piece.longest + separator.longest)
        pieces.append(_strung(compiler, piece))
    whole = compiler.joined(pieces)
    if separator is None or skip is None:
        return whole
    cut = Sql("substr({0}, length({1}) + 1)", whole.sql, separator.sql)
    return replace(whole, sql=cut).with_signs(separator, skip)


def _strung(compiler: Compiler, piece: Value) -> Value:
    """The texts of a column put together."""
    if piece.lines is None:
        return piece
    code = piece.lines
    order = compiler.lines(code).order
    made = compiler.over(code, "{0}", compiler.dialect.strung(piece.sql, order[-1]))
    wrong = None if piece.fault is None else compiler.first_of(code, piece.fault)
    return text_value(made, MAX_TEXT + 1, fault=wrong, flag=compiler.any_row(code, piece.flag))


def t(_: Compiler, given: Value) -> Value:
    """T."""
    if given.kind != "text":
        return text_value(Sql("''"), 0, known="")
    return (
        given
        if not given.nullable
        else replace(given, sql=Sql("coalesce({0}, '')", given.sql), nullable=False)
    )


def string(compiler: Compiler, given: Value) -> Value:
    """STRING."""
    return convert.as_text(compiler.dialect, given)


def char(compiler: Compiler, code: Value) -> Value:
    """CHAR."""
    number = compiler.dialect.integer(code, _MOST)
    fine = Sql(
        "({0} IN (9, 10, 13) OR {0} BETWEEN 32 AND 126 OR {0} BETWEEN 160 AND 255 AND {0} <> 173)",
        number,
    )
    made = Sql("CASE WHEN {0} THEN {1} ELSE '' END", fine, compiler.dialect.character(number))
    return text_value(made, 1, fault=fault_when(Sql("(NOT {0})", fine), BAD_ARGUMENT))


def code(compiler: Compiler, given: Value) -> Value:
    """CODE."""
    point = compiler.dialect.code_point(given.sql)
    made = Sql("CASE WHEN {0} = '' THEN 0 ELSE {1} END", given.sql, point)
    found = arithmetic.integer(compiler.dialect, made, 0, 0x10FFFF)
    return replace(found, fault=fault_when(Sql("({0} = '')", given.sql), BAD_ARGUMENT))


TEXT: Final[Mapping[str, Builder]] = {
    "CONCAT": concat,
    "TEXTJOIN": textjoin,
    "LEFT": eager(left),
    "RIGHT": eager(right),
    "MID": eager(mid),
    "LEN": eager(len_),
    "TRIM": eager(trim),
    "CLEAN": eager(clean),
    "UPPER": eager(upper),
    "LOWER": eager(lower),
    "EXACT": eager(exact),
    "SUBSTITUTE": eager(substitute),
    "REPLACE": eager(replace_),
    "FIND": eager(find),
    "SEARCH": eager(search),
    "REPT": eager(rept),
    "STRREVERSE": eager(strreverse),
    "INCLUDE": eager(include),
    "T": eager(t),
    "STRING": eager(string),
    "CHAR": eager(char),
    "CODE": eager(code),
}
