"""Records on the user's own paper: one from its page, several from a list."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, url_for

from runtime import access
from runtime.compile import Form
from runtime.definitions import PrintoutDef
from runtime.infra import files
from runtime.infra.act import Act
from runtime.printing.parts import MEDIA_TYPES
from runtime.printing.values import Reader
from runtime.screens.i18n import label, locale
from runtime.screens.statuses import STATUSES, status_text


@dataclass(frozen=True)
class Offered:
    """A template somebody may print with."""

    code: str
    name: str
    format: str
    href: str


def printouts_for(act: Act, form: Form) -> Iterator[PrintoutDef]:
    """Yield the templates of a form the actor is offered, the default one first."""
    if not access.may(act.actor, "print", form):
        return
    held = {role.code for role in access.held(act.actor.roles, form.roles)}
    offered = [
        each for each in form.printouts if not each.roles or act.actor.is_admin or each.roles & held
    ]
    yield from sorted(offered, key=lambda each: not each.is_default)


def offered_for(act: Act, form: Form, record_id: int) -> tuple[Offered, ...]:
    """The templates a record can be printed with, and where."""
    return tuple(
        Offered(
            each.code,
            label(each.label),
            each.file.format,
            url_for(
                "screens.print_record",
                app_code=form.app_code,
                form_code=form.code,
                record_id=record_id,
                printout_code=each.code,
            ),
        )
        for each in printouts_for(act, form)
    )


def reader() -> Reader:
    """Who reads: their language and its words for states."""
    return Reader(locale(), {status: status_text(status) for status in STATUSES})


def file_answer(content: bytes, file_format: str, name: str) -> Response:
    """Answer a filled template as a file to keep or open."""
    answer = Response(content, mimetype=MEDIA_TYPES[file_format])
    shown = files.plain_name(f"{name}.{file_format}")
    answer.headers.set("Content-Disposition", "attachment", filename=shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer
