"""Webhooks for administrators: made, changed, tried, looked into, sent again, ended."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from flask import Response, g, request

from runtime import webhooks
from runtime.api.acting import allow_members, member, platform, reading, write
from runtime.api.problems import locale
from runtime.api.routes import (
    allow_parameters,
    json_answer,
    json_body,
    parameter,
    route,
    whole_number,
)
from runtime.infra import outbox
from runtime.infra.act import Act
from runtime.infra.columns import LARGEST_KEY, is_key
from runtime.infra.errors import BadRequest
from runtime.infra.messages import message
from runtime.infra.outbox import Attempt, Parcel
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json
from runtime.query.shapes import instant
from runtime.webhooks import Asked, Webhook

HOOKS: Final = "/webhooks"
HOOK: Final = f"{HOOKS}/<int:webhook_id>"
LARGEST_PAGE: Final = 200
MEMBERS: Final = ("label", "app", "form", "events", "url", "owner", "is_active")


@route(HOOKS, permission="admin")
def list_webhooks() -> Response:
    """All webhooks, with how many deliveries of each state they have."""
    allow_parameters()
    with reading() as act:
        found = webhooks.every(act)
        counts = outbox.counts(act.connection)
    shown = [{**_shown(each), "deliveries": counts.get(each.id, {})} for each in found]
    return json_answer({"webhooks": shown})


@route(HOOKS, "POST", "write", permission="admin")
def create_webhook() -> Response:
    """Make a webhook; its `secret` is told now, and again only by making another."""
    body = json_body()
    allow_members(body, *MEMBERS)
    here = platform()

    def work(act: Act) -> Answer:
        asked = _asked(body, Asked("", "", "", (), "", g.actor.user_id or 0))
        made = webhooks.create(act, here.settings, here.catalogue, asked)
        return Answer(201, _shown(made))

    return _with_secret(write(work, key_required=True, located=request.path))


@route(HOOK, permission="admin")
def get_webhook(webhook_id: int) -> Response:
    """One webhook."""
    allow_parameters()
    with reading() as act:
        found = webhooks.get(act, webhook_id)
    return json_answer(_shown(found))


@route(HOOK, "PATCH", "write", permission="admin")
def update_webhook(webhook_id: int) -> Response:
    """Change the named members of a webhook."""
    body = json_body()
    allow_members(body, *MEMBERS)
    here = platform()

    def work(act: Act) -> Answer:
        asked = _asked(body, _as_asked(webhooks.get(act, webhook_id)))
        changed = webhooks.change(act, here.settings, here.catalogue, webhook_id, asked)
        return Answer(200, _shown(changed))

    return write(work, key_required=False)


@route(HOOK, "DELETE", "write", permission="admin")
def delete_webhook(webhook_id: int) -> Response:
    """End a webhook; what it was told is forgotten."""

    def work(act: Act) -> Answer:
        webhooks.end(act, webhook_id)
        return Answer(204, None)

    return write(work, key_required=False)


@route(f"{HOOK}/secret", "POST", "write", permission="admin")
def renew_webhook_secret(webhook_id: int) -> Response:
    """Sign with another secret from now on; it is told now."""

    def work(act: Act) -> Answer:
        return Answer(200, _shown(webhooks.new_secret(act, platform().settings, webhook_id)))

    return _with_secret(write(work, key_required=True))


@route(f"{HOOK}/ping", "POST", "write", permission="admin")
def ping_webhook(webhook_id: int) -> Response:
    """Send something that means nothing, to see whether it arrives."""

    def work(act: Act) -> Answer:
        parcel_id = webhooks.ping(act, webhook_id)
        return Answer(201, {"id": parcel_id})

    return write(work, key_required=False)


@route(f"{HOOK}/deliveries", permission="admin")
def list_deliveries(webhook_id: int) -> Response:
    """What it was told, the latest first, each with its attempts; `next` goes into `before`."""
    allow_parameters("before", "limit")
    before = whole_number("before", 1, highest=LARGEST_KEY) if parameter("before") else None
    limit = whole_number("limit", 50, highest=LARGEST_PAGE)
    with reading() as act:
        webhooks.get(act, webhook_id)
        parcels = outbox.of_webhook(act.connection, webhook_id, before=before, limit=limit)
        attempts = outbox.attempts(act.connection, parcels)
    shown = [_delivery(each, attempts.get(each.id, ())) for each in parcels]
    return json_answer(
        {"deliveries": shown, "next": parcels[-1].id if len(shown) == limit else None}
    )


@route(f"{HOOK}/deliveries/<int:delivery_id>/replay", "POST", "write", permission="admin")
def replay_delivery(webhook_id: int, delivery_id: int) -> Response:
    """Send something again under the id it had, as it stands now."""

    def work(act: Act) -> Answer:
        return Answer(200, _delivery(webhooks.replay(act, webhook_id, delivery_id), ()))

    return write(work, key_required=False)


def _asked(body: Mapping[str, Any], before: Asked) -> Asked:
    events = member(body, "events", list, list(before.events))
    owner = member(body, "owner", int, before.owner_id)
    if not all(isinstance(event, str) for event in events):
        raise BadRequest("member_invalid", {"name": "events"})
    is_active = body.get("is_active", before.is_active)
    if not is_key(owner) or not isinstance(is_active, bool):
        raise BadRequest("member_invalid", {"name": "is_active" if is_key(owner) else "owner"})
    texts = {name: member(body, name, str, getattr(before, name)) for name in _TEXTS}
    return replace(before, events=tuple(events), owner_id=owner, is_active=is_active, **texts)


def _as_asked(webhook: Webhook) -> Asked:
    return Asked(**{name: getattr(webhook, name) for name in Asked.__dataclass_fields__})


def _shown(webhook: Webhook) -> dict[str, Json]:
    whole = asdict(webhook)
    shown = {name: whole[name] for name in ("id", "label", "app", "form", "events", "url")}
    return {
        **shown,
        "owner": webhook.owner_id,
        "is_active": webhook.is_active,
        "created_at": instant(webhook.created_at),
    }


def _with_secret(response: Response) -> Response:
    """Say the secret beside the answer: the remembered answer of a write must not hold it."""
    body = response.get_json(silent=True)
    if response.status_code >= 300 or not isinstance(body, dict):
        return response
    with reading() as act:
        found = webhooks.get(act, body["id"])
    told = {**body, "secret": webhooks.secret_of(platform().settings, found)}
    response.set_data(json_answer(told).get_data())
    return response


def _delivery(parcel: Parcel, attempts: tuple[Attempt, ...]) -> Json:
    names = ("id", "delivery", "event", "app", "form", "state", "attempt")
    return {
        **{name: getattr(parcel, name) for name in names},
        "record": parcel.record_id,
        "at": instant(parcel.at),
        "attempts": [
            {
                "number": each.number,
                "at": instant(each.at),
                "status": each.status,
                "error": each.error or None,
                "message": message(each.error, {}, locale()) if each.error else "",
                "ms": each.ms,
            }
            for each in attempts
        ],
    }


_TEXTS: Final = ("label", "app", "form", "url")
