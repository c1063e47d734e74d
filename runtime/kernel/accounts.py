"""Account rules: which account a change of value is booked on, given as data."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from runtime.kernel.sql import run

ANY = "*"


@dataclass(frozen=True, slots=True)
class AccountRule:
    """Bookings of this purpose, role, item group and warehouse go to the account; "*" is any."""

    n: int
    purpose: str
    role: str
    item_group: str
    warehouse: str
    account: str

    def fits(self, purpose: str, role: str, item_group: str, warehouse: str) -> bool:
        """Whether the rule speaks of such a booking."""
        return (
            self.role == role
            and self.purpose in {ANY, purpose}
            and self.item_group in {ANY, item_group}
            and self.warehouse in {ANY, warehouse}
        )

    @property
    def precedence(self) -> tuple[bool, bool, bool, int]:
        """The more is said, the more it counts: goods before place before purpose, then age."""
        return self.item_group != ANY, self.warehouse != ANY, self.purpose != ANY, self.n


def rules_of_accounts(connection: Connection, company: int) -> tuple[AccountRule, ...]:
    """Every rule that holds now: of equal ones the latest, and none whose account is empty."""
    rows = run(
        connection,
        "SELECT n, posting_kind, role, item_group, warehouse, account FROM k_account_rule"
        " WHERE company = ? ORDER BY n",
        (company,),
    )
    latest = {tuple(row[1:5]): AccountRule(*row) for row in rows}
    return tuple(rule for rule in latest.values() if rule.account)


def set_account_rule(
    connection: Connection, company: int, rule: AccountRule, user: str, at: str
) -> None:
    """Append a rule; an equal one without an account takes it back. Pools keep their account."""
    run(
        connection,
        "INSERT INTO k_account_rule (company, n, posting_kind, role, item_group, warehouse,"
        " account, user_name, at) SELECT ?,"
        " 1 + coalesce((SELECT max(n) FROM k_account_rule WHERE company = ?), 0),"
        " ?, ?, ?, ?, ?, ?, ?",
        (
            company, company, rule.purpose, rule.role, rule.item_group, rule.warehouse,
            rule.account, user, at,
        ),
    )  # fmt: skip


def account_of(
    rules: Sequence[AccountRule], purpose: str, role: str, item_group: str, warehouse: str
) -> str:
    """The account of a booking; without a rule it is called by its role."""
    fitting = [rule for rule in rules if rule.fits(purpose, role, item_group, warehouse)]
    return max(fitting, key=lambda rule: rule.precedence).account if fitting else role
