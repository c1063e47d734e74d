"""What was booked and by which rules: journal, periods, policies, account rules, the chain."""

from typing import Literal

from sqlalchemy import Connection

from runtime import kernel
from runtime.posting.datasets.keys import books_of, document_of
from runtime.posting.datasets.records import (
    AccountBalance,
    AccountRule,
    ChainHead,
    ItemCosting,
    JournalLine,
    Period,
    PolicyVersion,
)


def periods(connection: Connection, company: str) -> list[Period]:
    """Every month that has postings or was closed, the latest first."""
    books = books_of(connection, company)
    if books is None:
        return []
    found: list[Period] = []
    for row in kernel.periods(connection, books):
        state: Literal["open", "closed"] = "closed" if row.is_closed else "open"
        found.append(
            Period(row.ym, state, row.closed_at, row.user, row.digest, row.n_postings, row.reason)
        )
    return found


def journal(connection: Connection, company: str, form: str, document: int) -> list[JournalLine]:
    """What a document booked: its own posting's lines, and its void's or reversal's."""
    books = books_of(connection, company)
    if books is None:
        return []
    rows = kernel.journal(connection, books, kernel.DocumentRef(form, str(document)))
    return [JournalLine(row.account, row.role, row.amount, row.posted_at, row.kind) for row in rows]


def account_balances(connection: Connection, company: str) -> list[AccountBalance]:
    """What was booked on each account by role, empty ones left out."""
    books = books_of(connection, company)
    if books is None:
        return []
    return [
        AccountBalance(row.account, row.role, row.amount)
        for row in kernel.account_balances(connection, books)
    ]


def policies(connection: Connection, company: str, item: int) -> list[PolicyVersion]:
    """How an item was and is costed, the first version first."""
    books = books_of(connection, company)
    if books is None:
        return []
    return [_version(row) for row in kernel.policies(connection, books, str(item))]


def costing(connection: Connection, company: str, item: int) -> ItemCosting | None:
    """How an item is costed now, if the books know it."""
    books = books_of(connection, company)
    facts = None if books is None else kernel.item_facts(connection, books, str(item))
    if facts is None:
        return None
    return ItemCosting(
        facts.tracking, facts.scope, facts.base_uom, facts.item_group, _version(facts.policy)
    )


def _version(row: kernel.PolicyRow) -> PolicyVersion:
    form, document = document_of(row.document)
    return PolicyVersion(
        row.n, row.date, row.method, row.variance, row.negative, row.standard, row.estimate,
        form, document, row.posted_at, row.user,
    )  # fmt: skip


def rules(connection: Connection, company: str) -> dict[str, str]:
    """The rules of the books as they hold now, every name with its value."""
    books = books_of(connection, company)
    return {} if books is None else kernel.rule_values(connection, books)


def account_rules(connection: Connection, company: str) -> list[AccountRule]:
    """Which account each change of value is booked on: the rules that hold now."""
    books = books_of(connection, company)
    if books is None:
        return []
    return [
        AccountRule(
            row.posting_kind, row.role, row.item_group, row.warehouse, row.account, row.user, row.at
        )
        for row in kernel.account_rules(connection, books)
    ]


def chain_head(connection: Connection, company: str) -> ChainHead | None:
    """The last link of an app's books, if they were opened and anything is posted."""
    books = books_of(connection, company)
    head = None if books is None else kernel.chain_head(connection, books)
    if head is None:
        return None
    return ChainHead(company, head.seq, head.hash, head.date, head.n_postings)
