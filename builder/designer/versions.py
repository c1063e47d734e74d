"""The versions of an app: who published what and why, what differs, going back to one."""

from typing import Any, Final

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts, history
from builder.changes import Sentence, changes
from builder.designer.change_groups import change_groups
from builder.designer.overview import draft_of
from runtime.definitions.label import read_label
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.screens.acting import carry_out, reading
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

# A version of the running app that is compared with the draft.
DRAFT: Final = "draft"


@permission("admin")
def versions(app_code: str) -> Response:
    """List the published versions, the last first (`?before=` a number for earlier ones)."""
    before = request.args.get("before", type=int)
    with reading() as act:
        draft = draft_of(act, app_code)
        found = history.history(act, app_code, before=before) if draft.base_version else ()
        last = found[-1].number if len(found) == history.PAGE else None
        return render(
            "designer/versions.html",
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            draft=draft,
            versions=found,
            earlier=last if last and last > 1 else None,
        )


@permission("admin")
def compare_versions(app_code: str) -> Response:
    """Say what differs between two versions, or a version and the draft (`?from=3&to=draft`)."""
    with reading() as act:
        draft = draft_of(act, app_code)
        first, second = _asked("from"), _asked("to")
        before, after = _source(act, draft, first), _source(act, draft, second)
        found = changes_between(before, after)
        return render(
            "designer/difference.html",
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            first=_name(first),
            second=_name(second),
            groups=change_groups(found, before, after),
            total=len(found),
        )


@permission("admin")
def restore_version(app_code: str) -> AnyResponse:
    """Make an earlier version the draft; what runs stays as it is until that is published."""
    number = request.form.get("number", type=int)
    base = request.form.get("rev", type=int)
    if number is None or base is None:
        raise BadRequest("form_incomplete")

    def work(act: Act) -> drafts.Applied:
        source = history.definition(act, app_code, number)
        return drafts.replace(act, app_code, base, source, _("恢复第 %(n)s 版", n=number))

    carry_out(work)
    return go("designer.publication", app_code=app_code)


def changes_between(before: Any, after: Any) -> tuple[Sentence, ...]:
    """What differs, in sentences."""
    return changes(before, after)


def _asked(name: str) -> int | str:
    text = request.args.get(name, "")
    if text == DRAFT:
        return DRAFT
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest("form_incomplete")
    return int(text)


def _source(act: Act, draft: drafts.Draft, asked: int | str) -> Any:
    if isinstance(asked, str):
        return draft.source
    return history.definition(act, draft.app_code, asked)


def _name(asked: int | str) -> str:
    return _("草稿") if isinstance(asked, str) else _("第 %(n)s 版", n=asked)
