"""What was booked, by which rules, in which months, and the end of the chain of postings."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import asdict, dataclass
from decimal import Decimal

from sqlalchemy import Connection

from runtime.kernel.amounts import from_minor
from runtime.kernel.lines import DocumentRef
from runtime.kernel.periods import closings, day_at
from runtime.kernel.rules import rules_of
from runtime.kernel.sql import run
from runtime.kernel.views.documents import OF_DOCUMENT

_ABOUT = "('close_period', 'reopen_period', 'reserve', 'release', 'change_policy')"
# Where goods come from and go to; everything else is a difference somebody has to explain.
_PLAIN_ROLES = (
    "('stock', 'receipt', 'issue', 'transfer', 'assembly', 'purchase_return', 'sales_return',"
    " 'landed_cost', 'invoice')"
)


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A line of the journal; `kind` is of the posting that booked it."""

    account: str
    role: str
    amount: Decimal
    posted_at: str
    kind: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What was booked on an account in one role: debit positive."""

    account: str
    role: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A month, whether it is closed, and the last word on it."""

    ym: str
    n_postings: int
    closed_at: str = ""
    user: str = ""
    digest: str = ""
    reason: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether nothing of the month changes any more."""
        return bool(self.closed_at)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """How an item is costed from a date on; without a date from the beginning."""

    n: int
    date: str
    method: str
    variance: str
    negative: str
    standard: str
    estimate: str
    document: DocumentRef | None
    posted_at: str
    user: str


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What of an item's costing never changes, and the policy that holds now."""

    tracking: str
    scope: str
    base_uom: str
    item_group: str
    policy: PolicyRow


@dataclass(frozen=True, slots=True)
class AccountRuleRow:
    """An account rule that holds now."""

    posting_kind: str
    role: str
    item_group: str
    warehouse: str
    account: str
    user: str
    at: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link of a company's chain: kept outside, it proves that nothing before it changed.

    `date` is when it was posted.
    """

    seq: int
    hash: str
    n_postings: int
    date: str


def posting_of(connection: Connection, company: int, document: DocumentRef) -> int | None:
    """The posting that stands for a document now, if there is one that was not undone."""
    same = (company, document.type, document.id)
    rows = run(
        connection,
        f"SELECT h.id FROM k_posting h WHERE {OF_DOCUMENT} AND h.voids IS NULL"
        " AND h.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM k_posting v"
        " WHERE v.voids = h.id OR v.reverses = h.id) ORDER BY h.seq DESC LIMIT 1",
        (*same, *same),
    )
    return int(rows[0][0]) if rows else None


def journal(connection: Connection, company: int, document: DocumentRef) -> list[JournalRow]:
    """What the postings of a document booked, those that undid it included."""
    same = (company, document.type, document.id)
    rows = run(
        connection,
        "SELECT j.account, j.role, j.amount, k.value_scale, b.posted_at, b.kind FROM k_posting b"
        " JOIN k_company k ON k.id = b.company JOIN k_journal_line j ON j.posting = b.id"
        f" WHERE b.company = ? AND EXISTS (SELECT 1 FROM k_posting h WHERE {OF_DOCUMENT}"
        " AND (h.id = b.id OR h.id = b.voids OR h.id = b.reverses)) ORDER BY b.seq, j.n",
        (company, *same, *same),
    )
    return [
        JournalRow(account, role, from_minor(amount, scale), posted_at, kind)
        for account, role, amount, scale, posted_at, kind in rows
    ]


def account_balances(connection: Connection, company: int) -> list[Balance]:
    """What the journal holds by account and role; what came to nothing is left out."""
    rows = run(
        connection,
        "SELECT j.account, j.role, CAST(sum(j.amount) AS BIGINT), k.value_scale"
        " FROM k_posting h JOIN k_company k ON k.id = h.company"
        " JOIN k_journal_line j ON j.posting = h.id WHERE h.company = ?"
        " GROUP BY j.account, j.role, k.value_scale HAVING sum(j.amount) <> 0"
        " ORDER BY j.account, j.role",
        (company,),
    )
    return [
        Balance(account, role, from_minor(amount, scale)) for account, role, amount, scale in rows
    ]


def variances(connection: Connection, company: int) -> dict[str, Decimal]:
    """What the journal holds in roles that are neither stock nor where goods come and go."""
    rows = run(
        connection,
        "SELECT j.role, k.value_scale, CAST(sum(j.amount) AS BIGINT) FROM k_journal_line j"
        " JOIN k_posting h ON h.id = j.posting JOIN k_company k ON k.id = h.company"
        f" WHERE h.company = ? AND j.role NOT IN {_PLAIN_ROLES}"
        " GROUP BY j.role, k.value_scale ORDER BY j.role",
        (company,),
    )
    return {role: from_minor(amount, scale) for role, scale, amount in rows}


def periods(connection: Connection, company: int) -> list[PeriodRow]:
    """Every month with postings or with closings, the latest first."""
    counted: dict[str, int] = dict(
        run(
            connection,
            "SELECT substr(business_date, 1, 7), count(*) FROM k_posting"
            f" WHERE company = ? AND kind NOT IN {_ABOUT} GROUP BY substr(business_date, 1, 7)",
            (company,),
        )
    )
    events = run(
        connection,
        "SELECT e.ym, e.posting, p.posted_at, p.user_name, e.digest, e.reason"
        " FROM k_period_event e JOIN k_posting p ON p.id = e.posting"
        " WHERE e.company = ? ORDER BY e.n",
        (company,),
    )
    by_posting = {event[1]: event for event in events}
    last_word = {event[0]: event for event in events}
    in_force = closings(connection, company)
    found: list[PeriodRow] = []
    for ym in sorted(counted.keys() | last_word.keys(), reverse=True):
        # The first closing of a company closes all the months before it as well.
        closing = next((one for one in in_force if one.ym >= ym), None)
        reason = last_word[ym][5] if ym in last_word else ""
        if closing is None:
            found.append(PeriodRow(ym, counted.get(ym, 0), reason=reason))
        else:
            _, _, posted_at, user, digest, _ = by_posting[closing.posting]
            found.append(PeriodRow(ym, counted.get(ym, 0), posted_at, user, digest))
    return found


def policies(connection: Connection, company: int, item: str) -> list[PolicyRow]:
    """The versions of an item's costing policy that stand, in business order."""
    rows = run(
        connection,
        "SELECT c.n, c.at, c.method, c.variance, c.negative, c.standard, c.estimate, h.doc_type,"
        " h.doc_id, h.posted_at, h.user_name FROM k_item i JOIN k_item_policy c ON c.item = i.id"
        " LEFT JOIN k_posting h ON h.id = c.posting WHERE i.company = ? AND i.key = ?"
        " AND NOT EXISTS (SELECT 1 FROM k_posting v WHERE v.voids = c.posting)"
        " ORDER BY c.at, c.ord, c.n",
        (company, item),
    )
    found: list[PolicyRow] = []
    for n, at, method, variance, negative, standard, estimate, *made in rows:
        doc_type, doc_id, posted_at, user = made
        ref = None if doc_type is None else DocumentRef(doc_type, doc_id)
        day = "" if ref is None else day_at(at)
        found.append(
            PolicyRow(
                n,
                day,
                method,
                variance,
                negative,
                standard,
                estimate,
                ref,
                posted_at or "",
                user or "",
            )
        )
    return found


