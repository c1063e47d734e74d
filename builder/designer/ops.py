"""What the designer's scripts send: operations on the draft, undo, redo, publication."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from flask import Response, make_response, request

from builder import drafts
from builder.designer.ops_codes import with_codes, with_view_codes
from builder.designer.studio import answer, view_of
from builder.drafts import Applied
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, ValidationFailed
from runtime.infra.strict_json import loads
from runtime.screens.acting import carry_out
from runtime.screens.i18n import locale, said, sentences
from runtime.screens.render import add_trigger
from runtime.screens.routes import permission

BODY: Final = 400_000
MOST_OPS: Final = 200
# Sentences a message at the foot of the page has room for.
MOST_SAID: Final = 3
Change = Callable[[Act, str, int], Applied]


@permission("admin", body=BODY)
def design_ops(app_code: str, form_code: str) -> Response:
    """Carry out operations on the draft and draw what they changed."""
    given = sent()
    ops = given.get("ops")
    if not isinstance(ops, list) or not 0 < len(ops) <= MOST_OPS:
        raise BadRequest("form_incomplete")
    key, ops = str(given.get("key", "")), with_view_codes(ops)

    def change(act: Act, app: str, rev: int) -> Applied:
        followed = with_codes(drafts.read(act, app), ops)
        if followed != ops:
            # A code that ever ran stays: then the name alone changes.
            with suppress(ValidationFailed):
                return drafts.apply(act, app, rev, followed, key=key)
        return drafts.apply(act, app, rev, ops, key=key)

    return _changed(app_code, form_code, given, change)


@permission("admin", body=BODY)
def undo_design(app_code: str, form_code: str) -> Response:
    """Take the last change of the draft back."""
    return _changed(app_code, form_code, sent(), drafts.undo)


@permission("admin", body=BODY)
def redo_design(app_code: str, form_code: str) -> Response:
    """Do the change again that was last taken back."""
    return _changed(app_code, form_code, sent(), drafts.redo)


def _changed(app_code: str, form_code: str, given: Mapping[str, Any], change: Change) -> Response:
    rev, role = given.get("base_rev"), given.get("as", "")
    if not isinstance(rev, int) or isinstance(rev, bool):
        raise BadRequest("form_incomplete")
    try:
        applied = carry_out(lambda act: change(act, app_code, rev))
    except Conflict as error:
        return overtaken(error)
    return answer(view_of(applied.draft, form_code, str(role), applied.created))


def overtaken(error: Conflict) -> Response:
    """Say what somebody else did meanwhile; the page draws itself again."""
    what = drafts.sentences(error.params.get("said", ()), locale())[-MOST_SAID:]
    text = sentences((said(error.code, error.params), *what))
    told = make_response(text, error.status)
    told.mimetype = "text/plain"
    return add_trigger(told, "ui:toast", {"text": text})


def sent() -> Mapping[str, Any]:
    """Return the JSON object a script sent."""
    found = loads(request.get_data(), max_bytes=BODY)
    if not isinstance(found, Mapping):
        raise BadRequest("form_incomplete")
    return found
