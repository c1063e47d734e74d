"""The state of a draft as it is kept and compared."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from builder.drafts.model import Draft, Json, Removed
from builder.drafts.patch import Patch, difference
from builder.drafts.store import parsed
from runtime.infra import strict_json


def digest(source: Json) -> str:
    """What tells whether two apps are the same, whatever the order of their keys."""
    return hashlib.sha256(strict_json.canonical(source).encode()).hexdigest()


def state_of(draft: Draft) -> Json:
    """What of a draft is undone and done again."""
    return {
        "source": draft.source,
        "removed": [asdict(each) for each in draft.removed],
        "undecided": [asdict(each) for each in draft.undecided],
        "base_version": draft.base_version,
    }


def patches(before: Draft, after: Draft) -> tuple[Patch, Patch]:
    """The way from one state to the other, and back."""
    old, new = state_of(before), state_of(after)
    return difference(old, new), difference(new, old)


def read_removed(text: str) -> tuple[Removed, ...]:
    """The bin, as it is kept."""
    return tuple(Removed(**each) for each in parsed(text))


def write_removed(removed: Sequence[Removed]) -> str:
    """The bin as text."""
    return strict_json.dumps([asdict(each) for each in removed])
