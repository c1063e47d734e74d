"""A command becomes moves: names resolved, quantities in atoms, values in minor units."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from runtime.kernel.commands import (
    KIND_OF,
    Adjust,
    Assemble,
    Batch,
    ChangePolicy,
    Count,
    Invoice,
    Issue,
    LandedCost,
    PurchaseReturn,
    Receive,
    Reverse,
    SalesReturn,
    SetStandard,
    StockCommand,
    Transfer,
    Void,
)
from runtime.kernel.planned import Planned, day_of
from runtime.kernel.planning.assembly import plan_assembly
from runtime.kernel.planning.counts import plan_count
from runtime.kernel.planning.draft import Draft, stand_of
from runtime.kernel.planning.finish import finish
from runtime.kernel.planning.flows import plan_issue, plan_receive, plan_transfer
from runtime.kernel.planning.late import plan_invoice, plan_landed_cost
from runtime.kernel.planning.payload import payload_hash
from runtime.kernel.planning.returns import plan_purchase_return, plan_sales_return
from runtime.kernel.planning.void import plan_reverse, plan_void
from runtime.kernel.planning.worth import plan_adjust, plan_change_policy, plan_set_standard
from runtime.kernel.refusals import Refusal, Refused
from runtime.kernel.registration import Company

__all__ = ["Plannable", "payload_hash", "plan"]

Plannable = StockCommand | ChangePolicy | Void | Reverse | Batch

# How a kind of document is planned, and its rank within a day.
_PLANS: Final[dict[type, tuple[Callable[[Draft, Any], None], str]]] = {
    Receive: (plan_receive, "receive"),
    Issue: (plan_issue, "issue"),
    Transfer: (plan_transfer, "transfer"),
    PurchaseReturn: (plan_purchase_return, "purchase_return"),
    SalesReturn: (plan_sales_return, "sales_return"),
    Count: (plan_count, "count"),
    LandedCost: (plan_landed_cost, "value"),
    Invoice: (plan_invoice, "value"),
    Adjust: (plan_adjust, "value"),
    Assemble: (plan_assembly, "assemble"),
    SetStandard: (plan_set_standard, "value"),
    ChangePolicy: (plan_change_policy, "value"),
}


def plan(connection: Connection, company: Company, command: Plannable) -> Planned | Refused:
    """The moves a command asks for, or every place where the first reason against it holds."""
    if isinstance(command, Void):
        return plan_void(connection, company, command)
    if isinstance(command, Reverse):
        return plan_reverse(connection, company, command)
    if isinstance(command, Batch):
        return _plan_batch(connection, company, command)
    draft = Draft(connection, company, stand_of(company, command.header, _PLANS[type(command)][1]))
    refused = _lay(draft, command)
    return finish(draft, kind_of(command)) if refused is None else refused


def kind_of(command: StockCommand | ChangePolicy) -> str:
    """What a command is called in the books: what it is for, else what it is."""
    if command.header.purpose:
        return command.header.purpose
    return command.kind if isinstance(command, Assemble) else KIND_OF[type(command)]


def lines_of(command: StockCommand | ChangePolicy) -> Sequence[Any]:
    """The lines of a command; one that has none is a line by itself."""
    if isinstance(command, Assemble):
        return (*command.inputs, *command.outputs)
    if isinstance(command, SetStandard | ChangePolicy):
        return (command,)
    return command.lines


def _lay(draft: Draft, command: StockCommand | ChangePolicy) -> Refused | None:
    """Add the moves of one document, or say what is wrong with it."""
    assert lines_of(command), "a command has lines"
    draft.hold_month()
    _PLANS[type(command)][0](draft, command)
    return draft.refused()


def _plan_batch(connection: Connection, company: Company, batch: Batch) -> Planned | Refused:
    """The moves of all documents, each at its own moment; lines are counted through."""
    assert batch.parts, "a batch has parts"
    whole = stand_of(company, batch.header, "receive")
    draft = Draft(connection, company, whole)
    draft.hold_month()
    if draft.refused() is not None:
        return Refused(Refusal.PERIOD_CLOSED)
    first = 0
    for n, part in enumerate(batch.parts, 1):
        header = part.header
        draft.stand = stand_of(company, header, _PLANS[type(part)][1], first)
        refused = _lay(draft, part)
        if refused is not None:
            return refused
        document = header.document
        row = (
            None, n, first, kind_of(part), document.type, document.id, header.party,
            day_of(header.date),
        )  # fmt: skip
        draft.extras.append(("k_posting_part", row))
        first += len(lines_of(part))
    draft.stand = whole
    return finish(draft, "batch")
