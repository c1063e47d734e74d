"""Kinds that are kept alike: what the ids in their columns mean, and which hold several values."""

from typing import Final

# Ids of uploaded files.
FILES: Final = frozenset({"attachment", "image", "signature"})
# Ids of people and of departments.
PEOPLE: Final = frozenset({"user", "users"})
DEPARTMENTS: Final = frozenset({"department", "departments"})
# One id, chosen by a lookup.
KEYED: Final = frozenset({"reference", "user", "department"})
# Several ids, chosen by a lookup one after the other.
PICKED: Final = frozenset({"users", "departments"})
# Several values in one column of JSON.
SEVERAL: Final = frozenset({"multi_choice"}) | PICKED | FILES
# Drawn from another field when the option of that name says from which; entered otherwise.
DRAWN_FROM: Final = {"barcode": "field"}
DRAWABLE: Final = frozenset({"text", "document_number", "choice", "phone", "url", "email"})
# A line has no room for them.
NOT_IN_LINES: Final = frozenset({"button", "query"})
# Chosen level by level in a header; in a line they are typed as one text.
STEPPED: Final = frozenset({"cascade", "region", "address"})
