"""Who comes: the session or token of each request, its body limits, and where it was sent from.

A view signs somebody in by putting the session `runtime.infra.sessions.sign_in` returned into
`g.opened_session`, and out by setting `g.closed_session`; the cookie is written here.
"""

import re
import secrets
from typing import Any, Final, cast
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, request, session
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict

from runtime.infra import queue, sessions, tokens, users
from runtime.infra.errors import (
    AppError,
    BadRequest,
    FactorMissing,
    Forbidden,
    NotFound,
    NotSignedIn,
    Unavailable,
)
from runtime.infra.sessions import Session
from runtime.infra.tokens import Bearer
from runtime.platform import Platform, Snapshot

LOOKING: Final = frozenset({"GET", "HEAD"})
UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_ADDRESS: Final = 8192
MOST_PARAMETERS: Final = 200
MOST_TYPED: Final = 8_000_000
NUL: Final = "\x00"
# What somebody may do whose role asks for a second step they have not set up: that, and leave.
WITHOUT_FACTOR: Final = frozenset(
    f"screens.{name}"
    for name in (
        "second_factor",
        "begin_second_factor",
        "confirm_second_factor",
        "confirm_identity",
        "prove_identity",
        "sign_out",
    )
)
# Where a session says through whose eyes it looks, and what can be done meanwhile: to stop.
PREVIEW: Final = "preview"
WHILE_LOOKING: Final = frozenset({"screens.end_preview", "screens.sign_out"})
# What follows these in an address is known to whoever was told it.
SECRETS: Final = ("/p/", "/api/v1/hooks/")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,80}")


def init_app(app: Flask, csrf: CSRFProtect) -> None:
    """Look at every request before its view does, and write the cookies after."""

    @app.before_request
    def begin() -> None:
        _begin()
        declared: Any = getattr(
            current_app.view_functions.get(request.endpoint or ""), "declared", None
        )
        if declared is None:
            return
        _recognise()
        # Nothing of the body is read for somebody who may not come in.
        _admit(declared.permission)
        _only_look()
        _allow_body(declared)
        if request.method in UNSAFE and "bearer" not in g:
            _refuse_foreign()
            if declared.csrf:
                csrf.protect()
            _refuse_nul(request.form)

    app.after_request(_write_cookies)
    app.teardown_request(_announce_jobs)
    app.teardown_request(_give_back)


def platform() -> Platform:
    """Return the parts of the running app."""
    found: Platform = current_app.extensions["dajian"]
    return found


def _begin() -> None:
    structlog.contextvars.clear_contextvars()
    given = request.headers.get("X-Request-ID", "")
    trusted = platform().settings.proxies and _REQUEST_ID.fullmatch(given)
    g.request_id = given if trusted else secrets.token_hex(6)
    structlog.contextvars.bind_contextvars(
        request_id=g.request_id, method=request.method, path=told(request.path)
    )
    if len(request.full_path) > LONGEST_ADDRESS:
        raise BadRequest("address_too_long")
    if len(request.args) > MOST_PARAMETERS:
        raise BadRequest("too_many_parameters", {"limit": MOST_PARAMETERS})
    # No text of ours holds a NUL, and not every database would say so politely.
    if NUL in request.path:
        raise NotFound
    _refuse_nul(request.args)


def told(path: str) -> str:
    """An address as logs have it: without the token of a public link, or of a way in for calls."""
    secret = next((each for each in SECRETS if path.startswith(each)), None)
    return path if secret is None else f"{secret}…"


def _refuse_nul(sent: MultiDict[str, str]) -> None:
    for name, values in sent.lists():
        if any(NUL in text for text in (name, *values)):
            raise BadRequest("text_unreadable")


def _allow_body(declared: Any) -> None:
    limit = getattr(declared, "body", None)
    if limit is not None:
        request.max_content_length = limit
        # Files go to disk; what is typed stays in memory.
        request.max_form_memory_size = min(limit, MOST_TYPED)
        request.max_form_parts = 100_000


def _recognise() -> None:
    given = request.headers.get("Authorization", "")
    if given:
        _recognise_token(given)
        return
    found = _session_of_cookie()
    if found is None:
        return
    g.session = found
    g.actor = found.user.actor("screen")
    g.preferences = found.user.preferences
    _look_through(found)
    structlog.contextvars.bind_contextvars(user=found.user.id)
    # The form token belongs to this session and to no other.
    if session.get("csrf_token") != found.csrf_secret:
        session["csrf_token"] = found.csrf_secret


def _look_through(found: Session) -> None:
    """Let an administrator go on as somebody else, to look; this session and no other."""
    asked = session.get(PREVIEW)
    if not isinstance(asked, list) or len(asked) != 2 or asked[0] != found.id:
        return
    if not found.user.is_admin:
        return
    with platform().database.reading() as connection:
        seen = users.find(connection, asked[1])
    if seen is not None and not seen.is_disabled:
        g.previewed_id, g.actor = seen.id, seen.actor("screen")


