"""App packages through the browser: exporting the running version, installing and upgrading."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from builder import archives, drafts
from builder.designer.overview import draft_of
from runtime.catalogue import active_definition
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _
from runtime.screens.render import go, render
from runtime.screens.routes import permission

BODY: Final = archives.LARGEST_FILE + 100_000


@permission("admin")
def download_package(app_code: str) -> Response:
    """Send the running version of an app as a package."""
    with reading() as act:
        found = active_definition(act.connection, app_code)
        if found is None:
            raise NotFound("app_not_found", {"app": app_code})
        source, version = found
    answer = Response(archives.pack(source), mimetype="application/zip")
    name = f"{app_code}-{version}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@permission("admin")
def package_form() -> Response:
    """Ask for a package."""
    return _page()


@permission("admin", body=BODY)
def upload_package() -> AnyResponse:
    """Let a package be the draft of its app, to be looked at before it is published."""
    sent = request.files.get("package")
    content = sent.read(archives.LARGEST_FILE + 1) if sent else b""
    if not content:
        return _page((_("请选择一个应用包文件"),), 422)
    try:
        source = archives.unpack(content)
        carry_out(lambda act: take(act, source))
    except AppError as error:
        return _page(tuple(texts(error)), error.status)
    return go("designer.publication", app_code=source["code"])


def take(act: Act, source: Mapping[str, Any]) -> drafts.Draft:
    """Make a package the draft of a new app, or of the one with its code."""
    code = str(source.get("code", ""))
    try:
        draft = draft_of(act, code)
    except NotFound:
        draft = drafts.create_app(act, code, source.get("label"))
    return drafts.replace(act, code, draft.rev, source, _("应用包")).draft


def _page(problems: tuple[str, ...] = (), status: int = 200) -> Response:
    return render("designer/transfer.html", status=status, problems=problems)
