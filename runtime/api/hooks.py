"""The door for other systems' calls: nobody is signed in here, the call vouches for itself."""

import time
from typing import Final

import structlog
from flask import Flask, Response, current_app, g, request

from runtime import posting
from runtime.api.acting import platform
from runtime.api.limits import Counts
from runtime.api.routes import route
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import AppError, BadRequest, NotFound, TooManyRequests
from runtime.webhooks import incoming
from runtime.webhooks.incoming import LARGEST, Call

# Calls of one address within a minute, and of all that no address is known for.
MOST: Final = 120
NO_ADDRESS: Final = 0
EXTENSION: Final = "dajian.hook_limits"
log: Final = structlog.get_logger("hooks")


def init_app(app: Flask) -> None:
    """Keep counts for this application."""
    app.extensions[EXTENSION] = Counts(MOST)


@route("/hooks/<hook_token>", "POST", "write", permission="public", csrf=False, body=LARGEST)
def receive_hook(hook_token: str) -> Response:
    """Take the call of another system under a secret address; nothing is said but that it came.

    Signed as Standard Webhooks has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), or
    with the secret in `webhook-token`, as the automation says.
    """
    here = platform()
    with here.database.reading() as connection:
        act = Act(connection, SYSTEM, here.clock(), g.request_id)
        hook_id = _known(act, hook_token)
    _count(hook_id)
    call = Call(
        request.get_data(),
        request.headers.get("webhook-id", ""),
        request.headers.get("webhook-timestamp", ""),
        request.headers.get("webhook-signature", ""),
        request.headers.get("webhook-token", ""),
    )

    def once() -> None:
        with here.database.transaction() as connection:
            act = Act(connection, SYSTEM, here.clock(), g.request_id)
            incoming.receive(act, here.settings, here.catalogue, hook_id, call)

    try:
        posting.until_done(once)
    except AppError as error:
        if error.status in (401, 404, 429, 503) or error.code == "hook_delivered":
            raise
        # Why it was refused is ours to know.
        problems = [(each.pointer, each.code) for each in error.problems]
        log.warning("hook_refused", hook=hook_id, code=error.code, problems=problems)
        raise BadRequest("hook_refused") from error
    return Response(status=202)


def _known(act: Act, token: str) -> int:
    try:
        return incoming.known(act, token)
    except NotFound:
        _count(NO_ADDRESS)
        raise


def _count(hook_id: int) -> None:
    counts: Counts = current_app.extensions[EXTENSION]
    left, seconds = counts.taken(hook_id, time.monotonic())
    if left < 0:
        raise TooManyRequests("too_many_calls", {"most": MOST, "seconds": seconds})
