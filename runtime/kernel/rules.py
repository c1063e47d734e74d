"""The rules of a company: set once for what is posted from then on, never for what was."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection

from runtime.kernel.sql import run

# What each rule may be; the first is what holds where nothing was said.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "method": ("moving_average", "fifo", "specific", "month_end_average", "standard"),
    "scope": ("warehouse", "company", "batch"),
    "variance": ("expense", "rate"),
    "negative": ("forbid", "allow"),
    "purchase_return_cost": ("original", "current"),
    "sales_return_cost": ("original", "current"),
    "late_cost": ("replay", "split_onhand"),
    "cancel": ("void", "reverse"),
    "stocktake": ("delta", "absolute"),
    "pick": ("manual", "FEFO"),
    "expired": ("forbid", "allow"),
    "close_negative": ("forbid", "allow"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """How a company posts; method, scope, variance and negative are what new items begin with."""

    method: str = "moving_average"
    scope: str = "warehouse"
    variance: str = "expense"
    negative: str = "forbid"
    purchase_return_cost: str = "original"
    sales_return_cost: str = "original"
    late_cost: str = "replay"
    cancel: str = "void"
    stocktake: str = "delta"
    pick: str = "manual"
    expired: str = "forbid"
    close_negative: str = "forbid"

    def changed(self, changes: Mapping[str, str]) -> "Rules":
        """These rules with some of them set otherwise; an unknown rule or choice is an error."""
        for name, value in changes.items():
            if value not in CHOICES.get(name, ()):
                raise ValueError(f"{name} cannot be {value}")
        return Rules(**{**asdict(self), **changes})


DEFAULT: Final = Rules()


@lru_cache(maxsize=256)
def read_rules(text: str | None) -> Rules:
    """The rules a row holds; what it does not name is as by default."""
    if not text:
        return DEFAULT
    found = json.loads(text)
    known = {field.name for field in fields(Rules)}
    return DEFAULT.changed({name: value for name, value in found.items() if name in known})


def rules_of(connection: Connection, company: int) -> Rules:
    """The rules that hold now."""
    rows = run(
        connection,
        "SELECT rules FROM k_company_rule WHERE company = ? ORDER BY n DESC LIMIT 1",
        (company,),
    )
    return read_rules(rows[0][0] if rows else None)


def set_rules(
    connection: Connection, company: int, changes: Mapping[str, str], user: str, at: str
) -> Rules:
    """Append a version of the rules; what is posted already stays as it is."""
    rules = rules_of(connection, company).changed(changes)
    run(
        connection,
        "INSERT INTO k_company_rule (company, n, rules, user_name, at) SELECT ?,"
        " 1 + coalesce((SELECT max(n) FROM k_company_rule WHERE company = ?), 0), ?, ?, ?",
        (company, company, json.dumps(asdict(rules), sort_keys=True), user, at),
    )
    return rules
