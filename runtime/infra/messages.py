"""Texts by code, in Chinese and English: `messages/<area>.json`."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).with_name("messages")
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All texts, `{code: {"zh": …, "en": …}}`; a code that stands in two areas is a mistake."""
    texts: dict[str, Mapping[str, str]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        for code, languages in json.loads(path.read_text(encoding="utf-8")).items():
            assert code not in texts, f"{code} stands in two message files"
            assert {"zh", "en"} <= set(languages), f"{code} lacks a language"
            texts[code] = languages
    return texts


def message_here(code: str, params: Mapping[str, Any] | None = None, locale: str = "zh") -> str:
    """Return the text of a code for a reader who already sees the line it is about.

    `<code>_here` where there is one, the full text otherwise.
    """
    return message(f"{code}_here" if f"{code}_here" in catalogue() else code, params, locale)


def message(code: str, params: Mapping[str, Any] | None = None, locale: str = "zh") -> str:
    """Return the text of a code, its `{placeholders}` filled literally, never evaluated."""
    languages = catalogue().get(code)
    assert languages is not None, f"no message called {code!r}"
    template = languages["en" if locale.startswith("en") else "zh"]
    given = params or {}
    return _PLACEHOLDER.sub(lambda match: str(given.get(match[1], "…")), template)
