"""Data of fields that are no more: what is still kept, and erasing it when its number is typed."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from builder import purge
from builder.designer.overview import draft_of
from runtime.definitions.label import read_label
from runtime.infra.errors import AppError, BadRequest
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label, number
from runtime.screens.render import render
from runtime.screens.routes import permission


@permission("admin")
def remains(app_code: str) -> Response:
    """List what an app keeps of fields it has no more."""
    return _page(app_code)


@permission("admin")
def purge_remains(app_code: str) -> AnyResponse:
    """Erase one column for good, after its number of values was typed."""
    table, column = request.form.get("table", ""), request.form.get("column", "")
    rows = request.form.get("rows", "").replace(",", "").strip()
    if not table or not column:
        raise BadRequest("form_incomplete")
    if not rows.isdecimal() or len(rows) > len(str(2**62)):
        return _page(app_code, refusal=(_("请输入要清除的数量，和列表里的一样"),), status=422)
    try:
        gone = carry_out(lambda act: purge.purge(act, app_code, table, column, rows=int(rows)))
    except AppError as error:
        return _page(app_code, refusal=tuple(texts(error)), status=error.status)
    return _page(app_code, done=_("已经清除 %(n)s 个值。", n=number(gone)))


def _page(
    app_code: str, *, refusal: tuple[str, ...] = (), done: str = "", status: int = 200
) -> Response:
    with reading() as act:
        draft = draft_of(act, app_code)
        return render(
            "designer/remains.html",
            status=status,
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            kept=purge.kept(act, app_code) if draft.base_version else (),
            refusal=refusal,
            done=done,
        )
