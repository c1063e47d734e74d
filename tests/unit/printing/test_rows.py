"""Addresses when rows of lines are repeated: a table a bookkeeper can check."""

import pytest

from runtime.printing.rows import NOWHERE, Block, RowMap, Spot

BLOCK = Block("lines", 4, 4, 3)
MAP = RowMap((BLOCK,), "送货单")
MAP.others["送货单"] = MAP  # type: ignore[index]


@pytest.mark.parametrize(
    ("formula", "outside", "second_line"),
    [
        ("C4*D4", "C4*D4", "C5*D5"),
        ("SUM(C4:C4)", "SUM(C4:C6)", "SUM(C5:C5)"),
        ("SUM(E4)", "SUM(E4:E6)", "SUM(E5)"),
        ("SUM($C$4:C4)", "SUM($C$4:C6)", "SUM($C$4:C5)"),
        ("C3+C5", "C3+C7", "C3+C7"),
        ("C$4", "C$4", "C$4"),
        ("A1:E6", "A1:E8", "A1:E8"),
        ("$1:$3", "$1:$3", "$1:$3"),
        ("'送货单'!$A$1:$E$6", "'送货单'!$A$1:$E$8", "'送货单'!$A$1:$E$8"),
        ("其他!A5+A5", "其他!A5+A7", "其他!A5+A7"),
        ('"C4"&C5', '"C4"&C7', '"C4"&C7'),
        ("LOG10(C5)", "LOG10(C7)", "LOG10(C7)"),
        ("价格C4", "价格C4", "价格C4"),
    ],
)
def test_formula__on_the_paper(formula: str, outside: str, second_line: str) -> None:
    assert MAP.formula(formula, NOWHERE) == outside
    assert MAP.formula(formula, Spot(BLOCK, 1)) == second_line


def test_rows__two_rows_for_a_line_and_two_tables() -> None:
    rows = RowMap((Block("a", 2, 3, 3), Block("b", 5, 5, 2)))
    assert [rows.first(row) for row in (1, 2, 3, 4, 5, 6)] == [1, 2, 3, 8, 9, 11]
    assert [rows.first(3, copy) for copy in range(3)] == [3, 5, 7]
    assert rows.formula("SUM(A2:A5)") == "SUM(A2:A10)"
