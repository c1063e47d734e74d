"""Codes from names: what a form or field is called in JSON and SQL, by pinyin, unique and free."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from builder.checks.field_names import STEERING, SYSTEM, WORDS
from builder.checks.names import RESERVED

FIELD_CHARS: Final = 40
FORM_CHARS: Final = 24
LINES_CHARS: Final = 20
APP_CHARS: Final = 12
_BRACKETS: Final = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")
_PIECE: Final = re.compile(r"[a-z]+|[0-9]+", re.ASCII)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def field_code(
    name: str,
    taken: Collection[str],
    known: Mapping[str, str] | None = None,
    *,
    most: int = FIELD_CHARS,
) -> str:
    """Return a free code for a field; `known` names of the app keep the code they have there."""
    usual = (known or {}).get(name)
    if usual is not None and usual not in taken and len(usual) <= most:
        return usual
    return _free(_spelled(name, most) or "field", taken, SYSTEM | WORDS | STEERING, most)


def form_code(name: str, taken: Collection[str]) -> str:
    """Return a free code for a form."""
    return _free(_spelled(name, FORM_CHARS) or "form", taken, RESERVED, FORM_CHARS)


def app_code(name: str, taken: Collection[str]) -> str:
    """Return a free code for an app."""
    return _free(_spelled(name, APP_CHARS) or "app", taken, RESERVED, APP_CHARS)


def option_code(text: str, taken: Collection[str]) -> str:
    """Return the code of an option: the text itself where it may be one."""
    if len(text) <= FIELD_CHARS and not re.search(r"[\s,;]", text) and text not in taken:
        return text
    return _free(_spelled(text, FIELD_CHARS) or "option", taken, frozenset(), FIELD_CHARS)


def _spelled(name: str, most: int) -> str:
    whole = unicodedata.normalize("NFKC", name)
    plain = _BRACKETS.sub(" ", whole).strip() or whole
    words: list[str] = []
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionary is large

    for part in lazy_pinyin(_CAMEL.sub(" ", plain)):
        words.extend(_PIECE.findall(part.lower()))
    while words and words[0][0].isdigit():
        # A code begins with a letter: 2026年销量 is n2026_nian_xiao_liang.
        words[0] = f"n{words[0]}"
    return _joined(words, most)


def _joined(words: list[str], most: int) -> str:
    code = ""
    for word in words:
        longer = f"{code}_{word}" if code else word[:most]
        if len(longer) > most:
            break
        code = longer
    return code


def _free(code: str, taken: Collection[str], reserved: Collection[str], most: int) -> str:
    for candidate in _candidates(code, most):
        if candidate not in taken and candidate not in reserved:
            return candidate
    raise AssertionError("there is always one more number")


def _candidates(code: str, most: int) -> Iterator[str]:
    yield code
    number = 2
    while True:
        ending = f"_{number}"
        yield code[: most - len(ending)].rstrip("_") + ending
        number += 1
