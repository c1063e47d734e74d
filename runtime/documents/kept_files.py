"""The files of a record: whose they must be, and which fields hold them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.documents import references
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Problem, ValidationFailed
from runtime.kinds.families import FILES
from runtime.query import Record

# As many as one can say something with.
MOST: Final = 10
Place = tuple[str, Field, Mapping[str, Any]]
# Fields of these kinds are shown as pictures, so nothing else may stand in them.
PICTURES: Final = FILES - {"attachment"}


def foreign_files(
    act: Act, form: Form, merged: Mapping[str, Any], before: Record | None
) -> Iterator[Problem]:
    """Files must be the actor's own uploads, or belong to this very record already."""
    places = list(_places(form, merged))
    wanted = {key for _, field, row in places for key in row.get(field.code) or ()}
    if not wanted:
        return
    name, record_id = f"{form.app_code}.{form.code}", before.id if before else None
    allowed = {
        file.id: file.media_type
        for file in files.several(act.connection, wanted)
        if (file.record_id is None and file.created_by == act.actor.user_id)
        or (file.record_id is not None and (file.form, file.record_id) == (name, record_id))
    }
    for pointer, field, row in places:
        held = row.get(field.code) or ()
        if not allowed.keys() >= set(held):
            yield Problem(pointer, "file_missing", {"label": field.label.zh})
        elif field.kind.kind in PICTURES and any(
            allowed[key] not in files.PICTURE_TYPES for key in held
        ):
            yield Problem(pointer, "file_not_picture", {"label": field.label.zh})


def ids(form: Form, values: Mapping[str, Any]) -> set[int]:
    """The ids of all files that stand in the values of a record and of its lines."""
    return {key for _, field, row in _places(form, values) for key in row.get(field.code) or ()}


def require_own(
    act: Act, file_ids: Collection[int], pointer: str, *, is_picture: bool = False
) -> list[int]:
    """Files that are the actor's own and belong to nothing yet; anything else is refused."""
    wanted = sorted(set(file_ids))
    if len(wanted) > MOST:
        raise BadRequest("comment_files_too_many", {"limit": MOST})
    free = {
        file.id
        for file in files.several(act.connection, wanted)
        if file.record_id is None
        and file.created_by == act.actor.user_id
        and (not is_picture or file.media_type in files.PICTURE_TYPES)
    }
    if free != set(wanted):
        raise ValidationFailed(problems=[Problem(pointer, "file_missing", {"label": "附件"})])
    return wanted


def _places(form: Form, values: Mapping[str, Any]) -> Iterator[Place]:
    for kind in sorted(FILES):
        if references.referring(form, kind):
            yield from references.places(form, values, kind)
