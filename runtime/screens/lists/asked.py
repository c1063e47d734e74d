"""Which list an address means: its view, and what differs from it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from runtime import query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.query.views import View
from runtime.screens.lists.state import ListState, read_state


def list_address(form: Form) -> str:
    """Return the address of a form's list."""
    return url_for("screens.list_records", app_code=form.app_code, form_code=form.code)


def address_of(form: Form, view: str, **values: Any) -> str:
    """Return an address below a form's list."""
    return url_for(f"screens.{view}", app_code=form.app_code, form_code=form.code, **values)


def state_of(act: Act, form: Form, source: MultiDict[str, str] | Mapping[str, str]) -> ListState:
    """Return the state an address (or what was posted) means.

    Raises NotFound for a view that is not there or not theirs.
    """
    key = source.get("view", "")
    view: View | None = query.view_of(act, form, key[:60]) if key else None
    return read_state(list_address(form), source, view)
