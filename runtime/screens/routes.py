"""What a view declares: the right it needs, and whether its requests carry a CSRF token."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import current_app, request

from runtime.definitions import role

View = TypeVar("View", bound=Callable[..., Any])

# "public" asks for nobody, "signed_in" for anybody, "admin" for an administrator. Every other
# name is a verb of a grant, checked on the form named in the URL by `acting.form_of`.
GENERAL: Final = frozenset({"public", "signed_in", "admin"})
VERBS: Final = frozenset(role.VERBS) | {"decide"}


@dataclass(frozen=True)
class Declared:
    """The permission a view names, its need of a CSRF token, the largest body it takes."""

    permission: str
    csrf: bool
    body: int | None = None


def permission(name: str, *, csrf: bool = True, body: int | None = None) -> Callable[[View], View]:
    """Declare what a view asks for; a view without this keeps the server from starting."""
    assert name in GENERAL | VERBS, f"no permission called {name!r}"

    def declare(view: View) -> View:
        view.declared = Declared(name, csrf, body)  # type: ignore[attr-defined]
        return view

    return declare


def declared(view: Callable[..., Any]) -> Declared | None:
    """Return what a view declares, or None."""
    found = getattr(view, "declared", None)
    return found if isinstance(found, Declared) else None


def declared_here() -> Declared:
    """Return what the view of the present request declares."""
    view = current_app.view_functions[request.endpoint or ""]
    found = declared(view)
    assert found is not None, f"{request.endpoint} declares no permission"
    return found
