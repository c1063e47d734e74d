"""Cells with pictures: the first one small, and how many there are besides."""

from collections.abc import Sequence
from typing import Any, Final

from flask import url_for

from runtime.compile import Field
from runtime.documents.kept_files import PICTURES
from runtime.screens.i18n import label
from runtime.screens.render import macros

MARK: Final = "is-pic"


def is_pictured(field: Field) -> bool:
    """Whether what a field holds can only be pictures."""
    return field.stored.kind in PICTURES


def thumbs(field: Field, values: Sequence[Any]) -> list[str]:
    """Draw the cells of a column; who may not see a picture is not given it by its address."""
    draw, name = macros("lists/_cells.html").thumb, label(field.label)
    return [draw(_address(value), name, len(value or ()) - 1) for value in values]


def _address(keys: Sequence[int] | None) -> str:
    return url_for("screens.show_picture", file_id=keys[0]) if keys else ""
