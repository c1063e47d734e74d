"""Which records a piece of work on a list is about: what its address says."""

from typing import Any

from flask import request, url_for
from sqlalchemy import func, select

from runtime import query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.query import PageRequest
from runtime.screens.acting import reading
from runtime.screens.lists.asked import state_of
from runtime.screens.lists.state import ListState


def list_address(form: Form) -> str:
    """Return the address of a form's list."""
    return url_for("screens.list_records", app_code=form.app_code, form_code=form.code)


def state_asked(form: Form) -> ListState:
    """Return the state of the list the request comes from: in its address, or posted."""
    source = request.form if request.method == "POST" else request.args
    with reading() as act:
        return state_of(act, form, source)


def how_many(act: Act, form: Form, asked: PageRequest) -> int:
    """Count every record of a list exactly."""
    ids = query.matching(act, form, asked).subquery()
    return int(act.connection.execute(select(func.count()).select_from(ids)).scalar_one())


def carried(state: ListState) -> tuple[tuple[str, str], ...]:
    """Return what a form of the dialog posts so that the same list is meant."""
    return (*state.pairs, *((("q", state.search),) if state.search else ()))


def batch_address(form: Form, batch_id: int, view: str = "show_batch", after: int = 0) -> str:
    """Return an address of a batch."""
    values: dict[str, Any] = {"app_code": form.app_code, "form_code": form.code}
    rest: dict[str, Any] = {"after": after} if after else {}
    return url_for(f"screens.{view}", **values, batch_id=batch_id, **rest)


def here(form: Form, view: str) -> str:
    """Return the address of work on a form's list."""
    return url_for(f"screens.{view}", app_code=form.app_code, form_code=form.code)
