"""Text -> tokens, in one pass; what is typed full-width reads as what was meant."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from runtime.formula.errors import FormulaError, Span, refuse

MAX_LENGTH: Final = 8192
MAX_TOKENS: Final = 2048
MAX_TEXT: Final = 1024
MAX_DIGITS: Final = 34

# A Chinese keyboard gives these; letters and digits are not among them, for ｑｔｙ is not qty.
NORMAL: Final = str.maketrans("（），．＋－＊／＾％＆＝＜＞｛｝×÷−", "(),.+-*/^%&=<>{}*/-")
SIGNS: Final = {"≠": "<>", "≤": "<=", "≥": ">="}
ALIASES: Final = {"==": "=", "!=": "<>"}
FOREIGN: Final = {"**": "^", "//": "/", "&&": "AND(…)", "||": "OR(…)", "<<": "", ">>": ""}
QUOTES: Final = '"“”＂'
# Letters and marks that show nothing although Unicode does not call them invisible.
BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)

_SPACE: Final = re.compile(r"\s+")
_NUMBER: Final = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME: Final = re.compile(r"[^\W\d]\w*")
_OPERATORS: Final = ("<>", "<=", ">=", "==", "!=", *"+-*/^%&=<>(),.")


@dataclass(frozen=True)
class Token:
    """A piece of the formula: number, text, name, field, operator or end; `text` is its content."""

    kind: str
    text: str
    span: Span


def tokenize(source: str) -> list[Token]:
    """Cut a formula into tokens, the last of kind "end"; the leading `=` is optional."""
    if len(source) > MAX_LENGTH:
        raise refuse("formula_too_long", (0, MAX_LENGTH), limit=MAX_LENGTH)
    start = 1 if source.startswith("\ufeff") else 0
    _refuse_invisible(source, start)
    place = _after_space(source, start)
    if source[place : place + 1].translate(NORMAL) == "=":
        place += 1
    tokens: list[Token] = []
    while (place := _after_space(source, place)) < len(source):
        if len(tokens) == MAX_TOKENS:
            raise refuse("formula_too_many_tokens", (place, len(source)), limit=MAX_TOKENS)
        tokens.append(_token(source, place))
        place = tokens[-1].span[1]
    if not tokens:
        raise refuse("formula_empty", (0, len(source)))
    tokens.append(Token("end", "", (len(source), len(source))))
    return tokens


def _refuse_invisible(source: str, start: int) -> None:
    """Nobody may be shown another formula than the one that runs."""
    for place in range(start, len(source)):
        character = source[place]
        if character < "\x7f" and (character >= " " or character in "\t\n\r"):
            continue
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or (
            BLANK.match(character)
        ):
            code = f"U+{ord(character):04X}"
            raise refuse("formula_invisible_character", (place, place + 1), character=code)


def _after_space(source: str, place: int) -> int:
    found = _SPACE.match(source, place)
    return found.end() if found else place


def _token(source: str, place: int) -> Token:
    character = source[place]
    plain = character.translate(NORMAL)
    if plain in "0123456789" or (plain == "." and source[place + 1 : place + 2].isdecimal()):
        return _number(source, place)
    if character in QUOTES:
        return _text(source, place)
    if plain == "{":
        return _field(source, place)
    if found := _NAME.match(source, place):
        return _name(found[0], found.span())
    return _operator(source, place)


def _number(source: str, place: int) -> Token:
    found = _NUMBER.match(source, place)
    if found is None:
        raise _unexpected(source, place)
    text, span = found[0], found.span()
    if _NAME.match(source, span[1]) or source[span[1] : span[1] + 1].isalnum():
        raise refuse("formula_number", (place, span[1] + 1), text=source[place : span[1] + 1])
    digits = re.split("[eE]", text)[0].replace(".", "").strip("0")
    if len(digits) > MAX_DIGITS or len(text) > 2 * MAX_DIGITS:
        raise refuse("formula_number_too_long", span, limit=MAX_DIGITS)
    if len(text) > 1 and text[0] == "0" and text[1].isdecimal():
        raise refuse("formula_leading_zero", span, text=text)
    return Token("number", text, span)


def _text(source: str, place: int) -> Token:
    """A text: a straight quote ends at a straight one, a curly one at any; doubled means itself."""
    ends = '"＂' if source[place] in '"＂' else QUOTES
    parts: list[str] = []
    at = place + 1
    while at < len(source):
        if source[at] not in ends:
            parts.append(source[at])
            at += 1
        elif source[at + 1 : at + 2] == source[at] and source[at] in '"＂':
            parts.append(source[at])
            at += 2
        else:
            if len(parts) > MAX_TEXT:
                raise refuse("formula_text_too_long", (place, at + 1), limit=MAX_TEXT)
            return Token("text", "".join(parts), (place, at + 1))
    raise refuse("formula_text_open", (place, len(source)))


def _field(source: str, place: int) -> Token:
    """`{field id}`, `{label}` or `{lines.label}`."""
    closes = [at for sign in "}｝" if (at := source.find(sign, place)) >= 0]
    if not closes:
        raise refuse("formula_field_open", (place, len(source)))
    span = (place, min(closes) + 1)
    name = source[place + 1 : span[1] - 1].strip()
    if not name or "{" in name or "｛" in name or len(name) > MAX_TEXT:
        raise refuse("formula_field_open", span)
    return Token("field", name, span)


def _name(text: str, span: Span) -> Token:
    if unicodedata.normalize("NFKC", text) != text:
        raise refuse("formula_look_alike", span, name=text)
    return Token("name", text, span)


def _operator(source: str, place: int) -> Token:
    pair = source[place : place + 2].translate(NORMAL)
    if source[place] in SIGNS:
        return Token("operator", SIGNS[source[place]], (place, place + 1))
    if pair in FOREIGN:
        raise refuse("formula_foreign_operator", (place, place + 2), found=pair, use=FOREIGN[pair])
    for operator in _OPERATORS:
        if pair.startswith(operator):
            span = (place, place + len(operator))
            return Token("operator", ALIASES.get(operator, operator), span)
    raise _unexpected(source, place)


def _unexpected(source: str, place: int) -> FormulaError:
    if source[place] in "'‘’":
        return refuse("formula_single_quote", (place, place + 1))
    return refuse("formula_unexpected", (place, place + 1), found=source[place])
