"""The one JSON reader and writer: exact numbers, no duplicates, bounded depth."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NoReturn

from runtime.infra.errors import BadRequest, TooLarge

Json = Any

MAX_BYTES = 8_000_000
MAX_DEPTH = 40
# A JSON string as a whole, an unfinished one included, so that brackets inside do not count.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def loads(source: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Json:
    """Read JSON text; numbers with a fraction become Decimal, integers stay int.

    Raises BadRequest for text that is not strict JSON (duplicate keys, NaN, lone surrogates,
    too deep) and TooLarge beyond `max_bytes`.
    """
    if len(source) > max_bytes:
        raise TooLarge("json_too_large", {"limit": max_bytes})
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        _refuse_depth(text, max_depth)
        value = json.loads(
            text,
            parse_float=_exact,
            parse_int=_bounded_int,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_duplicates,
        )
    except BadRequest:
        raise
    except (ValueError, RecursionError) as error:
        raise BadRequest("json_invalid", {"reason": str(error)[:200]}) from error
    _refuse_surrogates(value)
    return value


def dumps(value: Json, *, indent: int | None = None, sort: bool = False) -> str:
    """Write JSON text; Decimal and dates become strings, so nothing turns into a float."""
    if indent is None and not sort:
        return _compact(value)
    return json.dumps(
        value,
        ensure_ascii=False,
        indent=indent,
        sort_keys=sort,
        default=_as_text,
        allow_nan=False,
        separators=(",", ":") if indent is None else None,
    )


def canonical(value: Json) -> str:
    """Write JSON text that is the same for equal values: the form that is hashed."""
    return dumps(value, sort=True)


def _as_text(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


# Made once: `json.dumps` makes a writer for every text that is written in another way than its own.
_compact = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_as_text
).encode


def _refuse_depth(text: str, max_depth: int) -> None:
    # Counted before parsing, because the parser itself recurses.
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > max_depth:
            raise BadRequest("json_too_deep", {"limit": max_depth})


def _exact(text: str) -> Decimal:
    if len(text) > 60:
        raise ValueError("number too long")
    value = Decimal(text)
    if not -60 <= value.adjusted() <= 60:
        raise ValueError("number out of range")
    return value


def _bounded_int(text: str) -> int:
    if len(text) > 40:
        raise ValueError("number too long")
    return int(text)


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _refuse_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _refuse_surrogates(value: Json) -> None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadRequest("json_invalid", {"reason": "lone surrogate"}) from error
        if "\x00" in value:
            raise BadRequest("json_invalid", {"reason": "NUL character"})
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_surrogates(key)
            _refuse_surrogates(item)
    elif isinstance(value, Sequence):
        for item in value:
            _refuse_surrogates(item)
