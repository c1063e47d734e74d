"""Why things cost what they cost: layers, the causes of a document's figures, the cost chain."""

from sqlalchemy import Connection

from runtime import kernel
from runtime.posting.datasets.keys import books_of, document_of, id_of
from runtime.posting.datasets.numbers import quantity, unit_cost
from runtime.posting.datasets.records import CostStep, StockLayer, WhyRow


def layers(connection: Connection, company: str, item: int, warehouse: int) -> list[StockLayer]:
    """The parts of what is on hand, oldest first, with the document each came in by."""
    books = books_of(connection, company)
    if books is None:
        return []
    found: list[StockLayer] = []
    for row in kernel.stock_layers(connection, books, str(item), str(warehouse)):
        form, document = document_of(row.document)
        found.append(
            StockLayer(
                quantity(row.qty), row.value, unit_cost(row.value, row.qty), row.date, form,
                document, row.owner, row.lot,
            )
        )  # fmt: skip
    return found


def why(connection: Connection, company: str, form: str, document: int) -> list[WhyRow]:
    """Every value entry behind the figures of a document, in the order in which they were made."""
    books = books_of(connection, company)
    if books is None:
        return []
    found: list[WhyRow] = []
    for row in kernel.why(connection, books, kernel.DocumentRef(form, str(document))):
        cause_form, cause = document_of(row.cause)
        found.append(
            WhyRow(
                row.line, id_of(row.item), id_of(row.warehouse), row.date, row.kind, row.account,
                row.amount, cause_form, cause, row.posted_at, row.cause_kind,
            )
        )  # fmt: skip
    return found


def cost_chain(
    connection: Connection, company: str, item: int, warehouse: int, *, limit: int = 200
) -> list[CostStep]:
    """The value entries that made the figure of today, the newest first."""
    books = books_of(connection, company)
    if books is None:
        return []
    found: list[CostStep] = []
    for row in kernel.cost_chain(connection, books, str(item), str(warehouse), limit=limit):
        form, document = document_of(row.document)
        cause_form, cause = document_of(row.cause)
        found.append(
            CostStep(
                row.seq, row.date, row.kind, row.move_kind, row.account, form, document or 0,
                row.line, cause_form, cause, quantity(row.qty), row.value,
                quantity(row.qty_after), row.value_after, row.posted_at,
            )
        )  # fmt: skip
    return found
