"""Documents to the kernel, in the transaction of the caller."""

from collections.abc import Iterable

from sqlalchemy import Connection

from runtime import kernel
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.posting.refusals import refusal_of, void_refusal_of
from runtime.posting.rules import Document, business_date, command_of


def company_of(connection: Connection, app_code: str, currency: str = "CNY") -> kernel.Company:
    """The books of an app, opened when they are first needed."""
    return kernel.create_company(connection, app_code, currency=currency)


def post_document(act: Act, form: Form, document: Document) -> kernel.Posted:
    """Post a document; what the kernel refuses is raised, every line named."""
    outcome = _post(act, form, document)
    if isinstance(outcome, kernel.Refused):
        raise refusal_of(act.connection, form, document, outcome)
    return outcome


def check_document(act: Act, form: Form, document: Document) -> None:
    """Raise what posting the document now would raise, and leave nothing behind."""
    attempt = act.connection.begin_nested()
    try:
        outcome = _post(act, form, document)
    finally:
        attempt.rollback()
    if isinstance(outcome, kernel.Refused):
        raise refusal_of(act.connection, form, document, outcome)


def void_document(act: Act, form: Form, document: Document) -> None:
    """Undo what a document posted, as if it had never been; refused while others need its goods."""
    connection = act.connection
    company = company_of(connection, form.app_code, form.currency)
    posting = kernel.posting_of(connection, company.id, _ref(form, document))
    if posting is None:
        raise Conflict("already_cancelled")
    header = _header(act, form, document, company, "void")
    outcome = kernel.post(connection, kernel.Void(header, posting))
    if isinstance(outcome, kernel.Refused):
        raise void_refusal_of(connection, form, document, outcome)


def _post(act: Act, form: Form, document: Document) -> kernel.Posted | kernel.Refused:
    assert form.posting is not None, "only a form with a posting rule is posted"
    company = company_of(act.connection, form.app_code, form.currency)
    header = _header(act, form, document, company, "post")
    command = command_of(form.posting, document, header)
    outcome = kernel.post(act.connection, command)
    if isinstance(outcome, kernel.Refused) and outcome.code in {
        kernel.Refusal.UNKNOWN_ITEM,
        kernel.Refusal.UNKNOWN_WAREHOUSE,
    }:
        # The books learn of items and warehouses when they first meet them.
        _register(act.connection, company, command.lines)
        outcome = kernel.post(act.connection, command)
    return outcome


def _header(
    act: Act, form: Form, document: Document, company: kernel.Company, verb: str
) -> kernel.Header:
    assert form.posting is not None, "only a form with a posting rule is posted"
    return kernel.Header(
        company=company.id,
        key=f"{verb}:{form.code}:{document.id}",
        date=business_date(form.posting, document, form.zone),
        document=_ref(form, document),
        user=act.actor.name,
        posted_at=act.now,
    )


def _ref(form: Form, document: Document) -> kernel.DocumentRef:
    return kernel.DocumentRef(form.code, str(document.id))


def _register(
    connection: Connection,
    company: kernel.Company,
    lines: Iterable[kernel.ReceiveLine | kernel.IssueLine | kernel.TransferLine],
) -> None:
    known = list(lines)
    kernel.register_items(connection, company.id, {line.item for line in known if line.item})
    places = {line.warehouse for line in known}
    places |= {line.to_warehouse for line in known if isinstance(line, kernel.TransferLine)}
    kernel.register_warehouses(connection, company.id, places - {""})
