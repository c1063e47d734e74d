"""What no row may be: for each of the kernel's tables the conditions that refuse it."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from runtime.kernel import tables
from runtime.kernel.amounts import LIMIT
from runtime.kernel.chain import OTHERS, posting_hash_sql, rows_of_posting

# What is said of a refused row, and when it is.
Rule = tuple[str, str]

_COMPLETE: Rule = (
    "the posting is complete",
    "1 = coalesce((SELECT 1 FROM k_posting WHERE id = NEW.posting), 0)",
)
# Strictly inside, as the header's sums and its hash look there: no row may hide at the edge.
_NOT_ITS_ID: Rule = (
    "the id does not belong to the posting",
    f"NEW.id <= NEW.posting * {tables.ROWS_PER_POSTING}"
    f" OR NEW.id >= (NEW.posting + 1) * {tables.ROWS_PER_POSTING}",
)
_CLOSED_THROUGH = (
    "coalesce((SELECT closed_through FROM k_period_event WHERE company = NEW.company"
    " ORDER BY n DESC LIMIT 1), '')"
)
_MOVES = f"FROM k_move WHERE {rows_of_posting(tables.move, 'NEW.id')}"
_VALUES = f"FROM k_value_entry WHERE {rows_of_posting(tables.value_entry, 'NEW.id')}"
_ENTRIES = "FROM k_pool_entry WHERE posting = NEW.id"
_PLACES = "FROM k_position_entry WHERE posting = NEW.id"
_JOURNAL = "FROM k_journal_line WHERE posting = NEW.id"
_LAST_ENTRY = "FROM k_pool_entry WHERE pool = NEW.pool AND n = NEW.n - 1"
_LAST_PLACE = "FROM k_position_entry WHERE position = NEW.position AND n = NEW.n - 1"
_OTHER_ROWS = " + ".join(
    f"(SELECT count(*) FROM {table.name} WHERE posting = NEW.id)" for table in OTHERS
)
# Postings that move neither goods nor values and so may speak of a month that is closed.
_ABOUT_PERIODS = "('close_period', 'reopen_period', 'reserve', 'release')"


def _is_not(table: str, number: str, what: str) -> str:
    """Whether the row with this id, called `o`, is not what is said or is not there.

    The row is looked up by its id alone, so that no database can prefer a worse index.
    """
    return (
        f"0 = coalesce((SELECT CASE WHEN {what} THEN 1 ELSE 0 END FROM {table} o"
        f" WHERE o.id = {number}), 0)"
    )


def _never_negative(item: str) -> str:
    """Whether no version of the item's policy ever allowed a negative quantity."""
    return (
        "NEW.q_after < 0 AND NOT EXISTS (SELECT 1 FROM k_item_policy"
        f" WHERE item = ({item}) AND negative = 'allow')"
    )


