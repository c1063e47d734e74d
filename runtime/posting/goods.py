"""Commands about goods themselves: in, out, between, counted, valued, held, put together."""

from decimal import Decimal
from typing import Literal

from runtime import kernel
from runtime.definitions import PostingDef
from runtime.posting.columns import Row, rows_of
from runtime.posting.sources import Sources


def reservation_key(form: str, document: int | str) -> str:
    """The name under which the books know what a reservation document holds."""
    return f"post:{form}:{document}"


def receive(header: kernel.Header, rows: tuple[Row, ...], _sources: Sources) -> kernel.Receive:
    """Goods come in; an amount goes before a unit cost."""
    return kernel.Receive(header, tuple(_receive_line(row) for row in rows))


def _receive_line(row: Row) -> kernel.ReceiveLine:
    amount = row.number("amount")
    return kernel.ReceiveLine(
        row.key("item"),
        row.key("warehouse"),
        row.qty(),
        unit_cost=None if amount is not None else row.number("unit_cost"),
        amount=amount,
        uom=row.key("uom"),
        lot=row.key("lot"),
        serials=row.serials(),
        bin=row.key("bin"),
        owner=row.party("owner"),
        produced=row.day("produced"),
        expiry=row.day("expiry"),
        provisional=row.ticked("provisional"),
    )


def issue(header: kernel.Header, rows: tuple[Row, ...], _sources: Sources) -> kernel.Issue:
    """Goods go out."""
    return kernel.Issue(header, tuple(_issue_line(row) for row in rows))


def _issue_line(row: Row) -> kernel.IssueLine:
    return kernel.IssueLine(
        row.key("item"),
        row.key("warehouse"),
        row.qty(),
        uom=row.key("uom"),
        lot=row.key("lot"),
        serials=row.serials(),
        bin=row.key("bin"),
        owner=row.party("owner"),
        reservation=_held(row),
    )


def _held(row: Row) -> str:
    number = row.value("reservation")
    return "" if number is None else reservation_key(row.target("reservation").code, number)


def transfer(header: kernel.Header, rows: tuple[Row, ...], sources: Sources) -> kernel.Transfer:
    """Goods go from one place to another, in one step or as the arrival of a dispatch."""
    return kernel.Transfer(
        header,
        tuple(
            kernel.TransferLine(
                row.key("item"),
                row.key("warehouse"),
                row.key("to_warehouse"),
                row.qty(),
                uom=row.key("uom"),
                source=sources.one(row),
                lot=row.key("lot"),
                serials=row.serials(),
                bin=row.key("bin"),
                to_bin=row.key("to_bin"),
                owner=row.party("owner"),
            )
            for row in rows
        ),
    )


def count(header: kernel.Header, rows: tuple[Row, ...], _sources: Sources) -> kernel.Count:
    """The books are brought to what was counted; nothing there is a count too."""
    return kernel.Count(
        header,
        tuple(
            kernel.CountLine(
                row.key("item"),
                row.key("warehouse"),
                row.qty(),
                uom=row.key("uom"),
                lot=row.key("lot"),
                serials=row.serials(),
                bin=row.key("bin"),
                owner=row.party("owner"),
                unit_cost=row.number("unit_cost"),
                set_unit_cost=row.number("set_unit_cost"),
            )
            for row in rows
        ),
    )


def adjust(header: kernel.Header, rows: tuple[Row, ...], _sources: Sources) -> kernel.Adjust:
    """The value of what is there changes, the goods stay."""
    return kernel.Adjust(
        header,
        tuple(
            kernel.AdjustLine(
                row.key("item"),
                row.key("warehouse"),
                row.number("amount") or Decimal(0),
                lot=row.key("lot"),
                owner=row.party("owner"),
            )
            for row in rows
        ),
    )


def assemble(header: kernel.Header, rows: tuple[Row, ...], _sources: Sources) -> kernel.Assemble:
    """Goods are used up and others come out, at the cost of what was used."""
    form, document = rows[0].form, rows[0].document
    rule = rows[0].columns.rule
    assert isinstance(rule, PostingDef), "the inputs are what the rule itself names"
    assert rule.outputs is not None, "publishing checked that an assembly has outputs"
    kind: Literal["assemble", "disassemble"] = (
        "assemble" if rule.command == "assemble" else "disassemble"
    )
    return kernel.Assemble(
        header,
        tuple(_issue_line(row) for row in rows),
        tuple(_output_line(row) for row in rows_of(form, rule.outputs, document)),
        extra_cost=rows[0].number("extra_cost") or Decimal(0),
        kind=kind,
    )


def _output_line(row: Row) -> kernel.OutputLine:
    fixed = row.number("unit_cost")
    return kernel.OutputLine(
        row.key("item"),
        row.key("warehouse"),
        row.qty(),
        uom=row.key("uom"),
        lot=row.key("lot"),
        serials=row.serials(),
        bin=row.key("bin"),
        owner=row.party("owner"),
        share=row.number("share"),
        unit_cost="input" if row.ticked("at_input_cost") else fixed,
        produced=row.day("produced"),
        expiry=row.day("expiry"),
    )


def set_standard(
    header: kernel.Header, rows: tuple[Row, ...], _sources: Sources
) -> kernel.SetStandard:
    """An item gets a new standard cost."""
    (row,) = rows
    return kernel.SetStandard(header, row.key("item"), row.number("unit_cost") or Decimal(0))


def reserve(header: kernel.Header, rows: tuple[Row, ...], _sources: Sources) -> kernel.Reserve:
    """Goods are held for somebody; the document's own key is the reservation's name."""
    (row,) = rows
    return kernel.Reserve(
        header,
        row.key("item"),
        row.key("warehouse"),
        row.qty(),
        uom=row.key("uom"),
        lot=row.key("lot"),
        owner=row.party("owner"),
        expires=row.day("expires"),
    )


def release(header: kernel.Header, rows: tuple[Row, ...], _sources: Sources) -> kernel.Release:
    """What is left of a reservation is let go of."""
    (row,) = rows
    return kernel.Release(header, _held(row))
