"""What differs between two versions of an app, by stable ids and in words: moves are moves."""

from collections.abc import Mapping
from typing import Any

from builder.changes.compare import compare, counts
from builder.changes.items import read
from builder.changes.words import Sentence, sentences

__all__ = ["Sentence", "changes", "numbers"]


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Sentence, ...]:
    """Every difference between two apps' JSON, a sentence each; of a new app that it is new."""
    found = tuple(compare(read(before or _nothing(after)), read(after)))
    return tuple(sentences(found))


def numbers(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Mapping[str, int]:
    """How many things came, changed and went: `{"added": 3, "changed": 5, "removed": 1}`."""
    return counts(tuple(compare(read(before or _nothing(after)), read(after))))


def _nothing(after: Mapping[str, Any]) -> Mapping[str, Any]:
    """The app before it was there: only what it is called."""
    members = ("format", "code", "label", "currency", "zone")
    return {name: after[name] for name in members if name in after} | {"forms": []}
