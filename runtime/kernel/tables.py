"""The kernel's private tables, all of them append-only: state is what was appended last."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    or_,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from runtime.kernel.amounts import LIMIT

# The id of a move or value entry is its posting's id times this plus its place: one key, in order.
ROWS_PER_POSTING = 10_000_000

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _whole() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


def _int(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, _whole(), nullable=null)


def _text(name: str) -> Column[str]:
    return Column(name, Text(), nullable=False)


def _id() -> Column[int]:
    return Column("id", _whole(), primary_key=True)


def _given_id() -> Column[int]:
    return Column("id", _whole(), primary_key=True, autoincrement=False)


def _to(name: str, target: str, *, null: bool = False) -> Column[int]:
    return Column(name, _whole(), ForeignKey(target), nullable=null)


def _bounded(*names: str) -> tuple[CheckConstraint, ...]:
    return tuple(
        CheckConstraint(f"{name} > {-LIMIT} AND {name} < {LIMIT}", name=f"{name}_bounded")
        for name in names
    )


def _of_posting(column: str = "posting") -> ForeignKeyConstraint:
    """Rows come before their header; the deferred key lets no half-made posting commit."""
    return ForeignKeyConstraint([column], ["k_posting.id"], deferrable=True, initially="DEFERRED")


def _found_by_posting(column: Column[int]) -> None:
    """SQLite looks for a new header's rows in every table with a deferred key to it.

    Without an index that is a scan of the whole ledger at every posting. PostgreSQL checks the rows
    one by one and needs none.
    """
    Index(None, column).ddl_if(dialect="sqlite")


def _table(name: str, *parts: SchemaItem) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True)


company = _table(
    "k_company", _id(), _text("code"), _text("currency"), _int("value_scale"), _text("rounding"),
    _text("same_day"), UniqueConstraint("code"),
)  # fmt: skip

# The rules of a company that only bear on what is posted after they were set.
company_rule = _table(
    "k_company_rule", _to("company", "k_company.id"), _int("n"), _text("rules"),
    _text("user_name"), _text("at"), PrimaryKeyConstraint("company", "n"),
)  # fmt: skip

# Which account a change of value is booked on; "*" holds for all, the latest version counts.
account_rule = _table(
    "k_account_rule", _to("company", "k_company.id"), _int("n"), _text("posting_kind"),
    _text("role"), _text("item_group"), _text("warehouse"), _text("account"), _text("user_name"),
    _text("at"), PrimaryKeyConstraint("company", "n"),
)  # fmt: skip

warehouse = _table(
    "k_warehouse", _id(), _to("company", "k_company.id"), _text("key"),
    UniqueConstraint("company", "key"),
)  # fmt: skip

item = _table(
    "k_item", _id(), _to("company", "k_company.id"), _text("key"), _text("tracking"),
    _text("base_uom"), _int("atoms_per_base"), _text("scope"), _text("item_group"),
    UniqueConstraint("company", "key"),
)  # fmt: skip

# How an item is costed from a business moment on. `standard` and `estimate` are exact unit costs
# per base unit as text ("12.5", "1/3"); version 1 holds from the beginning and has no posting.
item_policy = _table(
    "k_item_policy", _to("item", "k_item.id"), _int("n"), _int("posting", null=True), _int("at"),
    _int("ord"), _text("method"), _text("variance"), _text("negative"), _text("standard"),
    _text("estimate"), PrimaryKeyConstraint("item", "n"),
    ForeignKeyConstraint(["posting"], ["k_posting.id"], deferrable=True, initially="DEFERRED"),
)  # fmt: skip
_found_by_posting(item_policy.c.posting)

uom_factor = _table(
    "k_uom_factor", _id(), _to("item", "k_item.id"), _text("uom"), _int("num"), _int("den"),
    UniqueConstraint("item", "uom"),
)  # fmt: skip

# A lot or a serial number of an item; dates as text, empty where unknown.
lot = _table(
    "k_lot", _id(), _to("item", "k_item.id"), _text("kind"), _text("key"), _text("produced"),
    _text("expiry"), UniqueConstraint("item", "kind", "key"),
)  # fmt: skip

# What is costed together. Under company scope the warehouse is the company's own, called "*";
# the lot is filled where every lot (or serial) is costed by itself.
pool = _table(
    "k_pool", _id(), _to("company", "k_company.id"), _to("item", "k_item.id"),
    _to("warehouse", "k_warehouse.id"), _text("owner"), _text("lot"), _text("account"),
    UniqueConstraint("company", "item", "warehouse", "owner", "lot"),
)  # fmt: skip

# A place of goods that is not a pool by itself: a warehouse under company scope, a lot or serial
# inside a pool, a bin. Only quantity is counted there.
position = _table(
    "k_position", _id(), _to("item", "k_item.id"), _to("warehouse", "k_warehouse.id"),
    _text("owner"), _text("lot"), _text("serial"), _text("bin"),
    UniqueConstraint("item", "warehouse", "owner", "lot", "serial", "bin"),
)  # fmt: skip

posting = _table(
    "k_posting", _given_id(), _to("company", "k_company.id"), _int("seq"), _text("idem_key"),
    _text("payload_hash"), _text("kind"), _text("business_date"), _int("at"), _int("ord"),
    _text("doc_type"), _text("doc_id"), _text("party"), _to("voids", "k_posting.id", null=True),
    _to("reverses", "k_posting.id", null=True), _int("ext_dv"), _int("n_moves"), _int("n_values"),
    _int("n_entries"), _int("n_positions"), _int("n_journal"), _int("n_other"),
    _text("user_name"), _text("posted_at"), _text("prev_hash"), _text("hash"),
    UniqueConstraint("company", "seq"), UniqueConstraint("company", "idem_key"),
    UniqueConstraint("voids"), UniqueConstraint("reverses"),
)  # fmt: skip
Index(None, posting.c.company, posting.c.doc_type, posting.c.doc_id)

# The documents of a posting that stands for several; its lines from `first_line` on are theirs.
posting_part = _table(
    "k_posting_part", _int("posting"), _int("n"), _int("first_line"), _text("kind"),
    _text("doc_type"), _text("doc_id"), _text("party"), _text("business_date"),
    PrimaryKeyConstraint("posting", "n"), _of_posting(),
)  # fmt: skip
Index(None, posting_part.c.doc_type, posting_part.c.doc_id)

move = _table(
    "k_move", _given_id(), _int("posting"), _int("line"), _text("kind"),
    _to("item", "k_item.id"), _to("pool", "k_pool.id"), _to("warehouse", "k_warehouse.id"),
    _int("dq"), _int("at"), _int("ord"), _text("business_date"), _int("amount", null=True),
    _int("weight", null=True), _text("mode"), _int("peer", null=True),
    _int("origin", null=True), _int("voids", null=True), _text("lot"), _text("serial"),
    _text("bin"), _text("uom"), _text("uom_qty"), _text("unit_cost"), _of_posting(),
    UniqueConstraint("voids"), *_bounded("dq", "amount", "weight"),
)  # fmt: skip
_found_by_posting(move.c.posting)
Index(None, move.c.pool, move.c.at, move.c.ord)
Index(None, move.c.item, move.c.at, move.c.ord)
# A late document asks what its pool gave to others: few of the many moves since then did.
_feeding = or_(move.c.kind == "transfer_out", move.c.kind == "consume")
Index(
    "ix_k_move_feeding", move.c.pool, move.c.at, move.c.ord,
    sqlite_where=_feeding, postgresql_where=_feeding,
)  # fmt: skip
# And whether its item was counted since.
_counting = move.c.mode == "absolute"
Index(
    "ix_k_move_counting", move.c.item, move.c.at, move.c.ord,
    sqlite_where=_counting, postgresql_where=_counting,
)  # fmt: skip
for _column in (move.c.lot, move.c.serial):
    Index(
        None, move.c.item, _column,
        sqlite_where=_column != "", postgresql_where=_column != "",
    )  # fmt: skip
Index(
    None, move.c.peer,
    sqlite_where=move.c.peer.is_not(None), postgresql_where=move.c.peer.is_not(None),
)  # fmt: skip
Index(
    None, move.c.origin,
    sqlite_where=move.c.origin.is_not(None), postgresql_where=move.c.origin.is_not(None),
)  # fmt: skip

# `layers` says, of goods that came into a pool of layers by transfer, which layers they brought:
# the latest entry of a move that says so holds.
# Its guard looks for the move, the pool and an entry of a pool of the same posting, which cannot
# stay without its header; foreign keys would look again, for every one of the many thousands that
# a late document may bring.
value_entry = _table(
    "k_value_entry", _given_id(), _int("posting"), _int("move"), _int("pool"),
    _text("kind"), _text("account"), _int("dv"), _text("effective_date"), _text("layers"),
    *_bounded("dv"),
)  # fmt: skip
Index(None, value_entry.c.move)

# The chain of a pool: its balance after each posting. `at` and `ord` are the latest business
# moment of the pool then, `from_at` and `from_ord` the earliest this posting changed; `state` is
# what the costing method remembers beside quantity and value (layers, shortages), else empty.
pool_entry = _table(
    "k_pool_entry", _to("pool", "k_pool.id"), _int("n"), _int("posting"), _int("dq"), _int("dv"),
    _int("q_after"), _int("v_after"), _int("at"), _int("ord"), _int("from_at"), _int("from_ord"),
    _text("state"), PrimaryKeyConstraint("pool", "n"), _of_posting(),
    *_bounded("dq", "dv", "q_after", "v_after"),
    CheckConstraint("q_after <> 0 OR v_after = 0", name="no_value_without_qty"),
    CheckConstraint("q_after <= 0 OR v_after >= 0", name="no_negative_value"),
)  # fmt: skip
Index(None, pool_entry.c.posting)

position_entry = _table(
    "k_position_entry", _to("position", "k_position.id"), _int("n"), _int("posting"), _int("dq"),
    _int("q_after"), PrimaryKeyConstraint("position", "n"), _of_posting(),
    *_bounded("dq", "q_after"),
)  # fmt: skip
Index(None, position_entry.c.posting)

journal_line = _table(
    "k_journal_line", _int("posting"), _int("n"), _text("role"), _text("account"),
    _int("amount"), PrimaryKeyConstraint("posting", "n"), _of_posting(), *_bounded("amount"),
)  # fmt: skip

# A reservation is named by the key of the posting that made it.
reservation = _table(
    "k_reservation", _id(), _to("company", "k_company.id"), _text("key"),
    _to("item", "k_item.id"), _to("warehouse", "k_warehouse.id"), _text("owner"), _text("lot"),
    _text("expires"), UniqueConstraint("company", "key"),
)  # fmt: skip
Index(None, reservation.c.item, reservation.c.warehouse)

reservation_event = _table(
    "k_reservation_event", _to("reservation", "k_reservation.id"), _int("n"), _int("posting"),
    _text("kind"), _int("dq"), _int("pending_after"), PrimaryKeyConstraint("reservation", "n"),
    _of_posting(), *_bounded("dq", "pending_after"),
)  # fmt: skip
Index(None, reservation_event.c.posting)

period = _table(
    "k_period", _to("company", "k_company.id"), _text("ym"), PrimaryKeyConstraint("company", "ym"),
)  # fmt: skip

# Closing and reopening, in order; the months up to `closed_through` are closed after it.
period_event = _table(
    "k_period_event", _to("company", "k_company.id"), _int("n"), _int("posting"), _text("kind"),
    _text("ym"), _text("closed_through"), _text("digest"), _text("reason"),
    PrimaryKeyConstraint("company", "n"), _of_posting(),
)  # fmt: skip
Index(None, period_event.c.posting)

# What every pool and position held when a month was closed, by the posting that closed it.
snapshot = _table(
    "k_snapshot", _int("posting"), _to("pool", "k_pool.id"), _int("q"), _int("v"), _text("state"),
    PrimaryKeyConstraint("posting", "pool"), _of_posting(),
)  # fmt: skip
snapshot_position = _table(
    "k_snapshot_position", _int("posting"), _to("position", "k_position.id"), _int("q"),
    PrimaryKeyConstraint("posting", "position"), _of_posting(),
)  # fmt: skip

schema_mark = _table("k_schema", _id(), _text("digest"))
