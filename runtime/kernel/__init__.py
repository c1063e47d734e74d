"""The sealed room of stock and cost, and its only door: commands in, `Posted` or `Refused` out.

It knows no forms, no users, no clock and no floating point; what it has written it never changes.
"""

from runtime.kernel.amounts import Exact, Rounding
from runtime.kernel.commands import (
    Command,
    DocumentRef,
    Header,
    Issue,
    IssueLine,
    LineRef,
    Posted,
    PostedLine,
    Receive,
    ReceiveLine,
    Transfer,
    TransferLine,
    Void,
)
from runtime.kernel.connections import guard_connection, is_retryable
from runtime.kernel.costing import METHODS
from runtime.kernel.post import post
from runtime.kernel.refusals import Problem, Refusal, Refused
from runtime.kernel.registration import (
    Company,
    create_company,
    find_company,
    register_item,
    register_items,
    register_warehouses,
)
from runtime.kernel.schema import grant, install, marked_digest, missing_guards, schema_digest
from runtime.kernel.verify import Finding, verify
from runtime.kernel.views import (
    LedgerRow,
    LineCost,
    OnHand,
    Place,
    costs,
    ledger,
    on_hand,
    posting_of,
    variances,
)

__all__ = [
    "METHODS",
    "Command",
    "Company",
    "DocumentRef",
    "Exact",
    "Finding",
    "Header",
    "Issue",
    "IssueLine",
    "LedgerRow",
    "LineCost",
    "LineRef",
    "OnHand",
    "Place",
    "Posted",
    "PostedLine",
    "Problem",
    "Receive",
    "ReceiveLine",
    "Refusal",
    "Refused",
    "Rounding",
    "Transfer",
    "TransferLine",
    "Void",
    "costs",
    "create_company",
    "find_company",
    "grant",
    "guard_connection",
    "install",
    "is_retryable",
    "ledger",
    "marked_digest",
    "missing_guards",
    "on_hand",
    "post",
    "posting_of",
    "register_item",
    "register_items",
    "register_warehouses",
    "schema_digest",
    "variances",
    "verify",
]
