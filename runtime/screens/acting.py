"""From a request to an Act: who, when, in which transaction; and the form a URL names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from flask import current_app, g

from runtime import access, posting
from runtime.compile import App, Form
from runtime.infra.act import Act, Actor
from runtime.infra.errors import Forbidden, NotFound, NotSignedIn
from runtime.platform import Platform, Snapshot
from runtime.screens.routes import GENERAL, declared_here

Outcome = TypeVar("Outcome")


def platform() -> Platform:
    """Return the parts the running app was made of."""
    return cast(Platform, current_app.extensions["dajian"])


def actor() -> Actor:
    """Return the person who is signed in."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise NotSignedIn
    return found


@contextmanager
def reading() -> Iterator[Act]:
    """An act on a read-only snapshot; a second one inside the first shares it."""
    open_act: Act | None = g.get("act")
    if open_act is not None:
        yield open_act
        return
    with platform().reading(g.pop("snapshot", None)) as connection:
        g.act = Act(connection, actor(), platform().clock(), g.get("request_id", ""))
        try:
            yield g.act
        finally:
            g.act = None


@contextmanager
def acting() -> Iterator[Act]:
    """An act in a write transaction: commits at the end of the block, or nothing happened."""
    if g.get("previewed_id") is not None:
        raise Forbidden("preview_is_read_only")
    begun: Snapshot | None = g.pop("snapshot", None)
    if begun is not None:
        # What is read after this has to see what was written.
        begun.close()
    with platform().database.transaction() as connection:
        g.act = Act(connection, actor(), platform().clock(), g.get("request_id", ""))
        try:
            yield g.act
        finally:
            g.act = None


def carry_out(work: Callable[[Act], Outcome]) -> Outcome:
    """Do `work` in a write transaction, again when two writers met and the database says so."""

    def once() -> Outcome:
        with acting() as act:
            return work(act)

    return posting.until_done(once)


def app_of(act: Act, app_code: str) -> App:
    """Return the app a URL names, or say there is none."""
    return platform().catalogue.app(act.connection, app_code)


def form_of(act: Act, app_code: str, form_code: str) -> Form:
    """Return the form a URL names, after checking the verb the view declares."""
    form = app_of(act, app_code).forms.get(form_code)
    if form is None:
        raise NotFound
    verb = declared_here().permission
    # Deciding is the right of the person whose task it is, whatever the grants say.
    if verb not in GENERAL and verb != "decide":
        access.require(act.actor, verb, form)
    return form
