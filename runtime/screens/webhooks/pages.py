"""One page: all webhooks, one of them beside, and below it what it was told."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from flask import Response, request, url_for

from runtime import webhooks
from runtime.infra import outbox, users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest
from runtime.infra.outbox import Attempt, Parcel
from runtime.screens.acting import actor, carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, instant, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission
from runtime.screens.webhooks.words import attempt_text, event_text, events, state_of
from runtime.webhooks import Asked, Webhook

SHOWN: Final = 50
ANY_FORM: Final = ""
LONGEST_KEY: Final = 15


@permission("admin")
def webhooks_page(webhook_id: int | None = None) -> Response:
    """Show all webhooks, and beside them one or a new one."""
    with reading() as act:
        return _page(act, webhook_id)


@permission("admin")
def create_webhook() -> Any:
    """Make a webhook, and show its secret this once."""
    here = platform()
    return _showing_secret(
        None, lambda act: webhooks.create(act, here.settings, here.catalogue, _asked())
    )


@permission("admin")
def change_webhook(webhook_id: int) -> Any:
    """Change a webhook."""
    here = platform()

    def change(act: Act) -> Webhook:
        return webhooks.change(act, here.settings, here.catalogue, webhook_id, _asked())

    return _tried(webhook_id, change, lambda _done: _to(webhook_id))


@permission("admin")
def renew_secret(webhook_id: int) -> Any:
    """Sign with another secret from now on, and show it this once."""
    settings = platform().settings
    return _showing_secret(webhook_id, lambda act: webhooks.new_secret(act, settings, webhook_id))


@permission("admin")
def test_webhook(webhook_id: int) -> Any:
    """Send something that means nothing, to see whether it arrives."""
    return _tried(webhook_id, lambda act: webhooks.ping(act, webhook_id), lambda _: _to(webhook_id))


@permission("admin")
def end_webhook(webhook_id: int) -> Any:
    """End a webhook."""
    carry_out(lambda act: webhooks.end(act, webhook_id))
    return go("screens.webhooks")


@permission("admin")
def replay(webhook_id: int, delivery_id: int) -> Any:
    """Send something again."""
    return _tried(
        webhook_id,
        lambda act: webhooks.replay(act, webhook_id, delivery_id),
        lambda _done: _to(webhook_id),
    )


def _to(webhook_id: int) -> Any:
    return go("screens.webhook", webhook_id=webhook_id)


def _showing_secret(webhook_id: int | None, verb: Callable[[Act], Webhook]) -> Any:
    def show(made: Webhook) -> Response:
        secret = webhooks.secret_of(platform().settings, made)
        with reading() as act:
            return _page(act, made.id, secret=secret or "")

    return _tried(webhook_id, verb, show)


def _tried(webhook_id: int | None, verb: Callable[[Act], Any], done: Callable[[Any], Any]) -> Any:
    try:
        made = carry_out(verb)
    except AppError as refusal:
        if refusal.status not in {400, 409, 422}:
            raise
        with reading() as act:
            return _page(act, webhook_id, problems=texts(refusal), status=refusal.status)
    return done(made)


def _page(
    act: Act,
    webhook_id: int | None,
    *,
    problems: tuple[str, ...] = (),
    status: int = 200,
    secret: str = "",
) -> Response:
    found = webhooks.every(act)
    current = None if webhook_id is None else webhooks.get(act, webhook_id)
    return render(
        "webhooks/page.html",
        status=status,
        problems=problems,
        secret=secret,
        hooks=list(_branches(act, found, current)),
        current=current,
        typed=_typed(current) if not (problems and request.form) else _sent(),
        places=list(_places(act)),
        events=events(),
        people=[(str(user.id), user.display_name) for user in _people(act, current)],
        parcels=list(_parcels(act, current)) if current else [],
    )


def _branches(
    act: Act, found: tuple[Webhook, ...], current: Webhook | None
) -> Iterator[dict[str, Any]]:
    counts = outbox.counts(act.connection)
    places = dict(_places(act))
    for each in found:
        yield {
            "label": each.label,
            "place": places.get(f"{each.app}/{each.form}", each.app),
            "href": url_for("screens.webhook", webhook_id=each.id),
            "is_current": current is not None and current.id == each.id,
            "is_active": each.is_active,
            "dead": counts.get(each.id, {}).get("dead", 0),
        }


def _parcels(act: Act, current: Webhook) -> Iterator[dict[str, Any]]:
    parcels = outbox.of_webhook(act.connection, current.id, limit=SHOWN)
    attempts = outbox.attempts(act.connection, parcels)
    forms = {f"{app.code}/{form.code}": form for app in _apps(act) for form in app.forms.values()}
    for parcel in parcels:
        form = forms.get(f"{parcel.app}/{parcel.form}")
        yield {
            **_parcel(parcel, attempts.get(parcel.id, ())),
            "what": label(form.label) if form else "",
            "href": _record_href(parcel) if form and parcel.event != "delete" else "",
        }


def _parcel(parcel: Parcel, attempts: tuple[Attempt, ...]) -> dict[str, Any]:
    text, tone = state_of(parcel.state)
    return {
        "id": parcel.id,
        "at": instant(parcel.at),
        "event": event_text(parcel.event),
        "record": parcel.record_id,
        "state": text,
        "tone": tone,
        "attempts": len(attempts),
        "went": attempt_text(attempts[-1] if attempts else None),
        "may_replay": parcel.state in {"delivered", "withheld", "dead"},
    }


def _record_href(parcel: Parcel) -> str:
    if parcel.record_id is None:
        return ""
    return url_for(
        "screens.show_record",
        app_code=parcel.app,
        form_code=parcel.form,
        record_id=parcel.record_id,
    )


def _apps(act: Act) -> Any:
    return platform().catalogue.apps(act.connection)


def _places(act: Act) -> Iterator[tuple[str, str]]:
    """Every app as a whole, and each of its forms."""
    for app in _apps(act):
        called = label(app.label)
        yield f"{app.code}/{ANY_FORM}", _("整个%(app)s", app=called)
        for form in app.forms.values():
            yield f"{app.code}/{form.code}", f"{called} / {label(form.label)}"


def _people(act: Act, current: Webhook | None) -> Iterator[users.User]:
    for user in users.everybody(act.connection):
        if not user.is_disabled or (current is not None and current.owner_id == user.id):
            yield user


def _typed(current: Webhook | None) -> dict[str, Any]:
    if current is None:
        chosen = {"create", "update"}
        return {
            "label": "",
            "url": "",
            "place": "",
            "events": chosen,
            "owner": str(actor().user_id),
        }
    return {
        "label": current.label,
        "url": current.url,
        "place": f"{current.app}/{current.form}",
        "events": set(current.events),
        "owner": str(current.owner_id),
    }


def _sent() -> dict[str, Any]:
    sent = request.form
    texts_sent = {name: sent.get(name, "") for name in ("label", "url", "place", "owner")}
    return {**texts_sent, "events": set(sent.getlist("event"))}


def _asked() -> Asked:
    sent = _sent()
    app, _slash, form = sent["place"].partition("/")
    owner = sent["owner"]
    if not (owner.isascii() and owner.isdigit() and len(owner) <= LONGEST_KEY):
        raise BadRequest("form_incomplete")
    return Asked(
        label=sent["label"],
        app=app,
        form=form,
        events=tuple(sorted(sent["events"])),
        url=sent["url"].strip(),
        owner_id=int(owner),
        is_active="is_off" not in request.form,
    )
