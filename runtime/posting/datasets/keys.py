"""The app's ids and the books' keys: an id is the key's text."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from runtime import kernel

LARGEST_WHOLE: Final = 2**63 - 1


def books_of(connection: Connection, company: str) -> int | None:
    """The number of an app's books, if they were opened."""
    found = kernel.find_company(connection, company)
    return None if found is None else found.id


def key_of(number: int | None) -> str | None:
    """The key of an item or warehouse, if one was asked for."""
    return None if number is None else str(number)


def keys_of(numbers: Iterable[int]) -> list[str]:
    """The keys of items or warehouses."""
    return [str(number) for number in numbers]


def id_of(key: str) -> int:
    """The id behind a key; what is no item, warehouse or document of the app is 0."""
    return int(key) if key.isdecimal() else 0


def document_of(ref: kernel.DocumentRef | None) -> tuple[str, int | None]:
    """Form and id of a document; nothing where there is none."""
    if ref is None or not ref.id.isdecimal():
        return ("" if ref is None else ref.type), None
    return ref.type, int(ref.id)
