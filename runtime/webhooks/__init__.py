"""Webhooks: who is told of what happens to records, signed, as often as it takes, and no more.

A webhook belongs to a person and is told what this person may see at the moment it is told.
"""

from runtime.webhooks.deliver import deliver, sweep
from runtime.webhooks.subscriptions import (
    Asked,
    Webhook,
    change,
    create,
    end,
    every,
    get,
    new_secret,
    ping,
    replay,
    secret_of,
)

__all__ = [
    "Asked",
    "Webhook",
    "change",
    "create",
    "deliver",
    "end",
    "every",
    "get",
    "new_secret",
    "ping",
    "replay",
    "secret_of",
    "sweep",
]
