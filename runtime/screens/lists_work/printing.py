"""Records on the user's own paper: one from its page, several from a list, as one file."""

from collections.abc import Sequence

from flask import Response, request, url_for

from runtime import query
from runtime.compile import Form
from runtime.definitions import PrintoutDef
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.printing import filling
from runtime.screens.acting import acting, form_of, platform, reading
from runtime.screens.i18n import label
from runtime.screens.lists_work.picked import first_ids, picked
from runtime.screens.printing import Offered, file_answer, printouts_for, reader
from runtime.screens.render import render
from runtime.screens.routes import permission


@permission("print")
def print_record(app_code: str, form_code: str, record_id: int, printout_code: str) -> Response:
    """Answer a record on a template, as a file to open and print."""
    with acting() as act:
        form = form_of(act, app_code, form_code)
        printout = _found(act, form, printout_code)
        return _printed(act, form, printout, [record_id])


@permission("print")
def print_dialog(app_code: str, form_code: str) -> Response:
    """Ask on which template the records that were picked are printed."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        those = picked(act, form)
        return render(
            "lists_work/print.html",
            "dialog",
            form=form,
            action=url_for("screens.print_records", app_code=app_code, form_code=form_code),
            carried=those.carried,
            words=those.words,
            count=those.count,
            most=filling.MOST_RECORDS,
            templates=tuple(
                Offered(each.code, label(each.label), each.file.format, "")
                for each in printouts_for(act, form)
            ),
        )


@permission("print")
def print_records(app_code: str, form_code: str) -> Response:
    """Answer all records that were picked, each on a page or sheet of its own, as one file."""
    with acting() as act:
        form = form_of(act, app_code, form_code)
        printout = _found(act, form, request.form.get("template", ""))
        those = picked(act, form)
        ids = first_ids(act, form, those, filling.MOST_RECORDS + 1)
        return _printed(act, form, printout, ids)


def _printed(act: Act, form: Form, printout: PrintoutDef, ids: Sequence[int]) -> Response:
    asked = (ids, reader())
    content = filling.filled(act, platform().settings, form, printout, asked)
    filling.note(act, form, printout, ids)
    name = label(printout.label)
    return file_answer(content, printout.file.format, f"{name} {_called(act, form, ids)}")


def _called(act: Act, form: Form, ids: Sequence[int]) -> str:
    """What the file is called after: the record, or how many there are."""
    if len(ids) > 1:
        return f"{act.now.date().isoformat()} ×{len(ids)}"
    record = query.record(act, form, ids[0])
    return record.title if record else ""


def _found(act: Act, form: Form, code: str) -> PrintoutDef:
    """A template the actor is offered; another one is not there."""
    found = next((each for each in printouts_for(act, form) if each.code == code), None)
    if found is None:
        raise NotFound("print_not_found")
    return found
