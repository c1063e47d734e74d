"""What stands beside a posted document: why its figures are so, and the ledgers of what moved."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from runtime import access, query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.screens.acting import app_of
from runtime.screens.i18n import _

LEDGERS_SHOWN = 6
BOOKED = frozenset({"posted", "cancelled"})


@dataclass(frozen=True)
class Link:
    """A way on from here."""

    label: str
    href: str
    icon: str


def links_of(act: Act, form: Form, record: query.Record) -> Iterator[Link]:
    """Yield why a posted document's figures are what they are, and the ledgers of what it moved."""
    rule = form.posting
    if rule is None or record.status not in BOOKED:
        return
    if access.may_see_cost(act.actor, app_of(act, form.app_code)):
        href = url_for(
            "screens.why", app_code=form.app_code, form_code=form.code, record_id=record.id
        )
        yield Link(_("为什么是这个成本"), href, "math-function")
    lines, _dot, code = rule.item.partition(".")
    if not code:
        return
    table = form.lines_of(lines)
    if not any(item.code == code for item in access.visible_line_fields(act.actor, form, table)):
        return
    names = record.labels.get((lines, code), {})
    shown = list(dict.fromkeys(line.values.get(code) for line in record.lines.get(lines, ())))
    for item in shown[:LEDGERS_SHOWN]:
        if item is not None:
            name = names.get(item, f"#{item}")
            href = url_for("screens.stock_ledger", app_code=form.app_code, item=item)
            yield Link(_("库存台账 · %(item)s", item=name), href, "book-2")
    yield Link(_("库存"), url_for("screens.stock", app_code=form.app_code), "packages")
