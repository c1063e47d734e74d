"""What kinds of fields are called and drawn as in the designer."""

from typing import Final

from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.i18n import label

ICONS: Final = {
    "text": "letter-case", "long_text": "align-left", "number": "number",
    "money": "currency-yuan", "quantity": "ruler-measure", "percent": "percentage",
    "date": "calendar", "datetime": "calendar-time", "time": "clock", "duration": "hourglass",
    "boolean": "toggle-right", "choice": "circle-dot", "multi_choice": "checkbox",
    "reference": "link", "lookup": "arrow-autofit-down", "lines": "table",
    "formula": "math-function", "rollup": "sum", "document_number": "hash", "user": "user",
    "users": "users", "department": "sitemap", "departments": "sitemap",
    "attachment": "paperclip", "image": "photo", "signature": "writing-sign",
    "barcode": "barcode", "email": "mail", "phone": "phone", "url": "world", "id_card": "id",
    "rating": "star", "rmb": "currency-yuan", "note": "info-circle",
    "divider": "separator-horizontal", "rich_text": "text-wrap", "region": "map-pin",
    "address": "map-pin", "location": "current-location", "cascade": "list-tree",
    "button": "click", "query": "database-search",
}  # fmt: skip
UNKNOWN: Final = "letter-case"


def kind_icon(kind: str) -> str:
    """Return the icon of a kind of field."""
    return ICONS.get(kind, UNKNOWN)


def kind_name(kind: str) -> str:
    """Return what a kind of field is called, by its own schema; an unknown one shows its code."""
    known = FIELD_TYPES.get(kind)
    title = known.options.get("title") if known else None
    if known is None or not title:
        return kind
    return label({"zh": title, "en": known.options.get("title_en") or title})
