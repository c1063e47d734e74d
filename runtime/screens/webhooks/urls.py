"""The addresses of webhooks: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.webhooks import pages

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)
POST: Final = ("POST",)
ALL: Final = "/webhooks"
ONE: Final = f"{ALL}/<int:webhook_id>"

URLS: Final[tuple[Address, ...]] = (
    (ALL, "webhooks", pages.webhooks_page, GET),
    (ALL, "create_webhook", pages.create_webhook, POST),
    (ONE, "webhook", pages.webhooks_page, GET),
    (ONE, "change_webhook", pages.change_webhook, POST),
    (f"{ONE}/secret", "renew_webhook_secret", pages.renew_secret, POST),
    (f"{ONE}/test", "test_webhook", pages.test_webhook, POST),
    (f"{ONE}/ending", "end_webhook", pages.end_webhook, POST),
    (f"{ONE}/deliveries/<int:delivery_id>/replay", "replay_delivery", pages.replay, POST),
)
