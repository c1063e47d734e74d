"""A document and its form's posting rule become a kernel command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from runtime import kernel
from runtime.compile import Form
from runtime.definitions.posting import PostingDef
from runtime.infra.errors import Problem, Refused
from runtime.posting import continuing, goods
from runtime.posting.columns import Columns, Document, Row, rows_of
from runtime.posting.sources import Sources

Maker = Callable[[kernel.Header, tuple[Row, ...], Sources], kernel.Command]

# One for each command a rule may name; publishing has checked that the rule says what they read.
MAKERS: Final[Mapping[str, Maker]] = {
    "receive": goods.receive,
    "issue": goods.issue,
    "transfer": goods.transfer,
    "stocktake": goods.count,
    "cost_adjust": goods.adjust,
    "set_standard": goods.set_standard,
    "reserve": goods.reserve,
    "release": goods.release,
    "purchase_return": continuing.purchase_return,
    "sales_return": continuing.sales_return,
    "landed_cost": continuing.landed_cost,
    "invoice": continuing.invoice,
    "assemble": goods.assemble,
    "disassemble": goods.assemble,
}


@dataclass(frozen=True)
class Composed:
    """A command, and for each of its lines the line of the document it was made of."""

    command: kernel.Command
    rows: tuple[Row, ...]


def compose(form: Form, document: Document, header: kernel.Header, sources: Sources) -> Composed:
    """The command a document asks for. Raises Refused where a source line cannot be told."""
    rule = form.posting
    assert rule is not None, "only a form with a posting rule is posted"
    rows = rows_of(form, rule, document)
    if not rows:
        raise _empty(rule.lines)
    command = MAKERS[rule.command](header, rows, sources)
    sources.settle()
    if isinstance(command, kernel.Assemble):
        assert rule.outputs is not None, "publishing checked that an assembly has outputs"
        outputs = rows_of(form, rule.outputs, document)
        if not outputs:
            raise _empty(rule.outputs.lines)
        rows += outputs
    elif isinstance(command, kernel.LandedCost):
        rows = tuple(row for row, _source in continuing.bearers(rows, sources))
    return Composed(command, rows)


def _empty(lines: str) -> Refused:
    problem = Problem(f"/{lines}", "lines_too_few", {"limit": 1})
    return Refused(problem.code, problem.params, problems=[problem])


def business_date(rule: PostingDef, document: Document, zone: str) -> date:
    """The business time of a document; an instant is read on the clock of its app."""
    value = document.values[rule.date]
    assert isinstance(value, date), "a posting rule's date is a date; publishing checked that"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return value


def party_of(form: Form, document: Document) -> str:
    """The supplier or customer of a document, as the books keep them for tracing."""
    assert form.posting is not None, "only a form with a posting rule is posted"
    return Row(form, Columns(form.posting), document).party("party")
