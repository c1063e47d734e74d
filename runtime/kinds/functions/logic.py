"""Logic: conditions and choices."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import (
    BAD_ARGUMENT,
    NOT_AVAILABLE,
    NOTHING_MATCHED,
    CellError,
    CellFaultError,
)
from runtime.formula.numbers import small
from runtime.formula.types import LIST, is_list, joined
from runtime.formula.values import Array, compare, row_of, to_boolean
from runtime.kinds.function import Function, gives, takes

Thunk = Callable[[], Any]


def if_(condition: Thunk, yes: Thunk, no: Thunk = lambda: False) -> Any:
    """Give one value when the condition holds, else the other; only that one is computed.

    条件成立取前一个值，否则取后一个；另一个不会被计算。

    也叫：如果、条件、判断

    >>> IF(3>2, "大", 1/0)
    大
    >>> IF(0, 1)
    FALSE
    """
    found = condition()
    if isinstance(found, Array):
        return _per_row(found, yes(), no())
    if isinstance(found, CellError):
        return found
    return yes() if to_boolean(found) else no()


def _per_row(conditions: Array, yes: Any, no: Any) -> Array:
    """IF over a column, as in SUM(IF(lines.qty>2, lines.amount, 0))."""
    rows = []
    for place, item in enumerate(conditions.items):
        try:
            holds = item if isinstance(item, CellError) else to_boolean(item)
        except CellFaultError as fault:
            holds = fault.error
        rows.append(holds if isinstance(holds, CellError) else row_of(yes if holds else no, place))
    return Array(tuple(rows))


def _if_type(kinds: Sequence[str]) -> str:
    found = joined([*kinds[1:], *(() if len(kinds) > 2 else ("boolean",))])
    return LIST + found if is_list(kinds[0]) and not is_list(found) else found


def ifs(pairs: Sequence[Thunk]) -> Any:
    """Give the value that belongs to the first condition that holds.

    取第一个成立的条件后面的值；都不成立时是 #N/A。

    也叫：多条件、如果、分级

    >>> IFS(85>=90, "优", 85>=60, "及格", TRUE, "不及格")
    及格
    >>> IFS(FALSE, 1)
    #N/A
    """
    for condition, value in zip(pairs[::2], pairs[1::2], strict=True):
        found = condition()
        if isinstance(found, CellError):
            return found
        if to_boolean(_single(found)):
            return value()
    return NOTHING_MATCHED


def switch(value: Thunk, case: Thunk, result: Thunk, rest: Sequence[Thunk]) -> Any:
    """Give the value that belongs to the first case equal to the expression, else the last one.

    取与表达式相等的那一项后面的值；都不相等时取最后的默认值。

    也叫：多选一、匹配、对应

    >>> SWITCH(2, 1, "一", 2, "二", "其他")
    二
    >>> SWITCH(9, 1, "一", "其他")
    其他
    """
    wanted = value()
    if isinstance(wanted, CellError):
        return wanted
    cases = [case, result, *rest]
    for each, given in zip(cases[::2], cases[1::2], strict=False):
        found = each()
        if isinstance(found, CellError):
            return found
        if compare(_single(wanted), _single(found)) == 0:
            return given()
    return cases[-1]() if len(cases) % 2 else NOTHING_MATCHED


def _switch_type(kinds: Sequence[str]) -> str:
    return joined(
        [kind for at, kind in enumerate(kinds) if at and (at % 2 == 0 or at == len(kinds) - 1)]
    )


def choose(index: Any, values: Sequence[Thunk]) -> Any:
    """Give the value at a place, counted from 1.

    按序号取后面的某一个值，从 1 数起。

    也叫：第几个、选择

    >>> CHOOSE(2, "甲", "乙", "丙")
    乙
    """
    place = small(index)
    if not 1 <= place <= len(values):
        return BAD_ARGUMENT
    return values[place - 1]()


def iferror(value: Thunk, fallback: Thunk) -> Any:
    """Give the value, or another one where it is an error.

    出错时取后一个值，否则取前一个值。

    也叫：出错、错误处理、容错

    >>> IFERROR(1/0, 0)
    0
    >>> IFERROR(5, 0)
    5
    """
    return _replaced(value(), fallback, lambda error: True)  # noqa: ARG005


def ifna(value: Thunk, fallback: Thunk) -> Any:
    """Give the value, or another one where it is #N/A.

    值是 #N/A 时取后一个值，否则取前一个值。

    也叫：找不到、错误处理

    >>> IFNA(NA(), "没有")
    没有
    """
    return _replaced(value(), fallback, lambda error: error.kind == NOT_AVAILABLE.kind)


def _replaced(found: Any, fallback: Thunk, caught: Callable[[CellError], bool]) -> Any:
    def bad(each: Any) -> bool:
        return isinstance(each, CellError) and caught(each)

    if isinstance(found, Array):
        if not any(bad(each) for each in found.items):
            return found
        other = fallback()
        rows = (row_of(other, at) if bad(each) else each for at, each in enumerate(found.items))
        return Array(tuple(rows))
    return fallback() if bad(found) else found


def and_(conditions: Sequence[Thunk]) -> Any:
    """Whether all conditions hold; stops at the first that does not.

    所有条件都成立才是 TRUE；遇到第一个不成立的就停止。

    也叫：并且、且、同时、都

    >>> AND(2>1, 3>2)
    TRUE
    >>> AND(FALSE, 1/0)
    FALSE
    """
    return _until(conditions, stop=False)


def or_(conditions: Sequence[Thunk]) -> Any:
    """Whether any condition holds; stops at the first that does.

    有一个条件成立就是 TRUE；遇到第一个成立的就停止。

    也叫：或者、任一

    >>> OR(1>2, 3>2)
    TRUE
    """
    return _until(conditions, stop=True)


def _until(conditions: Sequence[Thunk], *, stop: bool) -> Any:
    for condition in conditions:
        found = condition()
        if isinstance(found, CellError):
            return found
        if any(truth == stop for truth in _truths(found)):
            return stop
    return not stop


def _truths(value: Any) -> Iterator[bool]:
    """The truth values of a column (texts and empty rows skipped) or of a single value."""
    if not isinstance(value, Array):
        yield to_boolean(value)
        return
    for item in value.items:
        if isinstance(item, CellError):
            raise CellFaultError(item)
        if isinstance(item, bool | Decimal):
            yield bool(item)


def xor(values: Sequence[Any]) -> bool:
    """Whether an odd number of conditions hold.

    成立的条件有奇数个时是 TRUE。

    也叫：异或

    >>> XOR(TRUE, FALSE, TRUE)
    FALSE
    """
    return sum(to_boolean(each) for each in values if not isinstance(each, str) or each) % 2 == 1


def not_(condition: bool) -> bool:  # noqa: FBT001 - a formula's own argument
    """Turn TRUE into FALSE and FALSE into TRUE.

    取反。

    也叫：非、相反、不是

    >>> NOT(1>2)
    TRUE
    """
    return not condition


def true() -> bool:
    """Give TRUE.

    逻辑值 TRUE。

    也叫：真、是

    >>> TRUE()
    TRUE
    """
    return True


def false() -> bool:
    """Give FALSE.

    逻辑值 FALSE。

    也叫：假、否

    >>> FALSE()
    FALSE
    """
    return False


def _single(value: Any) -> Any:
    """A single value where a column has no meaning."""
    if isinstance(value, Array):
        raise CellFaultError(BAD_ARGUMENT)
    return value


BOOLEAN: Final = gives("boolean")
LOGIC: Final = (
    Function("IF", takes("condition: lazy", "yes: lazy", "no: lazy?"), _if_type, if_),
    Function(
        "IFS", takes("condition: lazy*", "value: lazy*"), lambda kinds: joined(kinds[1::2]), ifs
    ),
    Function(
        "SWITCH",
        takes("value: lazy", "case: lazy", "result: lazy", "more: lazy?*"),
        _switch_type,
        switch,
    ),
    Function(
        "CHOOSE", takes("index: number", "value: lazy*"), lambda kinds: joined(kinds[1:]), choose
    ),
    Function("IFERROR", takes("value: lazy", "fallback: lazy"), joined, iferror),
    Function("IFNA", takes("value: lazy", "fallback: lazy"), joined, ifna),
    Function("AND", takes("condition: lazy*"), BOOLEAN, and_),
    Function("OR", takes("condition: lazy*"), BOOLEAN, or_),
    Function("XOR", takes("condition: values*"), BOOLEAN, xor),
    Function("NOT", takes("condition: boolean"), BOOLEAN, not_),
    Function("TRUE", (), BOOLEAN, true),
    Function("FALSE", (), BOOLEAN, false),
)
