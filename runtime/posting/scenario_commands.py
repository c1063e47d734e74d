"""The operations of a scenario as commands of the kernel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from runtime import kernel

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
Op = Mapping[str, Any]


@dataclass
class Posts:
    """What the operations so far came to: where their lines begin, and their keys."""

    company: int
    lines: dict[str, kernel.LineRef] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def line_of(self, op: str) -> kernel.LineRef:
        """The first line of an operation; one that was not posted is a line that is not there."""
        return self.lines.get(op, kernel.LineRef(0, 0))


def number(text: Any) -> Decimal | Fraction:
    """A number of a scenario: a decimal string or a rational such as 1/3."""
    return Fraction(str(text)) if "/" in str(text) else Decimal(str(text))


def targets_of(op: Op) -> list[str]:
    """The operations that have to come before this one."""
    found = [op["ref"]] if op.get("ref") is not None else []
    found += [ref if isinstance(ref, str) else ref["ref"] for ref in op.get("refs", ())]
    if op.get("reservation"):
        found.append(op["reservation"])
    return found


def header_of(posts: Posts, op: Op, place: int) -> kernel.Header:
    """Key, business time and place of an operation."""
    key = str(op.get("key", op["id"]))
    document = kernel.DocumentRef(op["op"], key)
    return kernel.Header(posts.company, key, _when(op["date"]), document, "scenario", _NOW, place)


def command_of(posts: Posts, op: Op, place: int) -> kernel.Command:
    """The command of an operation."""
    return _COMMANDS[op["op"]](posts, header_of(posts, op, place), op)


def _when(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _maybe(op: Op, name: str) -> Decimal | Fraction | None:
    return number(op[name]) if op.get(name) is not None else None


def _day(op: Op, name: str) -> date | None:
    return date.fromisoformat(op[name][:10]) if op.get(name) else None


def _goods(op: Op) -> dict[str, Any]:
    """What every line of goods may say."""
    return {
        "uom": op.get("uom", ""),
        "lot": op.get("batch", ""),
        "serials": tuple(op.get("serials", ())),
        "owner": op.get("owner", ""),
        "bin": op.get("bin", ""),
    }


def _receive(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    line = kernel.ReceiveLine(
        op["item"],
        op["warehouse"],
        number(op["qty"]),
        unit_cost=_maybe(op, "unit_cost"),
        amount=_maybe(op, "amount"),
        expiry=_day(op, "expiry"),
        provisional=bool(op.get("provisional", False)),
        **_goods(op),
    )
    return kernel.Receive(header, (line,))


def _issue_line(posts: Posts, op: Op) -> kernel.IssueLine:
    held = str(op.get("reservation", ""))
    return kernel.IssueLine(
        op["item"],
        op["warehouse"],
        number(op["qty"]),
        reservation=posts.keys.get(held, held),
        **_goods(op),
    )


def _issue(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.Issue(header, (_issue_line(posts, op),))


def _transfer(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    line = kernel.TransferLine(
        op["item"],
        op["warehouse"],
        op["to_warehouse"],
        number(op["qty"]),
        source=posts.line_of(op["ref"]) if op.get("ref") is not None else None,
        to_bin=op.get("to_bin", ""),
        **_goods(op),
    )
    return kernel.Transfer(header, (line,))


def _return_line(posts: Posts, op: Op) -> kernel.ReturnLine:
    return kernel.ReturnLine(
        posts.line_of(op["ref"]),
        number(op["qty"]),
        uom=op.get("uom", ""),
        serials=tuple(op.get("serials", ())),
        warehouse=op.get("warehouse", ""),
    )


def _purchase_return(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.PurchaseReturn(header, (_return_line(posts, op),))


def _sales_return(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.SalesReturn(header, (_return_line(posts, op),))


def _stocktake(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    line = kernel.CountLine(
        op["item"],
        op["warehouse"],
        number(op["counted_qty"]),
        unit_cost=_maybe(op, "unit_cost"),
        set_unit_cost=_maybe(op, "set_unit_cost"),
        **_goods(op),
    )
    return kernel.Count(header, (line,))


def _landed_cost(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    refs = targets_of(op)
    given = op.get("parts")
    if isinstance(given, Mapping):
        given = [given.get(ref, "0") for ref in refs]
    parts = [None] * len(refs) if given is None else [number(part) for part in given]
    lines = tuple(
        kernel.LandedLine(posts.line_of(ref), part) for ref, part in zip(refs, parts, strict=True)
    )
    basis = op.get("basis", "amount" if given is None else "manual")
    return kernel.LandedCost(header, number(op["amount"]), lines, basis)


def _invoice(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    line = kernel.InvoiceLine(
        posts.line_of(op["ref"]),
        number(op["qty"]),
        uom=op.get("uom", ""),
        unit_cost=_maybe(op, "unit_cost"),
        amount=_maybe(op, "amount"),
    )
    return kernel.Invoice(header, (line,))


def _cost_adjust(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    lot = op.get("batch", "")
    line = kernel.AdjustLine(
        op["item"], op["warehouse"], number(op["amount"]), lot, op.get("owner", "")
    )
    return kernel.Adjust(header, (line,))


def _assemble(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    inputs = tuple(_issue_line(posts, {"warehouse": op.get("warehouse"), **one})
                   for one in op["inputs"])  # fmt: skip
    outputs = tuple(_output_line({"warehouse": op.get("warehouse"), **one})
                    for one in op["outputs"])  # fmt: skip
    return kernel.Assemble(header, inputs, outputs, number(op.get("extra_cost", "0")), op["op"])


def _output_line(one: Op) -> kernel.OutputLine:
    cost = one.get("unit_cost")
    return kernel.OutputLine(
        one["item"],
        one["warehouse"],
        number(one["qty"]),
        share=_maybe(one, "share"),
        unit_cost="input" if cost == "input" else _maybe(one, "unit_cost"),
        expiry=_day(one, "expiry"),
        **_goods(one),
    )


def _set_standard(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.SetStandard(header, op["item"], number(op["unit_cost"]))


def _change_method(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.ChangePolicy(header, op["item"], method=op["to"])


def _reserve(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.Reserve(
        header,
        op["item"],
        op["warehouse"],
        number(op["qty"]),
        uom=op.get("uom", ""),
        lot=op.get("batch", ""),
        owner=op.get("owner", ""),
    )


def _unreserve(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.Release(header, posts.keys.get(op["ref"], str(op["ref"])))


def _close(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.ClosePeriod(header, op["period"])


def _reopen(_posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.ReopenPeriod(header, op["period"], op.get("reason", "scenario"))


def _cancel(posts: Posts, header: kernel.Header, op: Op) -> kernel.Command:
    return kernel.Void(header, posts.line_of(op["ref"]).posting)


def reversal_of(posts: Posts, op: Op, place: int) -> kernel.Command:
    """A cancellation by a red document at its own date."""
    return kernel.Reverse(header_of(posts, op, place), posts.line_of(op["ref"]).posting)


_COMMANDS: Final[Mapping[str, Callable[[Posts, kernel.Header, Op], kernel.Command]]] = {
    "receive": _receive,
    "issue": _issue,
    "transfer": _transfer,
    "purchase_return": _purchase_return,
    "sales_return": _sales_return,
    "stocktake": _stocktake,
    "landed_cost": _landed_cost,
    "invoice": _invoice,
    "cost_adjust": _cost_adjust,
    "assemble": _assemble,
    "disassemble": _assemble,
    "set_standard": _set_standard,
    "change_method": _change_method,
    "reserve": _reserve,
    "unreserve": _unreserve,
    "close_period": _close,
    "reopen_period": _reopen,
    "cancel": _cancel,
}
