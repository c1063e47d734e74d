"""A page and its fragments are one template."""

import json
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from flask import (
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from jinja2_fragments.flask import render_block
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from runtime.screens.i18n import locale


def is_fragment_wanted() -> bool:
    """Say whether a script asks for a part of the page, not a person for the whole."""
    asked = request.headers
    return asked.get("HX-Request") == "true" and asked.get("HX-Request-Type") != "full"


def render(
    template: str, block: str | None = None, *, status: int = 200, **context: Any
) -> Response:
    """Render the block for a fragment request and the whole page otherwise."""
    if block is not None and is_fragment_wanted():
        return make_response(render_block(template, block, **context), status)
    return make_response(render_template(template, **context), status)


def asset(filename: str) -> str:
    """Return the address of a file of ours; the icons of a page ask dozens of times."""
    return f"{request.script_root}{current_app.static_url_path}/{filename}"


def unchanging(template: str, **parts: Hashable) -> Markup:
    """Draw what only the reader's language and these parts change; it is drawn once for each.

    Such a template may ask for nothing else: neither who reads nor what the address is.
    """
    return _drawn(template, locale(), asset(""), tuple(parts.items()))


@lru_cache(maxsize=256)
def _drawn(
    template: str, _language: str, _assets: str, parts: tuple[tuple[str, Hashable], ...]
) -> Markup:
    return Markup(render_template(template, **dict(parts)))  # noqa: S704 - our own template


def macros(template: str) -> Any:
    """Return the macros of a template, each a function that draws a piece of a page."""
    return current_app.jinja_env.get_template(template).module


def go(endpoint: str, **values: Any) -> AnyResponse:
    """Send the browser on to another page after a POST."""
    return go_to(url_for(endpoint, **values))


def go_to(address: str) -> AnyResponse:
    """Send the browser on to an address of ours."""
    if request.headers.get("HX-Request") == "true":
        # A script cannot follow a redirect into a new page; it is told where to go.
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def add_trigger(answer: Response, event: str, detail: Any) -> Response:
    """Let the page hear of something when the answer arrives: `ui:toast`, `ui:focus`."""
    known = json.loads(answer.headers.get("HX-Trigger", "{}"))
    # Headers are ASCII; JSON can spell any other letter out.
    answer.headers["HX-Trigger"] = json.dumps({**known, event: detail}, ensure_ascii=True)
    return answer
