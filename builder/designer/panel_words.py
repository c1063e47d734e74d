"""What the options of kinds are called: their schemas say it, in both languages."""

from collections.abc import Mapping
from typing import Any, Final

from builder.designer.formula_words import kind_text
from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.fields.formula import RESULTS
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
_NOTHING: Final[Json] = {}


def option_schema(kind: str, name: str) -> Json:
    """Return the schema of one option of a kind; an empty one where there is no such option."""
    known = FIELD_TYPES.get(kind)
    found: Json = (known.options if known else _NOTHING).get("properties", {}).get(name, _NOTHING)
    return found


def option_word(schema: Json, name: str) -> str:
    """Return what an option is called."""
    title = schema.get("title")
    return label({"zh": title, "en": schema.get("title_en") or title}) if title else name


def note_word(schema: Json) -> str:
    """Return what there is to know about an option."""
    text = schema.get("description")
    return label({"zh": text, "en": schema.get("description_en") or text}) if text else ""


def choice_word(schema: Json, value: Any) -> str:
    """Return what one value of an option is called."""
    words: Json = schema.get("words", _NOTHING)
    if value in words:
        return label(words[value])
    if schema.get("widget") == "kind" and value in RESULTS:
        return kind_text(str(value))
    return str(value) or _("没有")
