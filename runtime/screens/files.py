"""Attachments: taken in at once, given out by the rights of the record they belong to."""

from functools import partial
from typing import BinaryIO, Final, cast

from flask import Response, jsonify, request, send_file, url_for

from runtime.compile import Form
from runtime.documents import attachments
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.screens.acting import acting, platform, reading
from runtime.screens.routes import permission

# The settings' own limit is checked while the file is read; this bounds what is read at all.
LARGEST: Final = 200_000_000


@permission("signed_in", body=LARGEST)
def upload_file() -> Response:
    """Keep a file; it belongs to whoever sent it until a record takes it."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadRequest("form_incomplete")
    with acting() as act:
        kept = files.store(act, platform().settings, cast(BinaryIO, sent.stream), sent.filename)
    address = url_for("screens.download_file", file_id=kept.id)
    is_picture = kept.media_type in files.PICTURE_TYPES
    picture = url_for("screens.show_picture", file_id=kept.id) if is_picture else ""
    return jsonify({"id": kept.id, "name": kept.name, "url": address, "picture": picture})


@permission("signed_in")
def download_file(file_id: int) -> Response:
    """Give a file out, always as a download."""
    file = _readable(file_id)
    opened = files.open_checked(platform().settings, file)
    answer = send_file(
        opened, mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0
    )
    # Should a browser show it all the same, it is a page that may do nothing.
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@permission("signed_in")
def show_picture(file_id: int) -> Response:
    """Show a picture in the page; what only says it is one is not shown."""
    file = _readable(file_id)
    if file.media_type not in files.PICTURE_TYPES:
        raise NotFound
    opened = files.open_checked(platform().settings, file)
    answer = send_file(opened, mimetype=file.media_type, download_name=file.name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # A file never changes; who may not see it any more must not find it in a shared cache.
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def _readable(file_id: int) -> files.StoredFile:
    with reading() as act:
        file = files.find(act.connection, file_id)
        if not attachments.may_read(act, file, partial(form_at, act)):
            raise NotFound
    return file


def form_at(act: Act, app: str, form: str) -> Form:
    """Return the form a file's record belongs to."""
    return platform().catalogue.form(act.connection, app, form)
