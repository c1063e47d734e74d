"""App packages through the browser: exporting the running version, installing and upgrading."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from builder import archives, drafts, printouts, upgrade
from builder.changes import changes
from builder.designer.change_groups import change_groups
from builder.designer.overview import draft_of
from builder.merge import Side
from runtime.catalogue import active_definition
from runtime.definitions import shape_problems
from runtime.definitions.label import read_label
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound, ValidationFailed
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

# What a choice is called in the form: the path of its place follows.
CHOICE: Final = "choice."
BODY: Final = archives.LARGEST_FILE + 100_000


@permission("admin")
def download_package(app_code: str) -> Response:
    """Send the running version of an app as a package."""
    with reading() as act:
        found = active_definition(act.connection, app_code)
        if found is None:
            raise NotFound("app_not_found", {"app": app_code})
        source, version = found
        whole = printouts.given_out(act.connection, source)
    answer = Response(archives.pack(whole), mimetype="application/zip")
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
    """Let a package be the draft of a new app, or ask how it goes with the one that is here."""
    sent = request.files.get("package")
    content = sent.read(archives.LARGEST_FILE + 1) if sent else b""
    if not content:
        return _page((_("请选择一个应用包文件"),), 422)
    try:
        source = archives.unpack(content)
        digest = carry_out(lambda act: _receive(act, source))
    except AppError as error:
        return _page(tuple(texts(error)), error.status)
    if digest:
        return go("designer.upgrade_form", app_code=source["code"], digest=digest)
    return go("designer.publication", app_code=source["code"])


@permission("admin")
def upgrade_form(app_code: str, digest: str) -> Response:
    """Show where a package and this app both changed, side by side."""
    with reading() as act:
        draft = draft_of(act, app_code)
        source = upgrade.package(act, app_code, digest)
        merged = upgrade.upgrade(act, source, {})
        return render(
            "designer/upgrade.html",
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            draft=draft,
            digest=digest,
            conflicts=merged.conflicts,
            groups=change_groups(changes(draft.source, merged.source), draft.source, merged.source),
            is_blind=upgrade.base_of(act, draft.source) is None,
        )


@permission("admin")
def take_upgrade(app_code: str, digest: str) -> AnyResponse:
    """Let the merged app be the draft; `choice.<path>` says whose word counts."""
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    choices = dict(_choices())

    def work(act: Act) -> drafts.Draft:
        source = upgrade.package(act, app_code, digest)
        return upgrade.take(act, source, choices, base_rev=base)

    carry_out(work)
    return go("designer.publication", app_code=app_code)


def _choices() -> Iterator[tuple[str, Side]]:
    for name, value in request.form.items():
        if name.startswith(CHOICE):
            if value not in {"theirs", "ours"}:
                raise BadRequest("form_incomplete")
            yield name.removeprefix(CHOICE), "theirs" if value == "theirs" else "ours"


def _receive(act: Act, source: Mapping[str, Any]) -> str:
    """Keep a package; of a new app it is the draft, for one that is here its digest is returned."""
    source = printouts.taken_in(act, source)
    code = str(source.get("code", ""))
    try:
        draft_of(act, code)
    except NotFound:
        draft = drafts.create_app(act, code, source.get("label"))
        drafts.replace(act, code, draft.rev, source, _("应用包"))
        upgrade.remember(act, source)
        return ""
    problems = tuple(shape_problems(source))
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    return upgrade.remember(act, source)


def _page(problems: tuple[str, ...] = (), status: int = 200) -> Response:
    return render("designer/transfer.html", status=status, problems=problems)
