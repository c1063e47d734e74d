"""Files for attachment fields: sent as they are, kept until a record takes them."""

from functools import partial
from io import BytesIO
from typing import Final

from flask import Response, request, send_file

from runtime.api.acting import form_of, platform, reading, write
from runtime.api.routes import allow_parameters, parameter, route
from runtime.documents import attachments
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.infra.files import StoredFile
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json

# The settings' own limit is checked while the file is read; this bounds what is read at all.
LARGEST: Final = 200_000_000


@route("/files", "POST", "write", body=LARGEST)
def upload_file() -> Response:
    """Keep the body as a file called `name`; its id goes into an attachment field."""
    allow_parameters("name")
    name = parameter("name")
    if not name:
        raise BadRequest("parameter_missing", {"name": "name"})

    settings = platform().settings
    # Read whole, because the answer to a repeated key depends on every byte; so no more than fits.
    request.max_content_length = settings.upload_bytes
    content = request.get_data()

    def work(act: Act) -> Answer:
        return Answer(201, _file(files.store(act, settings, BytesIO(content), name)))

    return write(work, key_required=False)


@route("/files/<int:file_id>")
def download_file(file_id: int) -> Response:
    """The file itself, by the rights of the record it belongs to."""
    allow_parameters()
    with reading() as act:
        file = files.find(act.connection, file_id)
        if not attachments.may_read(act, file, partial(form_of, act)):
            raise NotFound
    return send_file(
        files.open_checked(platform().settings, file),
        mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0,
    )  # fmt: skip


def _file(file: StoredFile) -> Json:
    return {
        "id": file.id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
    }
