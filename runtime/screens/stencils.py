"""Pieces of a page that are alike but for their texts: drawn once with holes, filled many times.

A template draws the piece, `hole("name")` standing where it differs; `filled` escapes what goes
there, the texts of one hole all at once.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup, escape

# Begins and ends a hole while the piece is drawn, and stands between texts that are escaped.
MARK: Final = "\x00"


def hole(name: str) -> str:
    """What a template draws where the texts of that name go."""
    return f"{MARK}{name}{MARK}"


def unmarked(text: str) -> str:
    """A text that is drawn with the piece itself: it can be no hole."""
    return text.replace(MARK, "")


class Stencil:
    """A piece with holes."""

    def __init__(self, drawn: str) -> None:
        parts = drawn.split(MARK)
        self._names = parts[1::2]
        self._text = "%s".join(part.replace("%", "%%") for part in parts[::2])

    def filled(self, texts: Mapping[str, Sequence[object]]) -> str:
        """Fill the holes, once for each text there is of a name, and join the pieces.

        A text is escaped unless all of its name are markup already.
        """
        safe = {name: escaped(column) for name, column in texts.items()}
        rows = zip(*(safe[name] for name in self._names), strict=True)
        return "".join([self._text % row for row in rows])


def escaped(texts: Sequence[object]) -> list[str]:
    """Escape many texts at once."""
    if all(isinstance(text, Markup) for text in texts):
        return [str(text) for text in texts]
    plain = [str(text) for text in texts]
    found = str.split(escape(MARK.join(plain)), MARK)
    # A text with our mark in it would end in somebody else's place.
    return found if len(found) == len(plain) else [str(escape(text)) for text in plain]
