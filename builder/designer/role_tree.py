"""Roles within roles: what somebody has who has one of them."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]


def included(source: Json, code: str) -> Iterator[str]:
    """Yield the roles a role includes, those within them too, each once and never itself."""
    by_code = {role["code"]: role for role in source.get("roles", ())}
    waiting, seen = [code], {code}
    while waiting:
        for each in by_code.get(waiting.pop(), {}).get("includes", ()):
            if each not in seen:
                seen.add(each)
                waiting.append(each)
                yield each


def held(source: Json, roles: frozenset[str]) -> frozenset[str]:
    """The roles somebody has, with all that are within them."""
    return roles.union(*(included(source, code) for code in roles))


def open_to(source: Json, code: str) -> list[str]:
    """The roles a role may include: all but itself and those it is within already."""
    codes = [str(role["code"]) for role in source.get("roles", ())]
    return [each for each in codes if each != code and code not in set(included(source, each))]
