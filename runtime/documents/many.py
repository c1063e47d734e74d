"""Many new records of one form at once: the rules of `create`, the queries of one.

Each record is prepared by the one validator and is refused by itself. Where records of the form
read each other, or something is refused only once it is written, they are made one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from runtime import access
from runtime.compile.model import Form
from runtime.documents import (
    changes,
    dependents,
    kept_files,
    lifecycle,
    numbering,
    save,
    stored,
    triggers,
)
from runtime.documents.conditions import require_all_kept
from runtime.documents.crowd import Crowd
from runtime.documents.flows import beginning
from runtime.documents.prepare import Prepared, prepare
from runtime.infra import audit, outbox
from runtime.infra.act import Act
from runtime.infra.errors import AppError


@dataclass(frozen=True)
class Made:
    """A record that was made."""

    id: int
    version: int


def create_many(act: Act, form: Form, sent: Sequence[Mapping[str, Any]]) -> list[Made | AppError]:
    """Make a record of each; a refused one leaves nothing behind and stops nothing."""
    access.require(act.actor, "create", form)
    access.require(act.actor, "view", form)
    if len(sent) < 2 or _reads_itself(form) or _is_joined(form) or beginning.rights(form):
        return [_create(act, form, values) for values in sent]
    found = check_many(act, form, sent)
    ready = [each for each in found if isinstance(each, Prepared)]
    try:
        with act.connection.begin_nested():
            made = iter(_insert(act, form, ready))
    except AppError:
        # Which of them it was only shows one by one.
        return [_create(act, form, values) for values in sent]
    return [each if isinstance(each, AppError) else next(made) for each in found]


def check_many(
    act: Act, form: Form, sent: Sequence[Mapping[str, Any]]
) -> list[Prepared | AppError]:
    """Say what would become of each, without writing anything."""
    crowd = Crowd.of(act, form, sent)
    return [_prepared(crowd, values) for values in sent]


def _prepared(crowd: Crowd, values: Mapping[str, Any]) -> Prepared | AppError:
    form = crowd.form
    try:
        found = prepare(crowd.act, form, values, None, complete=not form.is_document, crowd=crowd)
    except AppError as error:
        return error
    crowd.claim(found.values)
    return found


def _create(act: Act, form: Form, values: Mapping[str, Any]) -> Made | AppError:
    try:
        with act.connection.begin_nested():
            made = lifecycle.create(act, form, values)
    except AppError as error:
        return error
    return Made(made.id, made.version)


def _insert(act: Act, form: Form, ready: Sequence[Prepared]) -> list[Made]:
    status = "draft" if form.is_document else lifecycle.RECORD_STATUS
    if not form.is_document:
        ready = [_numbered(act, form, each) for each in ready]
    ids = save.insert_records(act, form, ready, status)
    require_all_kept(act, form, ids, "create")
    for key, each in zip(ids, ready, strict=True):
        if kept_files.ids(form, each.values):
            save.attach(act, form, key, each.values)
    if form.code in form.siblings.graph.forms_read:
        dependents.made(act, form, list(stored.lock_several(act, form, ids)))
    _tell(act, form, ids, [each.values for each in ready], status)
    return [Made(key, save.FIRST_VERSION) for key in ids]


def _numbered(act: Act, form: Form, prepared: Prepared) -> Prepared:
    given = numbering.given(act, form, prepared.values)
    return replace(prepared, values={**prepared.values, **given}) if given else prepared


def _tell(
    act: Act, form: Form, ids: Sequence[int], values: Sequence[Mapping[str, Any]], status: str
) -> None:
    told: list[tuple[int | None, Mapping[str, Any]]] = [
        (key, {**changes.of_new(form, each), "status": [None, status]})
        for key, each in zip(ids, values, strict=True)
    ]
    audit.write_many(act, "create", f"{form.app_code}.{form.code}", told)
    for key, (_, change) in zip(ids, told, strict=True):
        triggers.happened(act, form, key, "create", change)
    if _is_listened_to(act, form):
        for key, (_, change) in zip(ids, told, strict=True):
            codes = {*change.get("fields", ()), *change.get("lines", ())}
            outbox.note(act, (form.app_code, form.code, key), "create", sorted(codes))


def _is_joined(form: Form) -> bool:
    """Whether an automation runs with each of them, and may refuse it."""
    return any(rule.runs_with for rule in triggers.listening(form, "create"))


def _is_listened_to(act: Act, form: Form) -> bool:
    """Whether any webhook asks for what happens in the app at all."""
    columns = outbox.webhook_table.c
    query = select(columns.id).where(columns.app == form.app_code, columns.is_active)
    return act.connection.execute(query.limit(1)).first() is not None


def _reads_itself(form: Form) -> bool:
    """Whether a record of the form may depend on the one made a moment before."""
    readers = form.siblings.graph.readers_of.get(form.code, ())
    return any(edge.how != "record" and edge.node.form == form.code for edge in readers)
