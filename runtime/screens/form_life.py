"""What stands around a record on its page: what it came from, what it becomes, what was said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import url_for

from runtime import documents, query
from runtime.compile import Form
from runtime.documents import comments
from runtime.infra import files as stored_files
from runtime.infra.act import Act
from runtime.screens.form_fields import File, record_url
from runtime.screens.i18n import label


@dataclass(frozen=True)
class Chip:
    """Documents of one form before or after this one."""

    label: str
    icon: str
    is_before: bool
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Next:
    """A form this record can become, and where that is decided."""

    label: str
    form: str
    icon: str
    href: str


@dataclass(frozen=True)
class Said:
    """A comment with the addresses of what is in it."""

    comment: comments.Comment
    files: tuple[File, ...]
    withdrawal_url: str


@dataclass(frozen=True)
class Talk:
    """Everything that was said, and where one says more."""

    said: tuple[Said, ...]
    comments_url: str
    people_url: str
    upload_url: str

    @property
    def count(self) -> int:
        """How many still say something."""
        return sum(not each.comment.is_withdrawn for each in self.said)


@dataclass(frozen=True)
class Life:
    """All of it."""

    chips: tuple[Chip, ...]
    next: tuple[Next, ...]
    talk: Talk | None
    versions_url: str


def life_of(act: Act, form: Form, record: query.Record) -> Life:
    """Gather what stands around a record the actor views."""
    # Nobody writes an aggregate table, and nobody comments a row that comes and goes.
    is_talked_of = act.actor.user_id is not None and form.aggregate is None
    return Life(
        tuple(_chips(act, form, record)),
        tuple(_next(act, form, record)),
        talk_of(act, form, record.id) if is_talked_of else None,
        _address("record_versions", form, record.id),
    )


def talk_of(act: Act, form: Form, record_id: int) -> Talk:
    """What was said about a record."""
    found = comments.of_record(act, form, record_id)
    return Talk(
        tuple(_said(act, form, record_id, each) for each in found),
        _address("add_comment", form, record_id),
        _address("people_to_name", form, record_id),
        url_for("screens.upload_file"),
    )


def _chips(act: Act, form: Form, record: query.Record) -> Iterator[Chip]:
    merged: dict[tuple[str, bool], dict[int, str]] = {}
    forms: Mapping[str, Form] = form.siblings
    for each in documents.related(act, form, record.id):
        key = each.form.code, each.side == "source"
        merged.setdefault(key, {}).update(each.titles)
    for (code, is_before), titles in merged.items():
        other = forms[code]
        items = tuple((title, record_url(other, key)) for key, title in titles.items())
        yield Chip(label(other.label), other.icon, is_before, items)


def _next(act: Act, form: Form, record: query.Record) -> Iterator[Next]:
    for each in documents.offered(act, form, record):
        target = form.siblings[each.target]
        href = url_for(
            "screens.conversion",
            app_code=form.app_code,
            form_code=form.code,
            conversion_code=each.code,
            id=record.id,
        )
        yield Next(label(each.label), label(target.label), target.icon, href)


def _said(act: Act, form: Form, record_id: int, comment: comments.Comment) -> Said:
    may = (comment.is_own or act.actor.is_admin) and not comment.is_withdrawn
    url = ""
    if may:
        url = url_for(
            "screens.withdraw_comment",
            app_code=form.app_code,
            form_code=form.code,
            record_id=record_id,
            comment_id=comment.id,
        )
    return Said(comment, tuple(_file(each) for each in comment.files), url)


def _file(file: stored_files.StoredFile) -> File:
    is_picture = file.media_type in stored_files.PICTURE_TYPES
    picture = url_for("screens.show_picture", file_id=file.id) if is_picture else ""
    return File(file.id, file.name, url_for("screens.download_file", file_id=file.id), picture)


def _address(view: str, form: Form, record_id: int) -> str:
    return url_for(
        f"screens.{view}", app_code=form.app_code, form_code=form.code, record_id=record_id
    )
