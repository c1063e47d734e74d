"""Whose business stock and cost are: that follows from the documents they may view."""

from runtime.access.fields import sees
from runtime.access.grants import may
from runtime.compile.model import App, Form
from runtime.infra.act import Actor


def may_see_stock(actor: Actor, app: App) -> bool:
    """Say whether stock is somebody's business: they see some document that moves it."""
    return any(form.posting and may(actor, "view", form) for form in app.forms.values())


def may_see_cost(actor: Actor, app: App) -> bool:
    """Say whether cost is somebody's business: they see what goods were received for."""
    return any(_tells_cost(actor, form) for form in app.forms.values())


def _tells_cost(actor: Actor, form: Form) -> bool:
    rule = form.posting
    if rule is None or rule.command != "receive" or not may(actor, "view", form):
        return False
    return sees(actor, form, rule.amount or rule.unit_cost or "")
