"""The text of a workbook's formula -> tokens."""

import re
from typing import Final, NamedTuple

from runtime.exchange.formulas.tree import NotConverted

LONGEST: Final = 8192
_MOST_TOKENS: Final = 2_000
_SHEET: Final = r"(?:'(?:[^']|'')+'|(?:\[\d+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?|\[\d+\])!"
_TOKEN: Final = re.compile(
    r"(?P<space>\s+)"
    r'|(?P<text>"(?:[^"]|"")*")'
    r"|(?P<error>\#(?:N/A|DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!|SPILL!|CALC!))"
    rf"|(?P<sheet>{_SHEET})"
    r"|(?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(.!]))"
    r"|(?P<rows>\$?\d+:\$?\d+(?![\w(.!]))"
    r"|(?P<cell>\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![\w(.!\[]))"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)"
    r"|(?P<call>[^\W\d][\w.]*\()"
    r"|(?P<table>(?:[^\W\d][\w.]*)?\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])"
    r"|(?P<name>[^\W\d][\w.\\]*)"
    r"|(?P<operator><=|>=|<>|[-+*/^&=<>%(),:@])",
    re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a formula: its kind (a group of the pattern, or "end") and its text."""

    kind: str
    text: str


def tokenize(formula: str) -> list[Token]:
    """Cut a formula into tokens, the last of kind "end"; what is not of Excel is not converted."""
    if len(formula) > LONGEST:
        raise NotConverted("formula_kept_long")
    tokens: list[Token] = []
    place = 1 if formula.startswith("=") else 0
    while place < len(formula):
        match = _TOKEN.match(formula, place)
        if match is None:
            # Arrays in braces, spilled ranges, intersections.
            raise NotConverted("formula_kept_array" if formula[place] in "{#" else _UNREAD)
        place = match.end()
        kind = str(match.lastgroup)
        if kind != "space":
            tokens.append(Token(kind, match[0]))
        if len(tokens) > _MOST_TOKENS:
            raise NotConverted("formula_kept_long")
    tokens.append(Token("end", ""))
    return tokens


_UNREAD: Final = "formula_kept_unread"
