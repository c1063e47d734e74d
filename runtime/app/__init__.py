"""The web application: one function puts the rooms together and refuses what is not safe."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from htmx_flask import Htmx  # type: ignore[import-untyped]
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

import runtime
from runtime import api, screens
from runtime.app import answers, assets, headers, health, packing, visits
from runtime.infra import clock as system_clock
from runtime.infra import log, mail, self_check
from runtime.infra.settings import Settings, read, with_secret
from runtime.platform import Platform, of_books, open_platform

ROOT: Final = Path(runtime.__path__[0])
STATIC: Final = ROOT.parent / "static"
MEGABYTE: Final = 1_000_000
Room = Callable[[Flask], None]


class KeyConverter(IntegerConverter):
    """`<int:…>` in an address: a number that can be a key; anything else leads nowhere."""

    regex = r"[0-9]{1,15}"


def create_app(
    settings: Settings,
    rooms: Sequence[Room] = (),
    clock: Callable[[], datetime] = system_clock.now,
    static: Path | None = None,
) -> Flask:
    """Return the application; `rooms` are further blueprints (the builder's designer).

    `static` is a packed copy of the static files, where there is one.
    """
    log.without_values()
    opened = open_platform(settings)
    platform = Platform(settings, opened.database, opened.catalogue, clock)
    version = assets.digest(STATIC)
    app = Flask(
        "runtime",
        root_path=str(ROOT),
        template_folder="screens/templates",
        static_folder=str(static or STATIC),
        static_url_path=f"/static/{version}",
    )
    app.url_map.converters["int"] = KeyConverter
    app.extensions["dajian"] = platform
    app.config.update(_config(settings))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    csrf = CSRFProtect(app)
    Htmx(app)
    visits.init_app(app, csrf)
    packing.init_app(app)
    headers.init_app(app, settings)
    for room in (screens.init_app, api.init_app, health.init_app, *rooms):
        room(app)
    answers.init_app(app)
    self_check.demand(undeclared_views(app))
    app.wsgi_app = assets.serve(app.wsgi_app, static or STATIC, version)  # type: ignore[method-assign]
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    return app


def serve(rooms: Sequence[Room] = ()) -> Flask:
    """Return the application as a web process makes it: settings from the environment."""
    settings = with_secret(read())
    log.configure(settings.log_level)
    mail.post_of(
        settings
    )  # A mail server that is none is said now, not when the first letter waits.
    static = packing.packed(STATIC, settings.home, assets.digest(STATIC))
    app = create_app(settings, rooms, static=static)
    self_check.demand(of_books(app.extensions["dajian"].database))
    return app


def undeclared_views(app: Flask) -> tuple[self_check.Finding, ...]:
    """Name every view that does not say who may see it."""
    missing = [
        endpoint
        for endpoint, view in sorted(app.view_functions.items())
        if endpoint != "static" and not hasattr(view, "declared")
    ]
    return tuple(self_check.Finding("view_undeclared", {"endpoint": name}) for name in missing)


def _config(settings: Settings) -> dict[str, Any]:
    host = urlsplit(settings.public_url).hostname
    local = ["localhost", "127.0.0.1", "[::1]"] if host in {"127.0.0.1", "localhost"} else []
    prefix = "__Host-" if settings.is_https else ""
    return {
        "SECRET_KEY": settings.secret,
        "SECRET_KEY_FALLBACKS": [key for key in settings.secret_fallbacks.split(",") if key],
        "TRUSTED_HOSTS": [host, *local] if host else None,
        "MAX_CONTENT_LENGTH": 2 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE // 2,
        "MAX_FORM_PARTS": 300,
        "PROVIDE_AUTOMATIC_OPTIONS": False,
        "SESSION_COOKIE_NAME": f"{prefix}visit",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        # We ask for the token ourselves, once we know who comes and to which view.
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
        "WTF_CSRF_HEADERS": ["X-CSRFToken"],
    }
