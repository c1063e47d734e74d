"""How often somebody may call within a minute, and what every answer says about it.

Counted in each web process for itself: enough to keep one program that runs wild from taking the
place of everybody else, without a write to the database for each request that only reads.
"""

import math
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from flask import Flask, Response, current_app, g, request

from runtime.api.routes import blueprint
from runtime.infra.errors import TooManyRequests
from runtime.platform import Platform

WINDOW_SECONDS: Final = 60
EXTENSION: Final = "dajian.api_limits"


@dataclass
class Counts:
    """Calls of the minute under way, by who makes them."""

    most: int
    began: float = 0.0
    calls: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def taken(self, who: int, now: float) -> tuple[int, int]:
        """Count a call; return how many are left, below zero when refused, and until when."""
        with self.lock:
            if now - self.began >= WINDOW_SECONDS:
                self.began, self.calls = now, {}
            self.calls[who] = self.calls.get(who, 0) + 1
            rest = math.ceil(self.began + WINDOW_SECONDS - now)
            return self.most - self.calls[who], max(rest, 1)


def init_app(app: Flask) -> None:
    """Keep counts for this application."""
    here: Platform = app.extensions["dajian"]
    app.extensions[EXTENSION] = Counts(here.settings.api_per_minute)


@blueprint.before_request
def _count() -> None:
    counts: Counts = current_app.extensions[EXTENSION]
    if not counts.most or "actor" not in g:
        return
    left, seconds = counts.taken(g.actor.user_id or 0, time.monotonic())
    g.calls_left = max(left, 0), seconds
    if left < 0:
        raise TooManyRequests("too_many_calls", {"most": counts.most, "seconds": seconds})


def tell(response: Response) -> Response:
    """Say on every answer of the API how many calls are left (IETF draft, RateLimit fields)."""
    if "calls_left" in g and request.path.startswith("/api/"):
        counts: Counts = current_app.extensions[EXTENSION]
        left, seconds = g.calls_left
        response.headers["RateLimit-Policy"] = f'"minute";q={counts.most};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"minute";r={left};t={seconds}'
    return response