# A condition that holds refuses the row. Both databases read the same SQL.
RULES: dict[str, tuple[Rule, ...]] = {
    "k_company_rule": (
        (
            "rules come one after the other",
            "NEW.n <> 1 + (SELECT count(*) FROM k_company_rule WHERE company = NEW.company)",
        ),
    ),
    "k_account_rule": (
        (
            "account rules come one after the other",
            "NEW.n <> 1 + (SELECT count(*) FROM k_account_rule WHERE company = NEW.company)",
        ),
    ),
    "k_item": (("a base unit has atoms", "NEW.atoms_per_base < 1"),),
    "k_pool": (
        (
            "the goods are another company's",
            _is_not("k_item", "NEW.item", "o.company = NEW.company")
            + " OR "
            + _is_not("k_warehouse", "NEW.warehouse", "o.company = NEW.company"),
        ),
    ),
    "k_item_policy": (
        (
            "policies of an item come one after the other",
            "NEW.n <> 1 + (SELECT count(*) FROM k_item_policy WHERE item = NEW.item)",
        ),
        (
            "a costing policy is changed by a posting only",
            "(NEW.n = 1) <> (NEW.posting IS NULL)",
        ),
        (
            "a first policy comes before all goods",
            "NEW.n = 1 AND EXISTS (SELECT 1 FROM k_move WHERE item = NEW.item)",
        ),
        _COMPLETE,
    ),
    "k_uom_factor": (
        ("a factor is positive", "NEW.num < 1 OR NEW.den < 1"),
        (
            "a unit is a whole number of atoms",
            "coalesce((SELECT atoms_per_base FROM k_item WHERE id = NEW.item), 0)"
            " * NEW.num % NEW.den <> 0",
        ),
    ),
    "k_period_event": (
        (
            "period events come one after the other",
            "NEW.n <> 1 + (SELECT count(*) FROM k_period_event WHERE company = NEW.company)",
        ),
        _COMPLETE,
    ),
    "k_move": (
        _COMPLETE,
        _NOT_ITS_ID,
        (
            "a move moves something",
            "NEW.dq = 0 AND NEW.kind NOT IN ('late', 'adjust', 'count_value', 'standard', 'void')"
            # An absolute count that found what the books said goes on holding.
            " AND NOT (NEW.kind = 'count_gain' AND NEW.mode = 'absolute')",
        ),
        (
            "the pool holds other goods",
            _is_not(
                "k_pool",
                "NEW.pool",
                "o.item = NEW.item AND (o.warehouse = NEW.warehouse OR '*' ="
                " (SELECT key FROM k_warehouse WHERE id = o.warehouse))",
            ),
        ),
        (
            "what comes in by transfer has gone out",
            "NEW.kind = 'transfer_in' AND "
            + _is_not(
                "k_move",
                "NEW.peer",
                "o.posting = NEW.posting AND o.item = NEW.item AND o.kind = 'transfer_out'"
                " AND o.dq = -NEW.dq",
            ),
        ),
        # Whoever looked before the other had its lock finds out here, and looks again.
        (
            "what is continued was undone",
            "NEW.origin IS NOT NULL AND NEW.kind IN"
            " ('sales_return', 'purchase_return', 'transfer_out', 'late')"
            " AND EXISTS (SELECT 1 FROM k_move WHERE voids = NEW.origin)",
        ),
        (
            "a void mirrors its move",
            "(NEW.kind = 'void' OR NEW.voids IS NOT NULL) AND "
            + _is_not(
                "k_move",
                "NEW.voids",
                "o.kind <> 'void' AND NEW.kind = 'void' AND o.pool = NEW.pool AND o.dq = -NEW.dq"
                " AND o.at = NEW.at AND o.ord = NEW.ord AND o.warehouse = NEW.warehouse"
                " AND o.lot = NEW.lot AND o.serial = NEW.serial AND o.bin = NEW.bin",
            ),
        ),
    ),
    "k_value_entry": (
        _COMPLETE,
        _NOT_ITS_ID,
        # Entries of pools cannot stay without a header, and so neither can this.
        (
            "the posting has no entry of a pool",
            "0 = coalesce((SELECT 1 FROM k_pool_entry WHERE posting = NEW.posting LIMIT 1), 0)",
        ),
        (
            "a value entry changes something",
            "NEW.dv = 0 AND NEW.kind <> 'original' AND NEW.layers = ''",
        ),
        (
            "the move is of another pool",
            _is_not("k_move", "NEW.move", "o.pool = NEW.pool"),
        ),
    ),
    "k_pool_entry": (
        _COMPLETE,
        (
            "the chain of the pool is broken",
            "NEW.n <> 1 + coalesce((SELECT max(n) FROM k_pool_entry WHERE pool = NEW.pool), 0)",
        ),
        (
            "the quantity does not follow from the last entry",
            f"NEW.q_after <> NEW.dq + coalesce((SELECT q_after {_LAST_ENTRY}), 0)",
        ),
        (
            "the value does not follow from the last entry",
            f"NEW.v_after <> NEW.dv + coalesce((SELECT v_after {_LAST_ENTRY}), 0)",
        ),
        # SQLite can switch CHECK constraints off per connection, so they are said again here.
        ("no quantity, no value", "NEW.q_after = 0 AND NEW.v_after <> 0"),
        ("no negative value", "NEW.q_after > 0 AND NEW.v_after < 0"),
        (
            "out of bounds",
            f"abs(NEW.q_after) >= {LIMIT} OR abs(NEW.v_after) >= {LIMIT}",
        ),
        ("no negative stock", _never_negative("SELECT item FROM k_pool WHERE id = NEW.pool")),
    ),
    "k_position_entry": (
        _COMPLETE,
        (
            "the chain of the position is broken",
            "NEW.n <> 1 + coalesce("
            "(SELECT max(n) FROM k_position_entry WHERE position = NEW.position), 0)",
        ),
        (
            "the quantity does not follow from the last entry",
            f"NEW.q_after <> NEW.dq + coalesce((SELECT q_after {_LAST_PLACE}), 0)",
        ),
        ("out of bounds", f"abs(NEW.q_after) >= {LIMIT}"),
        (
            "no negative stock",
            _never_negative("SELECT item FROM k_position WHERE id = NEW.position"),
        ),
    ),
    "k_reservation_event": (
        _COMPLETE,
        (
            "the events of the reservation are not a chain",
            "NEW.n <> 1 + coalesce("
            "(SELECT max(n) FROM k_reservation_event WHERE reservation = NEW.reservation), 0)"
            " OR NEW.pending_after <> NEW.dq + coalesce((SELECT pending_after"
            " FROM k_reservation_event WHERE reservation = NEW.reservation AND n = NEW.n - 1), 0)",
        ),
        ("nothing less than nothing is reserved", "NEW.pending_after < 0"),
    ),
    "k_posting_part": (_COMPLETE,),
    "k_snapshot": (_COMPLETE,),
    "k_snapshot_position": (_COMPLETE,),
    "k_journal_line": (_COMPLETE,),
    "k_posting": (
        (
            "a posting has a number",
            f"NEW.id < 1 OR NEW.id > {LIMIT // tables.ROWS_PER_POSTING}",
        ),
        (
            "the chain of postings is broken",
            "NEW.seq <> 1 + coalesce("
            "(SELECT max(seq) FROM k_posting WHERE company = NEW.company), 0)",
        ),
        (
            "the previous hash is another",
            "NEW.prev_hash <> coalesce((SELECT hash FROM k_posting"
            " WHERE company = NEW.company AND seq = NEW.seq - 1), '')",
        ),
        (
            "the period is closed",
            f"NEW.kind NOT IN {_ABOUT_PERIODS}"
            f" AND substr(NEW.business_date, 1, 7) <= {_CLOSED_THROUGH}",
        ),
        (
            "what is about periods moves nothing",
            f"NEW.kind IN {_ABOUT_PERIODS}"
            " AND NEW.n_moves + NEW.n_values + NEW.n_entries + NEW.n_positions > 0",
        ),
        (
            "a move falls into a closed period",
            f"substr(coalesce((SELECT min(business_date) {_MOVES}), '9999'), 1, 7)"
            f" <= {_CLOSED_THROUGH}",
        ),
        (
            "a value falls into a closed period",
            f"substr(coalesce((SELECT min(effective_date) {_VALUES}), '9999'), 1, 7)"
            f" <= {_CLOSED_THROUGH}",
        ),
        (
            "the goods are another company's",
            "EXISTS (SELECT 1 FROM k_pool_entry e JOIN k_pool p ON p.id = e.pool"
            " WHERE e.posting = NEW.id AND p.company <> NEW.company)",
        ),
        (
            "the other rows are another company's",
            "NEW.n_other > 0 AND ("
            "EXISTS (SELECT 1 FROM k_period_event e"
            " WHERE e.posting = NEW.id AND e.company <> NEW.company)"
            " OR EXISTS (SELECT 1 FROM k_reservation_event e JOIN k_reservation r"
            " ON r.id = e.reservation WHERE e.posting = NEW.id AND r.company <> NEW.company)"
            " OR EXISTS (SELECT 1 FROM k_item_policy e JOIN k_item i ON i.id = e.item"
            " WHERE e.posting = NEW.id AND i.company <> NEW.company))",
        ),
        ("moves are missing", f"NEW.n_moves <> (SELECT count(*) {_MOVES})"),
        ("value entries are missing", f"NEW.n_values <> (SELECT count(*) {_VALUES})"),
        ("pool entries are missing", f"NEW.n_entries <> (SELECT count(*) {_ENTRIES})"),
        ("position entries are missing", f"NEW.n_positions <> (SELECT count(*) {_PLACES})"),
        ("other rows are missing", f"NEW.n_other <> {_OTHER_ROWS}"),
        ("journal lines are missing", f"NEW.n_journal <> (SELECT count(*) {_JOURNAL})"),
        (
            "pool entries do not add up",
            "EXISTS (SELECT pool FROM ("
            f"SELECT pool, dq, dv {_ENTRIES}"
            f" UNION ALL SELECT pool, -dq, 0 {_MOVES}"
            f" UNION ALL SELECT pool, 0, -dv {_VALUES}"
            ") sums GROUP BY pool HAVING sum(dq) <> 0 OR sum(dv) <> 0)",
        ),
        (
            "value comes from nowhere",
            f"NEW.ext_dv <> coalesce((SELECT sum(dv) {_VALUES}), 0)",
        ),
        (
            "a transfer made or lost value",
            f"0 <> coalesce((SELECT sum(dv) {_VALUES} AND account = 'transfer'), 0)",
        ),
        (
            "a transfer made or lost goods",
            f"EXISTS (SELECT item {_MOVES} AND kind IN ('transfer_in', 'transfer_out')"
            " GROUP BY item HAVING sum(dq) <> 0)",
        ),
        (
            "an assembly made or lost value",
            f"coalesce((SELECT sum(dv) {_VALUES} AND account = 'assembly'), 0) <>"
            f" coalesce((SELECT sum(amount) {_MOVES} AND kind = 'consume'), 0)"
            " - coalesce((SELECT sum(w.amount) FROM k_move w WHERE w.kind = 'consume'"
            " AND w.posting = NEW.voids AND w.id > NEW.voids * "
            f"{tables.ROWS_PER_POSTING} AND w.id < (NEW.voids + 1) * {tables.ROWS_PER_POSTING}),"
            " 0)",
        ),
        (
            "the journal is not balanced",
            f"0 <> coalesce((SELECT sum(amount) {_JOURNAL}), 0)",
        ),
        (
            "the journal is not what the stock moved",
            f"NEW.ext_dv <> coalesce((SELECT sum(amount) {_JOURNAL} AND role = 'stock'), 0)",
        ),
        (
            "the journal of the pools is not what they moved",
            "EXISTS (SELECT account FROM ("
            f"SELECT account, amount {_JOURNAL} AND role = 'stock'"
            " UNION ALL SELECT p.account, -e.dv FROM k_pool_entry e"
            " JOIN k_pool p ON p.id = e.pool WHERE e.posting = NEW.id"
            ") booked GROUP BY account HAVING sum(amount) <> 0)",
        ),
        (
            "what is undone is of another kind or company",
            "(NEW.kind = 'void' OR NEW.voids IS NOT NULL) AND NOT EXISTS ("
            "SELECT 1 FROM k_posting WHERE id = NEW.voids AND company = NEW.company"
            " AND kind <> 'void' AND NEW.kind = 'void' AND n_moves <= NEW.n_moves)",
        ),
        (
            "what is reversed is of another company",
            "NEW.reverses IS NOT NULL AND NOT EXISTS (SELECT 1 FROM k_posting"
            " WHERE id = NEW.reverses AND company = NEW.company AND NEW.kind = 'reverse')",
        ),
        ("the hash is wrong", f"NEW.hash <> {posting_hash_sql()}"),
    ),
}
