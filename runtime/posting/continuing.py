"""Commands that continue lines of earlier documents: returns, invoices, landed cost."""

from collections.abc import Iterator
from decimal import Decimal

from runtime import kernel
from runtime.posting.columns import Row
from runtime.posting.sources import Sources


def purchase_return(
    header: kernel.Header, rows: tuple[Row, ...], sources: Sources
) -> kernel.PurchaseReturn:
    """Received goods go back to the supplier."""
    return kernel.PurchaseReturn(header, _return_lines(rows, sources))


def sales_return(
    header: kernel.Header, rows: tuple[Row, ...], sources: Sources
) -> kernel.SalesReturn:
    """Sold goods come back from the customer."""
    return kernel.SalesReturn(header, _return_lines(rows, sources))


def _return_lines(rows: tuple[Row, ...], sources: Sources) -> tuple[kernel.ReturnLine, ...]:
    return tuple(
        kernel.ReturnLine(
            source,
            row.qty(),
            uom=row.key("uom"),
            serials=row.serials(),
            warehouse=row.key("warehouse"),
            bin=row.key("bin"),
        )
        for row, source in _continued(rows, sources)
    )


def invoice(header: kernel.Header, rows: tuple[Row, ...], sources: Sources) -> kernel.Invoice:
    """The supplier's bill says what the goods really cost."""
    return kernel.Invoice(header, tuple(_invoice_lines(rows, sources)))


def _invoice_lines(rows: tuple[Row, ...], sources: Sources) -> Iterator[kernel.InvoiceLine]:
    for row, source in _continued(rows, sources):
        amount = row.number("amount")
        yield kernel.InvoiceLine(
            source,
            row.qty(),
            uom=row.key("uom"),
            unit_cost=None if amount is not None else row.number("unit_cost"),
            amount=amount,
        )


def landed_cost(
    header: kernel.Header, rows: tuple[Row, ...], sources: Sources
) -> kernel.LandedCost:
    """Freight and the like are spread over what was received."""
    first = rows[0]
    basis = _BASES.get(first.key("basis"), "amount")
    lines = tuple(
        kernel.LandedLine(source, row.number("part")) for row, source in bearers(rows, sources)
    )
    return kernel.LandedCost(header, first.number("amount") or Decimal(0), lines, basis)


_BASES: dict[str, kernel.Basis] = {
    "amount": "amount", "qty": "qty", "equal": "equal", "manual": "manual",
}  # fmt: skip


def bearers(rows: tuple[Row, ...], sources: Sources) -> Iterator[tuple[Row, kernel.LineRef]]:
    """Each line that bears a landed cost, with the row that named it.

    A share given by hand belongs to one line, so there the row has to say which.
    """
    for row in rows:
        is_every = row.key("basis") != "manual"
        for source in sources.several(row, is_every=is_every):
            yield row, source


def _continued(rows: tuple[Row, ...], sources: Sources) -> Iterator[tuple[Row, kernel.LineRef]]:
    """Rows with the line each continues; those without one have been noted as problems."""
    for row in rows:
        source = sources.one(row)
        if source is not None:
            yield row, source
