"""The shell, its service worker, and who scans what."""

from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, g, jsonify, make_response, render_template, url_for
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]

from runtime import access
from runtime.documents import scanning
from runtime.infra.act import Act
from runtime.screens.acting import reading
from runtime.screens.i18n import label
from runtime.screens.render import asset
from runtime.screens.routes import permission
from runtime.screens.scan import modules
from runtime.screens.shell import apps_of, visible_forms

STYLES: Final = ("tokens.css", "ui.css", "scan.css")
FIRST: Final = "js/scan/main.js"
# A megabyte, for those who scan with a camera.
READER: Final = ("barcode.js", "zxing_reader.wasm")


@permission("signed_in")
def shell() -> Response:
    """Show the frame of the scan screens: the same for everybody, so that it may be kept."""
    answer = make_response(render_template("scan/shell.html"))
    # Nowhere else does the product look through a camera, and read what it sees.
    g.runs_module = True
    answer.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return answer


@permission("signed_in")
def worker() -> Response:
    """Answer the service worker, with the files it keeps; it rules over `/scan/` alone."""
    answer = make_response(
        render_template(
            "scan/worker.js",
            files=_files(),
            later=[asset(f"vendor/{name}") for name in READER],
            version=asset("").split("/")[-2],
        )
    )
    answer.mimetype = "text/javascript"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@permission("signed_in")
def start() -> Response:
    """Answer who is here, the token of their forms, and what they may scan."""
    with reading() as act:
        return jsonify(
            {
                "csrf": generate_csrf(),
                "user": {"id": act.actor.user_id, "name": act.actor.name},
                "forms": _forms(act),
            }
        )


def _forms(act: Act) -> list[dict[str, Any]]:
    return [
        {
            "app": app.code,
            "app_label": label(app.label),
            "form": form.code,
            "label": label(form.label),
            "icon": form.icon,
            "command": form.posting.command,
        }
        for app in apps_of(act)
        for form in visible_forms(act, app)
        if form.posting and scanning.goods_of(form) and access.may(act.actor, "update", form)
    ]


def _files() -> list[str]:
    """Every file the shell needs when there is no network."""
    static = Path(str(current_app.static_folder))
    return [
        url_for("screens.scan"),
        *(asset(f"css/{name}") for name in STYLES),
        *(asset(name) for name in modules.closure(static, FIRST)),
        asset("js/texts-en.js"),
        asset("vendor/icons.svg"),
        asset("img/icon.svg"),
    ]
