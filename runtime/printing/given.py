"""What a template is filled with: plain data that crosses into the cage and back out of it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

Json = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """A drawing in place of a text: PNG or JPEG with its size in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Value:
    """What comes in place of a placeholder: as people read it, and as a cell computes with it.

    `number` is exact; of a day it is the days since the spreadsheets' beginning.
    """

    text: str
    number: Decimal | None = None
    # `money`, `number`, `percent`, `date` or `datetime`; `text` where there is no number.
    style: str = "text"
    picture: Picture | None = None


NOTHING: Final = Value("")
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Paper:
    """One record on paper: the values of its header and the rows of its line tables."""

    title: str
    header: Row
    lines: Mapping[str, Sequence[Row]] = field(default_factory=dict)


def paper_json(paper: Paper) -> Json:
    """Write a paper down for the cage."""
    return {
        "title": paper.title,
        "header": _row_json(paper.header),
        "lines": {code: [_row_json(row) for row in rows] for code, rows in paper.lines.items()},
    }


def read_paper(kept: Json) -> Paper:
    """Read it again."""
    lines = {code: [_row(row) for row in rows] for code, rows in kept["lines"].items()}
    return Paper(kept["title"], _row(kept["header"]), lines)


def _row_json(row: Row) -> Json:
    return {key: _value_json(value) for key, value in row.items()}


def _value_json(value: Value) -> Json:
    found: Json = {"text": value.text}
    if value.number is not None:
        found |= {"number": format(value.number, "f"), "style": value.style}
    if value.picture is not None:
        drawn = value.picture
        content = base64.b64encode(drawn.content).decode()
        found["picture"] = [content, drawn.media_type, drawn.width, drawn.height]
    return found


def _row(kept: Json) -> Row:
    return {key: _value(each) for key, each in kept.items()}


def _value(kept: Json) -> Value:
    number = Decimal(kept["number"]) if "number" in kept else None
    picture = None
    if "picture" in kept:
        content, media_type, width, height = kept["picture"]
        picture = Picture(base64.b64decode(content), media_type, width, height)
    return Value(kept["text"], number, kept.get("style", "text"), picture)
