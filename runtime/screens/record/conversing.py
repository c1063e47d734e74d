"""Saying something about a record, taking it back, and whom one can name."""

from typing import Final

from flask import Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from runtime.documents import comments
from runtime.infra.act import Act
from runtime.infra.errors import NotFound, ValidationFailed
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.documents import go_to_record
from runtime.screens.form_fields import numbers
from runtime.screens.form_life import talk_of
from runtime.screens.i18n import _, joined, said
from runtime.screens.render import add_trigger, is_fragment_wanted, render
from runtime.screens.routes import permission

LONGEST_NAME: Final = 40


@permission("view")
def add_comment(app_code: str, form_code: str, record_id: int) -> AnyResponse:
    """Keep what was said, tell whoever is named, and show the conversation again."""
    text, kept = request.form.get("text", ""), numbers(request.form.getlist("file"))

    def work(act: Act) -> tuple[int, tuple[str, ...]]:
        return comments.add(act, form_of(act, app_code, form_code), record_id, text, kept)

    try:
        _key, deaf = carry_out(work)
    except ValidationFailed as error:
        first = error.problems[0]
        words = said(first.code, first.params)
        return _shown(app_code, form_code, record_id, typed=text, problem=words, status=422)
    answer = _shown(app_code, form_code, record_id)
    if deaf and isinstance(answer, Response):
        told = _("%(names)s 看不到这条记录，没有通知", names=joined(deaf))
        add_trigger(answer, "ui:toast", {"text": told, "tone": "err"})
    return answer


@permission("view")
def withdraw_comment(app_code: str, form_code: str, record_id: int, comment_id: int) -> AnyResponse:
    """Take back what was said."""

    def work(act: Act) -> None:
        comments.withdraw(act, form_of(act, app_code, form_code), record_id, comment_id)

    carry_out(work)
    return _shown(app_code, form_code, record_id)


@permission("view")
def people_to_name(app_code: str, form_code: str, record_id: int) -> Response:
    """Offer people whose name holds what stands behind an @ and who may view the record."""
    typed = request.args.get("q", "")[:LONGEST_NAME]
    with reading() as act:
        form = form_of(act, app_code, form_code)
        found = comments.candidates(act, form, record_id, typed)
    return jsonify({"people": [{"handle": each.handle, "name": each.name} for each in found]})


def _shown(
    app_code: str,
    form_code: str,
    record_id: int,
    *,
    typed: str = "",
    problem: str = "",
    status: int = 200,
) -> AnyResponse:
    if not is_fragment_wanted() and not problem:
        return go_to_record(app_code, form_code, record_id)
    with reading() as act:
        form = form_of(act, app_code, form_code)
        talk = talk_of(act, form, record_id)
        if not talk.said and not problem and act.actor.user_id is None:
            raise NotFound
        return render(
            "record/talk.html", "talk", status=status, talk=talk, typed=typed, problem=problem
        )
