"""Subscriptions: made, changed and ended by administrators, each act in the audit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update

from runtime import access
from runtime.catalogue import Catalogue
from runtime.infra import audit, egress, outbox, users
from runtime.infra.act import Act
from runtime.infra.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    ValidationFailed,
)
from runtime.infra.outbox import EVENTS, PING, Parcel, webhook_table
from runtime.infra.settings import Settings
from runtime.infra.users import User
from runtime.webhooks import signing

LONGEST_LABEL: Final = 80
MOST: Final = 100


@dataclass(frozen=True)
class Webhook:
    """Who is told what: `form` is empty for every form of the app."""

    id: int
    label: str
    app: str
    form: str
    events: tuple[str, ...]
    url: str
    owner_id: int
    salt: str
    key_print: str
    is_active: bool
    created_at: datetime


@dataclass(frozen=True)
class Asked:
    """What a webhook is to be."""

    label: str
    app: str
    form: str
    events: tuple[str, ...]
    url: str
    owner_id: int
    is_active: bool = True


def every(act: Act) -> tuple[Webhook, ...]:
    """Return all webhooks, by app and label."""
    _require_admin(act)
    columns = webhook_table.c
    query = select(webhook_table).order_by(columns.app, columns.label, columns.id)
    return tuple(_webhook(row) for row in act.connection.execute(query))


def get(act: Act, webhook_id: int) -> Webhook:
    """Return a webhook."""
    _require_admin(act)
    query = select(webhook_table).where(webhook_table.c.id == webhook_id)
    row = act.connection.execute(query).first()
    if row is None:
        raise NotFound
    return _webhook(row)


def create(act: Act, settings: Settings, catalogue: Catalogue, asked: Asked) -> Webhook:
    """Make a webhook; `secret_of` says how its deliveries are signed."""
    _require_admin(act)
    _check(act, settings, catalogue, asked)
    if len(every(act)) >= MOST:
        raise Conflict("webhook_too_many", {"most": MOST})
    values = _row(asked) | _new_secret(settings) | {"created_at": act.now}
    adding = insert(webhook_table).values(values).returning(webhook_table.c.id)
    webhook_id = int(act.connection.execute(adding).scalar_one())
    audit.write(act, "create", "webhook", webhook_id, _told(asked))
    return get(act, webhook_id)


def change(
    act: Act, settings: Settings, catalogue: Catalogue, webhook_id: int, asked: Asked
) -> Webhook:
    """Change a webhook; what waits for it goes to where it is now."""
    get(act, webhook_id)
    _check(act, settings, catalogue, asked)
    _update(act, webhook_id, _row(asked))
    audit.write(act, "update", "webhook", webhook_id, _told(asked))
    if asked.is_active:
        outbox.wake(act, webhook_id)
    return get(act, webhook_id)


def new_secret(act: Act, settings: Settings, webhook_id: int) -> Webhook:
    """Sign with another secret from now on."""
    get(act, webhook_id)
    _update(act, webhook_id, _new_secret(settings))
    audit.write(act, "update", "webhook", webhook_id, {"secret": "changed"})
    return get(act, webhook_id)


def secret_of(settings: Settings, webhook: Webhook) -> str | None:
    """Return the secret a webhook is signed with; None when the server's key is gone."""
    key = signing.key_of(settings, webhook.key_print)
    return None if key is None else signing.secret(key, webhook.salt)


def end(act: Act, webhook_id: int) -> None:
    """End a webhook and forget what it was told."""
    get(act, webhook_id)
    act.connection.execute(delete(webhook_table).where(webhook_table.c.id == webhook_id))
    audit.write(act, "delete", "webhook", webhook_id)


def ping(act: Act, webhook_id: int) -> int:
    """Send something that means nothing, to see whether it arrives."""
    webhook = get(act, webhook_id)
    if not webhook.is_active:
        raise Conflict("webhook_off")
    return outbox.put(act, webhook_id, PING, (webhook.app, webhook.form, None))


def replay(act: Act, webhook_id: int, parcel_id: int) -> Parcel:
    """Send something again that was sent or given up; the receiver knows it by its id."""
    webhook = get(act, webhook_id)
    parcel = outbox.find(act.connection, parcel_id)
    if parcel is None or parcel.webhook_id != webhook_id:
        raise NotFound
    if parcel.state in {"waiting", "sending"}:
        raise Conflict("webhook_under_way")
    if not webhook.is_active:
        raise Conflict("webhook_off")
    outbox.again(act.connection, parcel_id)
    outbox.wake(act, webhook_id)
    audit.write(act, "replay", "webhook", webhook_id, {"delivery": parcel.delivery})
    again = outbox.find(act.connection, parcel_id)
    assert again is not None, "it was there a moment ago"
    return again


def _check(act: Act, settings: Settings, catalogue: Catalogue, asked: Asked) -> None:
    problems = list(_problems(act, settings, catalogue, asked))
    if problems:
        raise ValidationFailed(problems=problems)


def _problems(
    act: Act, settings: Settings, catalogue: Catalogue, asked: Asked
) -> Iterator[Problem]:
    if not 0 < len(asked.label.strip()) <= LONGEST_LABEL or not asked.label.isprintable():
        yield Problem("/label", "webhook_label", {"longest": LONGEST_LABEL})
    if not asked.events or not set(asked.events) <= set(EVENTS):
        yield Problem("/events", "webhook_events", {"words": ", ".join(EVENTS)})
    try:
        egress.target(asked.url, egress.named(settings.egress))
    except BadRequest as error:
        yield Problem("/url", error.code)
    owner = users.find(act.connection, asked.owner_id)
    if owner is None or owner.is_disabled:
        yield Problem("/owner", "webhook_owner")
    else:
        yield from _of_place(act, catalogue, asked, owner)


def _of_place(act: Act, catalogue: Catalogue, asked: Asked, owner: User) -> Iterator[Problem]:
    apps = {app.code: app for app in catalogue.apps(act.connection)}
    if asked.app not in apps:
        yield Problem("/app", "choice_unknown", {"value": asked.app[:60]})
        return
    forms = apps[asked.app].forms
    if asked.form and asked.form not in forms:
        yield Problem("/form", "choice_unknown", {"value": asked.form[:60]})
        return
    meant = [forms[asked.form]] if asked.form else forms.values()
    if not any(access.may(owner.actor("api"), "view", form) for form in meant):
        yield Problem("/owner", "webhook_owner_sees_nothing")


def _require_admin(act: Act) -> None:
    if not act.actor.is_admin:
        raise Forbidden


def _row(asked: Asked) -> dict[str, Any]:
    return {
        "label": asked.label.strip(),
        "app": asked.app,
        "form": asked.form,
        "events": [event for event in EVENTS if event in asked.events],
        "url": asked.url,
        "owner_id": asked.owner_id,
        "is_active": asked.is_active,
    }


def _new_secret(settings: Settings) -> dict[str, Any]:
    return {"salt": signing.new_salt(), "key_print": signing.print_of(settings.secret)}


def _told(asked: Asked) -> Mapping[str, Any]:
    # Addresses of such receivers often hold a secret: only who is called is kept.
    return {**_row(asked), "url": egress.host_of(asked.url)}


def _update(act: Act, webhook_id: int, values: Mapping[str, Any]) -> None:
    this = webhook_table.c.id == webhook_id
    act.connection.execute(update(webhook_table).where(this).values(dict(values)))


def _webhook(row: Row[Any]) -> Webhook:
    found = {name: row._mapping[name] for name in Webhook.__dataclass_fields__}
    return Webhook(**{**found, "events": tuple(found["events"])})
