"""The options of a choice: codes with labels and colours."""

from collections.abc import Mapping
from typing import Any, Final

from runtime.definitions.form import FieldDef
from runtime.definitions.label import read_label
from runtime.kinds.field_type import options_schema, titled

# How many there are where the author does not say.
STARS: Final = 5
COLOURS: Final = ("grey", "blue", "green", "amber", "red", "violet")

_COLOUR_WORDS: Final = {
    "grey": {"zh": "灰", "en": "Grey"},
    "blue": {"zh": "蓝", "en": "Blue"},
    "green": {"zh": "绿", "en": "Green"},
    "amber": {"zh": "黄", "en": "Amber"},
    "red": {"zh": "红", "en": "Red"},
    "violet": {"zh": "紫", "en": "Violet"},
}

_LABEL: Final = {
    "oneOf": [
        {"type": "string", "minLength": 1, "maxLength": 80},
        {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
            "required": ["zh"],
            "additionalProperties": False,
        },
    ]
}

OPTION_LIST: Final[Mapping[str, Any]] = {
    "title": "选项",
    "title_en": "Options",
    "widget": "options",
    "type": "array",
    "minItems": 1,
    "maxItems": 500,
    "items": {
        "type": "object",
        "properties": {
            "code": {
                "title": "编码",
                "title_en": "Code",
                "type": "string",
                "pattern": r"^[^\s,;]+$",
                "maxLength": 40,
            },
            "label": {"title": "名称", "title_en": "Label", **_LABEL},
            "colour": {
                "title": "颜色",
                "title_en": "Colour",
                "widget": "colour",
                "enum": list(COLOURS),
                "words": _COLOUR_WORDS,
            },
        },
        "required": ["code"],
        "additionalProperties": False,
    },
}

_SET: Final = titled(
    "选项集",
    "Option set",
    {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 40, "widget": "option_set"},
    about=(
        "选用应用的选项集，改一处处处生效",
        "Takes a list the app keeps: one change is everywhere",
    ),
)


def choice_options(zh: str, en: str) -> Mapping[str, Any]:
    """The options of a choice: a list of its own, or the name of a set of the app's."""
    known = options_schema(zh, en, {"options": OPTION_LIST, "set": _SET})
    return {**known, "anyOf": [{"required": ["options"]}, {"required": ["set"]}]}


def option_codes(field: FieldDef) -> frozenset[str]:
    """Return the codes a value may have."""
    return frozenset(option["code"] for option in field.options.get("options", ()))


def option_label(field: FieldDef, code: str, locale: str = "zh") -> str:
    """Return what people read for a code; an option that is gone shows its code."""
    for option in field.options.get("options", ()):
        if option["code"] == code:
            return read_label(option.get("label"), code).text(locale)
    return code


def option_code(field: FieldDef, text: str) -> str | None:
    """Return the code of the option a person means by its label or code."""
    for option in field.options.get("options", ()):
        label = read_label(option.get("label"), option["code"])
        if text in {option["code"], label.zh, label.en}:
            code: str = option["code"]
            return code
    return None