def item_facts(connection: Connection, company: int, item: str) -> ItemFacts | None:
    """How an item is costed now, if the books know it."""
    rows = run(
        connection,
        "SELECT tracking, scope, base_uom, item_group FROM k_item WHERE company = ? AND key = ?",
        (company, item),
    )
    versions = policies(connection, company, item) if rows else []
    if not versions:
        return None
    tracking, scope, base_uom, item_group = rows[0]
    return ItemFacts(tracking, scope, base_uom, item_group, versions[-1])


def rule_values(connection: Connection, company: int) -> dict[str, str]:
    """The rules of a company as they hold now, every one of them."""
    return {name: str(value) for name, value in asdict(rules_of(connection, company)).items()}


def account_rules(connection: Connection, company: int) -> list[AccountRuleRow]:
    """The account rules that hold now: of equal ones the latest, and none without an account."""
    rows = run(
        connection,
        "SELECT r.posting_kind, r.role, r.item_group, r.warehouse, r.account, r.user_name, r.at"
        " FROM k_account_rule r WHERE r.company = ? AND r.account <> '' AND NOT EXISTS"
        " (SELECT 1 FROM k_account_rule o WHERE o.company = r.company AND o.n > r.n"
        " AND o.posting_kind = r.posting_kind AND o.role = r.role"
        " AND o.item_group = r.item_group AND o.warehouse = r.warehouse) ORDER BY r.n",
        (company,),
    )
    return [AccountRuleRow(*row) for row in rows]


def chain_head(connection: Connection, company: int) -> ChainHead | None:
    """The last link of a company's chain, if anything was posted."""
    rows = run(
        connection,
        "SELECT seq, hash, posted_at, (SELECT count(*) FROM k_posting WHERE company = ?)"
        " FROM k_posting WHERE company = ? ORDER BY seq DESC LIMIT 1",
        (company, company),
    )
    if not rows:
        return None
    seq, own_hash, posted_at, n_postings = rows[0]
    return ChainHead(seq, own_hash, n_postings, posted_at)


def chain_heads(connection: Connection) -> dict[str, ChainHead]:
    """The last links of all companies that have postings, by their codes."""
    heads = {
        code: chain_head(connection, number)
        for number, code in run(connection, "SELECT id, code FROM k_company ORDER BY code")
    }
    return {code: head for code, head in heads.items() if head is not None}


def link_at(connection: Connection, code: str, seq: int) -> str | None:
    """The hash of the posting with a sequence number, if the company has one."""
    rows = run(
        connection,
        "SELECT p.hash FROM k_posting p JOIN k_company c ON c.id = p.company"
        " WHERE c.code = ? AND p.seq = ?",
        (code, seq),
    )
    return str(rows[0][0]) if rows else None
