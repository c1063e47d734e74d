"""What an operation did, as a sentence: for whoever worked on the same draft meanwhile."""

from collections.abc import Iterable, Mapping
from typing import Any

from runtime.definitions.label import read_label
from runtime.infra.messages import message

# A message's code and what fills it; names in it are labels as the app has them.
Said = Mapping[str, Any]


def said(code: str, **params: Any) -> Said:
    """One sentence by its message."""
    return {"code": code, "params": params}


def sentences(changes: Iterable[Said], locale: str = "zh") -> list[str]:
    """The sentences in a language."""
    return [
        message(str(each["code"]), _in_language(each["params"], locale), locale) for each in changes
    ]


def _in_language(params: Mapping[str, Any], locale: str) -> Mapping[str, Any]:
    return {
        name: read_label(value).text(locale) if isinstance(value, Mapping) else value
        for name, value in params.items()
    }
