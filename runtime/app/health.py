"""Whether the process lives, and whether it can work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError

from runtime.app.visits import platform
from runtime.infra import queue, strict_json
from runtime.infra.errors import Unavailable

LONGEST_WAIT_SECONDS: Final = 600


@dataclass(frozen=True)
class Declared:
    """Open to everybody, and nothing is written."""

    permission: str = "public"
    csrf: bool = False


def init_app(app: Flask) -> None:
    """Add `/healthz` and `/readyz`."""
    _add(app, "/healthz", healthz)
    _add(app, "/readyz", readyz)


def healthz() -> Response:
    """The process answers."""
    return _json({"status": "ok"})


def readyz() -> Response:
    """Database and queue answer, and jobs are being taken."""
    try:
        with platform().database.reading() as connection:
            count, seconds = queue.waiting(connection)
    except (DBAPIError, Unavailable):
        return _json({"status": "unavailable", "database": "unavailable"}, 503)
    stuck = seconds > LONGEST_WAIT_SECONDS
    waiting = {"waiting": count, "oldest_seconds": seconds}
    body = {"status": "stuck" if stuck else "ok", "database": "ok", "queue": waiting}
    return _json(body, 503 if stuck else 200)


def _add(app: Flask, rule: str, view: Callable[[], Response]) -> None:
    view.declared = Declared()  # type: ignore[attr-defined]
    app.add_url_rule(rule, view_func=view, methods=["GET"])


def _json(body: object, status: int = 200) -> Response:
    return Response(strict_json.dumps(body), status, mimetype="application/json")
