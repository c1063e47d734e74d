"""Documents to the kernel, in the transaction of the caller."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from runtime import kernel
from runtime.compile import App, Form
from runtime.definitions import StockDef
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Problem, Refused
from runtime.posting import items
from runtime.posting.columns import Document, rows_of
from runtime.posting.goods import reservation_key
from runtime.posting.refusals import refusal_of, void_refusal_of
from runtime.posting.rules import Composed, business_date, compose, party_of
from runtime.posting.sources import Sources

_UNKNOWN: Final = frozenset({kernel.Refusal.UNKNOWN_ITEM, kernel.Refusal.UNKNOWN_WAREHOUSE})
# Not about goods or values, so they do not stand or fall with others.
_ALONE: Final = frozenset({"reserve", "release"})

Paper = tuple[Form, Document]


@dataclass(frozen=True)
class _Outcome:
    """What the kernel said to which command."""

    answer: kernel.Posted | kernel.Refused
    composed: Composed


def open_books(connection: Connection, app: App) -> None:
    """Open the books of an app that keeps stock; those that are open keep their rules."""
    if app.stock is not None:
        _open(connection, app.code, app.currency, app.stock)


def company_of(connection: Connection, form: Form) -> kernel.Company:
    """The books of a form's app, opened when they are first needed."""
    return _open(connection, form.app_code, form.currency, form.stock)


def _open(
    connection: Connection, code: str, currency: str, stock: StockDef | None
) -> kernel.Company:
    found = kernel.find_company(connection, code)
    if found is not None:
        return found
    rules = {} if stock is None else stock.rules
    return kernel.create_company(connection, code, currency=currency, rules=rules)


def post_document(act: Act, form: Form, document: Document) -> kernel.Posted:
    """Post a document; what the kernel refuses is raised, every line named."""
    return _raised(act, _post(act, [(form, document)]))


def post_documents(act: Act, papers: Sequence[Paper]) -> kernel.Posted:
    """Post several documents of one app in one posting: all of them, or none."""
    for form, _document in papers:
        assert form.posting is not None, "only a form with a posting rule is posted"
        if form.posting.command in _ALONE:
            problem = Problem("", "posted_alone", {"form": form.label.zh})
            raise Refused(problem.code, problem.params, problems=[problem])
    return _raised(act, _post(act, papers))


def check_document(act: Act, form: Form, document: Document) -> None:
    """Raise what posting the document now would raise, and leave nothing behind."""
    attempt = act.connection.begin_nested()
    try:
        outcome = _post(act, [(form, document)])
    finally:
        attempt.rollback()
    _raised(act, outcome)


def void_document(act: Act, form: Form, document: Document) -> None:
    """Undo what a document posted; refused while others need its goods.

    In an open month it is as if it had never been. Of a closed month, or where the company's rule
    says so, a red document of today takes it back at its original cost.
    """
    void_documents(act, [(form, document)])


def void_documents(act: Act, papers: Sequence[Paper]) -> None:
    """Undo the posting of one document, or of several that were posted together."""
    form, document = papers[0]
    connection = act.connection
    company = company_of(connection, form)
    posted = kernel.find_posted(connection, company.id, _ref(form, document))
    if posted is None:
        raise Conflict("already_cancelled")
    others = set(posted.documents) - {_ref(*paper) for paper in papers}
    if others:
        named = "、".join(sorted(f"{one.type} {one.id}" for one in others))
        raise Conflict("posted_together", {"documents": named})
    assert form.posting is not None, "only a form with a posting rule is posted"
    if form.posting.command in _ALONE:
        _let_go(act, form, document, company)
        return
    answer = _undo(act, form, document, company, posted.posting)
    if isinstance(answer, kernel.Refused):
        rows = rows_of(form, form.posting, document)
        raise void_refusal_of(connection, rows, answer)


def _let_go(act: Act, form: Form, document: Document, company: kernel.Company) -> None:
    """A reservation is undone by releasing it; what was released is not held again."""
    assert form.posting is not None, "only a form with a posting rule is posted"
    answer: kernel.Posted | kernel.Refused = kernel.Refused(kernel.Refusal.CANNOT_REVERSE)
    if form.posting.command == "reserve":
        header = replace(_header(act, form, document, company, "release"), date=_today(act, form))
        name = reservation_key(form.code, document.id)
        answer = kernel.post(act.connection, kernel.Release(header, name))
    if isinstance(answer, kernel.Refused):
        problem = Problem("", "reservation_is_over", {})
        raise Refused(problem.code, problem.params, problems=[problem])


def _undo(
    act: Act, form: Form, document: Document, company: kernel.Company, posting: int
) -> kernel.Posted | kernel.Refused:
    header = _header(act, form, document, company, "void")
    red = replace(header, key=f"reverse:{form.code}:{document.id}", date=_today(act, form))
    if company.rules.cancel == "reverse":
        return kernel.post(act.connection, kernel.Reverse(red, posting))
    answer = kernel.post(act.connection, kernel.Void(header, posting))
    if isinstance(answer, kernel.Refused) and answer.code is kernel.Refusal.PERIOD_CLOSED:
        return kernel.post(act.connection, kernel.Reverse(red, posting))
    return answer


def _today(act: Act, form: Form) -> date:
    return act.now.astimezone(ZoneInfo(form.zone)).date()


def _raised(act: Act, outcome: _Outcome) -> kernel.Posted:
    if isinstance(outcome.answer, kernel.Refused):
        raise refusal_of(act.connection, outcome.composed.rows, outcome.answer)
    return outcome.answer


def _post(act: Act, papers: Sequence[Paper]) -> _Outcome:
    company = company_of(act.connection, papers[0][0])
    composed = _composed(act, company, papers)
    answer = kernel.post(act.connection, composed.command)
    if isinstance(answer, kernel.Refused) and answer.code in _UNKNOWN:
        # The books learn of items and warehouses when they first meet them.
        items.register(act.connection, company.id, composed.rows)
        answer = kernel.post(act.connection, composed.command)
    return _Outcome(answer, composed)


def _composed(act: Act, company: kernel.Company, papers: Sequence[Paper]) -> Composed:
    sources = Sources(act.connection, company.id)
    parts = [
        compose(form, document, _header(act, form, document, company, "post"), sources)
        for form, document in papers
    ]
    if len(parts) == 1:
        return parts[0]
    # What cannot be posted with others was refused before.
    commands = cast("tuple[kernel.StockCommand, ...]", tuple(part.command for part in parts))
    named = ",".join(f"{form.code}:{document.id}" for form, document in papers)
    header = replace(commands[0].header, key=f"post_together:{named}")
    rows = tuple(row for part in parts for row in part.rows)
    return Composed(kernel.Batch(header, commands), rows)


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
        party=party_of(form, document),
        purpose=form.posting.purpose,
    )


def _ref(form: Form, document: Document) -> kernel.DocumentRef:
    return kernel.DocumentRef(form.code, str(document.id))
