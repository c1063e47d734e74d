"""Cells with pictures: the first one small, and how many there are besides."""

from collections.abc import Sequence
from typing import Any, Final

from flask import url_for
from markupsafe import Markup

from runtime.compile import Field
from runtime.documents.kept_files import PICTURES
from runtime.screens.i18n import label

MARK: Final = "is-pic"
_THUMB: Final = Markup('<img class="lst-p" src="{}" alt="{}" loading="lazy" decoding="async">')
_MORE: Final = Markup('<span class="lst-pn">+{}</span>')


def is_pictured(field: Field) -> bool:
    """Whether what a field holds can only be pictures."""
    return field.stored.kind in PICTURES


def thumbs(field: Field, values: Sequence[Any]) -> list[str]:
    """Draw the cells of a column; who may not see a picture is not given it by its address."""
    name = label(field.label)
    return [_drawn(name, value) if value else Markup() for value in values]


def _drawn(name: str, keys: Sequence[int]) -> Markup:
    first = _THUMB.format(url_for("screens.show_picture", file_id=keys[0]), name)
    return first + _MORE.format(len(keys) - 1) if len(keys) > 1 else first
