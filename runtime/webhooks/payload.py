"""What a webhook is told: the record as its owner may see it when it is told."""

from typing import Any

from runtime import access, query
from runtime.catalogue import Catalogue
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.outbox import PING, Parcel
from runtime.query.shapes import instant, record_json


def payload(act: Act, catalogue: Catalogue, parcel: Parcel) -> dict[str, Any] | None:
    """Return what is said in a parcel; None when it is about what the owner may not see."""
    said: dict[str, Any] = {
        "type": f"record.{parcel.event}" if parcel.event != PING else PING,
        "timestamp": instant(parcel.at),
        "app": parcel.app,
        "form": parcel.form,
    }
    if parcel.event == PING:
        return said | {"data": {}}
    form = _form(act, catalogue, parcel)
    if form is None or parcel.record_id is None or not access.may(act.actor, "view", form):
        return None
    data = _data(act, form, parcel)
    return None if data is None else said | {"data": data}


def _data(act: Act, form: Form, parcel: Parcel) -> dict[str, Any] | None:
    assert parcel.record_id is not None, "asked before"
    told: dict[str, Any] = {"id": parcel.record_id, "by": parcel.by}
    if parcel.event in {"delete", "purge"}:
        # Whether a record that is gone was theirs to see cannot be asked any more; so only who
        # sees all of them hears of it.
        return told if access.row_condition(act.actor, form) is None else None
    record = query.record(act, form, parcel.record_id)
    if record is None:
        return None
    visible = {field.code for field in access.visible_fields(act.actor, form)}
    changed = [code for code in parcel.changed if code in visible]
    return {**told, "changed": changed, "record": record_json(record)}


def _form(act: Act, catalogue: Catalogue, parcel: Parcel) -> Form | None:
    try:
        return catalogue.app(act.connection, parcel.app).forms.get(parcel.form)
    except NotFound:
        return None
