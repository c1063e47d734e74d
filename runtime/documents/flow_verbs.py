"""The verbs of documents are given to the steps of flows: from here on each may use the other."""

from runtime.compile.model import Form
from runtime.documents import lifecycle, triggers
from runtime.documents.convert import Taken, convert, open_lines
from runtime.documents.flows.automations import run_with
from runtime.documents.flows.verbs import Verbs, give
from runtime.infra.act import Act
from runtime.query import Record


def convert_whole(act: Act, form: Form, code: str, record_id: int) -> Record:
    """Make the next document out of everything that is open of a record."""
    lines = open_lines(act, form, code, [record_id])
    takes = [
        Taken(record_id, line.line.id if line.line else None)
        for line in lines
        if line.open is None or line.open > 0
    ]
    return convert(act, form, code, takes)


give(
    Verbs(
        create=lifecycle.create,
        create_and_submit=lifecycle.create_and_submit,
        submit=lifecycle.submit,
        update=lifecycle.update,
        delete=lifecycle.delete,
        convert=convert_whole,
    )
)
triggers.give(run_with)