def _only_look() -> None:
    """Refuse to change anything while looking through somebody else's eyes."""
    if g.get("previewed_id") is None or request.method not in UNSAFE:
        return
    if request.endpoint not in WHILE_LOOKING:
        raise Forbidden("preview_is_read_only")


def _recognise_token(given: str) -> None:
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token):
        raise NotSignedIn("token_refused")
    bearer = tokens.load(_connection(), token, platform().clock())
    _look_no_longer()
    if bearer is None:
        raise NotSignedIn("token_refused")
    if not request.path.startswith("/api/"):
        raise Forbidden("token_is_for_the_api")
    _stay_within(bearer)
    _note_use(bearer)
    g.bearer = bearer
    g.actor = bearer.user.actor("api")
    g.preferences = bearer.user.preferences
    structlog.contextvars.bind_contextvars(user=bearer.user.id)


def _stay_within(bearer: Bearer) -> None:
    """Refuse what a token that is limited to apps and forms does not reach."""
    where = request.view_args or {}
    app, form = where.get("app", ""), where.get("form", "")
    if bearer.reach and not bearer.covers(str(app), str(form)):
        raise Forbidden("token_reach")


def _note_use(bearer: Bearer) -> None:
    here = platform()
    now = here.clock()
    if not bearer.is_stale(now):
        return
    try:
        with here.database.transaction() as connection:
            tokens.touch(connection, bearer, request.remote_addr or "", now)
    except (DBAPIError, Unavailable):
        # The next request notes it again.
        structlog.get_logger("visits").warning("touch_missed")


def cookie_name() -> str:
    """Return the name of the session cookie: bound to the host where people come by https."""
    return "__Host-sid" if platform().settings.is_https else "sid"


def _session_of_cookie() -> Session | None:
    given = request.cookies.getlist(cookie_name())
    if len(given) != 1 or not _TOKEN.fullmatch(given[0]):
        return None
    here = platform()
    now = here.clock()
    found = sessions.load(_connection(), given[0], here.settings, now)
    _look_no_longer()
    if found is not None and sessions.is_stale(found, now):
        try:
            with here.database.transaction() as connection:
                sessions.touch(connection, found.id, now)
        except (DBAPIError, Unavailable):
            # Being busy is no reason to send anybody away; the next request touches again.
            structlog.get_logger("visits").warning("touch_missed")
    return found


def _connection() -> Connection:
    """Begin to read: who comes, and what they then look at, are of one moment."""
    g.snapshot = Snapshot(platform().database)
    return cast(Snapshot, g.snapshot).connection


def _look_no_longer() -> None:
    """Who comes to change something reads anew, in the transaction that changes it."""
    if request.method not in LOOKING:
        _give_back(None)


def _give_back(_error: BaseException | None) -> None:
    kept: Snapshot | None = g.pop("snapshot", None)
    if kept is None:
        return
    try:
        kept.close()
    except DBAPIError:
        # A view that took minutes before it read: the database has closed it already.
        structlog.get_logger("visits").warning("snapshot_lost")


def _refuse_foreign() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise Forbidden("foreign_request")
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != _own_origin():
        raise Forbidden("foreign_request")


def _own_origin() -> str:
    # The host of the request has been checked against the trusted ones.
    parts = urlsplit(request.url_root)
    return f"{parts.scheme}://{parts.netloc}"


def _admit(permission: str) -> None:
    if permission == "public":
        return
    if "actor" not in g:
        raise NotSignedIn
    found: Session | None = g.get("session")
    if found is not None and found.lacks_factor and request.endpoint not in WITHOUT_FACTOR:
        raise FactorMissing
    if permission == "admin" and not g.actor.is_admin:
        raise Forbidden


def _write_cookies(response: Response) -> Response:
    opened: Session | None = g.get("opened_session")
    if opened is not None:
        session.clear()
        session["csrf_token"] = opened.csrf_secret
        response.set_cookie(
            cookie_name(),
            opened.token,
            secure=platform().settings.is_https,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    elif g.get("closed_session"):
        session.clear()
        response.delete_cookie(
            cookie_name(), secure=platform().settings.is_https, httponly=True, samesite="Lax"
        )
        kept = g.get("keeps_scans")
        response.headers["Clear-Site-Data"] = '"cache"' if kept else '"cache", "storage"'
    return response


def _announce_jobs(_error: BaseException | None) -> None:
    try:
        queue.announce(platform().settings.redis, queue.quiet_jobs())
    except (OSError, AppError):
        # The rows are there; the sweeper rings again.
        structlog.get_logger("visits").warning("bell_failed", exc_info=True)
