"""Which records an act on many is about: those ticked on the page, or all the list has."""

from dataclasses import dataclass, replace
from typing import Any, Final

from flask import request
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from runtime import query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.query import PageRequest
from runtime.screens.form_fields import numbers
from runtime.screens.i18n import _, number
from runtime.screens.lists.state import ListState
from runtime.screens.lists_work.asked import carried, how_many, state_asked

ALL: Final = "all"
MOST_PICKED: Final = 1_000


@dataclass(frozen=True)
class Picked:
    """The records meant: how many, and how the page says so again."""

    asked: PageRequest
    state: ListState
    ids: tuple[int, ...]
    is_all: bool
    count: int

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """What a form of the dialog posts so that the same records are meant."""
        ids = ",".join(map(str, self.ids))
        scope = [("scope", ALL)] if self.is_all else [("ids", ids)]
        return (*carried(self.state), *scope)

    @property
    def words(self) -> str:
        """Which records these are, for the person who is about to change them."""
        if not self.is_all:
            return _("选中的 %(n)s 条", n=number(self.count))
        if self.state.is_narrowed:
            return _("符合筛选的全部 %(n)s 条", n=number(self.count))
        return _("列表里的全部 %(n)s 条", n=number(self.count))


def picked(act: Act, form: Form) -> Picked:
    """Return the records a request means, those the actor may see."""
    source: MultiDict[str, str] = request.form if request.method == "POST" else request.args
    state = state_asked(form)
    is_all = source.get("scope") == ALL
    ids = numbers(source.get("ids", "").split(","))
    if not is_all and not 0 < len(ids) <= MOST_PICKED:
        raise BadRequest("batch_nothing_picked", {"most": MOST_PICKED})
    # What was ticked is meant even where the list has moved on meanwhile.
    asked = state.request() if is_all else PageRequest(ids=ids)
    asked = replace(asked, after="", before="")
    return Picked(asked, state, ids, is_all, how_many(act, form, asked))


def first_ids(act: Act, form: Form, those: Picked, limit: int) -> list[int]:
    """The first few of them, by their ids."""
    ids: Select[Any] = query.matching(act, form, those.asked)
    found = act.connection.execute(ids.order_by(form.table.c.id).limit(limit)).scalars()
    return list(found)
