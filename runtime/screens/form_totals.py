"""The totals bar of a document page: its figures, and the amount in capitals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from runtime import access
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.kinds.functions.chinese import rmbcap
from runtime.screens.i18n import label, locale

SIGNS: Final = {"CNY": "¥ ", "USD": "$ ", "EUR": "€ ", "HKD": "HK$ ", "JPY": "¥ "}


@dataclass(frozen=True)
class Total:
    """A figure of the totals bar; `code` is a field, or a column to add up."""

    code: str
    label: str
    text: str
    sign: str = ""


def totals_of(act: Act, form: Form, values: Mapping[str, Any]) -> Iterator[Total]:
    """Yield the header's computed figures, the amount last; without any, the sum of a quantity."""
    items = [
        item
        for item in access.visible_fields(act.actor, form)
        if item.formula is not None and item.stored.kind in {"money", "quantity", "number"}
    ]
    items.sort(key=lambda item: item.stored.kind == "money")
    for item in items:
        text = item.format(_amount(values, item.code), locale()) or "0"
        sign = SIGNS.get(form.currency, "") if item.stored.kind == "money" else ""
        yield Total(item.code, label(item.label), text, sign)


def words_of(act: Act, form: Form, values: Mapping[str, Any]) -> Total | None:
    """Return the field whose amount stands in capitals: the last money figure of a CNY form."""
    if form.currency != "CNY" or not locale().startswith("zh"):
        return None
    fields = access.visible_fields(act.actor, form)
    money = [item for item in fields if item.formula is not None and item.stored.kind == "money"]
    if not money:
        return None
    return Total(money[-1].code, "", rmbcap(_amount(values, money[-1].code)))


def _amount(values: Mapping[str, Any], code: str) -> Decimal:
    # Nothing has been added up in a document nobody has filled in yet.
    return values.get(code) or Decimal(0)
