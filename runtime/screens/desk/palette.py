"""Ctrl K: pages, forms, new documents, records and people, by name, code or pinyin initials.

A first character narrows it down: `>` what can be done, `#` records, `@` people.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from flask import Response, request

from runtime.infra.act import Act
from runtime.screens.acting import reading
from runtime.screens.desk import options
from runtime.screens.desk.options import Option
from runtime.screens.desk.records import named, of_people, opened, pinned
from runtime.screens.i18n import _
from runtime.screens.render import render
from runtime.screens.routes import permission

SHOWN: Final = 40
LONGEST: Final = 100
MOST_HERE: Final = 30
DEEDS: Final = ">"
RECORDS: Final = "#"
PEOPLE: Final = "@"


@permission("signed_in")
def palette() -> Response:
    """Answer what fits the typed words, grouped; `here` are the buttons of the present page."""
    typed = request.args.get("q", "")[:LONGEST].strip()
    here = [text[:LONGEST] for text in request.args.getlist("here")[:MOST_HERE]]
    prefix = typed[:1] if typed[:1] in {DEEDS, RECORDS, PEOPLE} else ""
    with reading() as act:
        found = tuple(islice(_found(act, prefix, typed.removeprefix(prefix), here), SHOWN))
        groups: dict[str, list[Option]] = {}
        for option in found:
            groups.setdefault(option.group, []).append(option)
        return render(
            "desk/palette.html",
            "options",
            groups=groups,
            asked=" ".join(typed.lower().split()),
            prefix=prefix,
            rest=typed.removeprefix(prefix).strip(),
        )


def _found(act: Act, prefix: str, text: str, here: list[str]) -> Iterator[Option]:
    words = text.lower().split()[:8]
    if prefix == RECORDS:
        return named(act, text)
    if prefix == PEOPLE:
        return of_people(act, words)
    if prefix == DEEDS:
        return _fitting(words, options.of_page(here), options.to_begin(act), options.to_set())
    return _fitting(
        words,
        options.of_page(here),
        opened(act),
        pinned(act),
        options.to_go(act),
        options.to_begin(act),
        options.to_set(),
    )


def _fitting(words: list[str], *groups: Iterator[Option]) -> Iterator[Option]:
    """Yield what every word fits; each thing once, where it stands first."""
    seen: set[str] = set()
    for group in groups:
        for option in group:
            key = option.href or f"{_('这一页')} {option.label}"
            if key not in seen and all(word in option.words for word in words):
                seen.add(key)
                yield option
