"""For every rule of the database's guards a posting that breaks it and nothing else."""

from collections.abc import Callable
from typing import Any

from runtime.kernel.amounts import LIMIT
from runtime.kernel.tables import ROWS_PER_POSTING

from .forging import Forged

Tamper = Callable[[Forged], None]
# PostgreSQL asks the rules of these once for all rows of a statement.
AT_ONCE = ("k_move", "k_value_entry", "k_journal_line")


def other_item(f: Forged) -> int:
    return int(f.find("k_item", "key = 'A'")["id"])


def other_company(f: Forged) -> int:
    return int(f.find("k_company", "code = 'others'")["id"])


def to_old(table: str) -> Tamper:
    """Slip a row into a posting that is complete."""

    def tamper(f: Forged) -> None:
        more = {"id": f.old["id"] * ROWS_PER_POSTING + 999} if table in AT_ONCE[:2] else {}
        f.change(table, posting=f.old["id"], **more)

    return tamper


def change(table: str, **values: Any) -> Tamper:
    return lambda f: f.change(table, **values)


def without(table: str) -> Tamper:
    return lambda f: f.rows[table].clear()


def say(**values: Any) -> Tamper:
    return lambda f: f.say(**values)


def at_edge(table: str) -> Tamper:
    """The one id that belongs to the posting by division and is outside what it sums up."""
    return lambda f: f.change(table, id=f.id * ROWS_PER_POSTING)


def more(table: str, like: str = "", **values: Any) -> Tamper:
    """One more row like one that is there."""

    def tamper(f: Forged) -> None:
        f.add(table, **{**f.find(table, like or "1 = 1"), **values})

    return tamper


def of_posting(table: str, like: str = "", **values: Any) -> Tamper:
    """One more row that says it belongs to the first posting."""
    return lambda f: more(table, like, posting=f.old["id"], **values)(f)


def event(**values: Any) -> Tamper:
    def tamper(f: Forged) -> None:
        last = f.find("k_reservation_event", "1 = 1", "n DESC")
        f.add("k_reservation_event", **{**last, "posting": f.id, "n": last["n"] + 1, **values})

    return tamper


def entry(table: str, q: int | None = None, v: int | None = None) -> Tamper:
    """An entry after which there is so much, and worth so much, reckoned from the last one."""

    def tamper(f: Forged) -> None:
        last = f.head if table == "k_pool_entry" else f.place
        found = {} if q is None else {"dq": q - last["q_after"], "q_after": q}
        if v is not None:
            found |= {"dv": v - last["v_after"], "v_after": v}
        f.change(table, **found)

    return tamper


def of_nothing(f: Forged) -> None:
    """Goods of an item that has no policy yet."""
    f.add("k_item", **{**f.find("k_item", "key = 'A'"), "id": 9001, "key": "forged"})
    f.add("k_pool", **{**f.pool, "id": 9001, "item": 9001})
    f.add("k_move", **{**f.rows["k_move"][0], "id": f.id * ROWS_PER_POSTING + 2,
                       "item": 9001, "pool": 9001})  # fmt: skip
    f.add("k_item_policy", **{**f.find("k_item_policy", "n = 1"), "item": 9001})


def in_anothers_name(f: Forged) -> None:
    """A posting in the chain of a company whose goods it does not move."""
    f.say(company=other_company(f), seq=1, prev_hash="")


def policy(**values: Any) -> Tamper:
    return lambda f: f.add(
        "k_item_policy",
        **{**f.find("k_item_policy", "n = 2"), "posting": f.id, "n": 3, **values},
    )


def anothers_month(f: Forged) -> None:
    closed = {**f.find("k_period_event", "1 = 1"), "posting": f.id, "company": other_company(f)}
    f.add("k_period_event", **closed)


# For every rule a posting (or a row beside it) that is right but for what the rule forbids.
ATTACKS: dict[str, dict[str, Tamper]] = {
    "k_company_rule": {"rules come one after the other": more("k_company_rule", n=9)},
    "k_account_rule": {"account rules come one after the other": more("k_account_rule", n=9)},
    "k_item": {"a base unit has atoms": more("k_item", id=9001, key="x", atoms_per_base=0)},
    "k_item_policy": {
        "policies of an item come one after the other": policy(n=9),
        "a costing policy is changed by a posting only": policy(posting=None),
        "a first policy comes before all goods": of_nothing,
        "the posting is complete": lambda f: policy(posting=f.old["id"])(f),
    },
    "k_pool": {
        "the goods are another company's": lambda f: f.add(
            "k_pool", **{**f.pool, "id": 9001, "company": other_company(f)}
        )
    },
    "k_uom_factor": {
        "a factor is positive": more("k_uom_factor", id=9001, uom="x", num=0),
        "a unit is a whole number of atoms": more("k_uom_factor", id=9001, uom="x", den=7),
    },
    "k_period_event": {
        "period events come one after the other": more("k_period_event", n=9),
        "the posting is complete": of_posting("k_period_event", n=2),
    },
    "k_move": {
        "the posting is complete": to_old("k_move"),
        "the id does not belong to the posting": at_edge("k_move"),
        "a move moves something": change("k_move", dq=0),
        "the pool holds other goods": lambda f: f.change("k_move", item=other_item(f)),
        "what comes in by transfer has gone out": change("k_move", kind="transfer_in"),
        "what is continued was undone": lambda f: f.change(
            "k_move", kind="late", dq=0, origin=f.find("k_move", "voids IS NOT NULL")["voids"]
        ),
        "a void mirrors its move": lambda f: f.change(
            "k_move", kind="void", voids=f.find("k_move", "kind = 'issue'")["id"]
        ),
    },
    "k_value_entry": {
        "the posting is complete": to_old("k_value_entry"),
        "the id does not belong to the posting": at_edge("k_value_entry"),
        "the posting has no entry of a pool": without("k_pool_entry"),
        "a value entry changes something": change("k_value_entry", kind="revalue", dv=0),
        "the move is of another pool": lambda f: f.change(
            "k_value_entry", pool=f.find("k_pool", f"id <> {f.pool['id']}")["id"]
        ),
    },
    "k_pool_entry": {
        "the posting is complete": to_old("k_pool_entry"),
        "the chain of the pool is broken": change("k_pool_entry", n=9),
        "the quantity does not follow from the last entry": change("k_pool_entry", dq=4),
        "the value does not follow from the last entry": change("k_pool_entry", dv=4),
        "no quantity, no value": entry("k_pool_entry", q=0),
        "no negative value": entry("k_pool_entry", v=-1),
        "out of bounds": entry("k_pool_entry", q=LIMIT),
        "no negative stock": entry("k_pool_entry", q=-1, v=0),
    },
    "k_position_entry": {
        "the posting is complete": to_old("k_position_entry"),
        "the chain of the position is broken": change("k_position_entry", n=9),
        "the quantity does not follow from the last entry": change("k_position_entry", dq=4),
        "out of bounds": entry("k_position_entry", q=LIMIT),
        "no negative stock": entry("k_position_entry", q=-1),
    },
    "k_reservation_event": {
        "the posting is complete": lambda f: event(posting=f.old["id"])(f),
        "the events of the reservation are not a chain": event(n=9),
        "nothing less than nothing is reserved": lambda f: event(
            dq=-1 - f.find("k_reservation_event", "n = 1")["pending_after"], pending_after=-1
        )(f),
    },
    "k_posting_part": {"the posting is complete": of_posting("k_posting_part")},
    "k_snapshot": {"the posting is complete": of_posting("k_snapshot")},
    "k_snapshot_position": {"the posting is complete": of_posting("k_snapshot_position")},
    "k_journal_line": {"the posting is complete": lambda f: f.change(
        "k_journal_line", posting=f.old["id"], n=99)},
    "k_posting": {
        "a posting has a number": say(id=0),
        "the chain of postings is broken": say(seq=99),
        "the previous hash is another": say(prev_hash=""),
        "the period is closed": say(business_date="2026-01-31"),
        "what is about periods moves nothing": say(kind="reserve"),
        "a move falls into a closed period": change("k_move", business_date="2026-01-31"),
        "a value falls into a closed period": change("k_value_entry", effective_date="2026-01-31"),
        "the goods are another company's": in_anothers_name,
        "the other rows are another company's": anothers_month,
        "moves are missing": say(n_moves=2),
        "value entries are missing": say(n_values=2),
        "pool entries are missing": say(n_entries=2),
        "position entries are missing": say(n_positions=2),
        "other rows are missing": say(n_other=1),
        "journal lines are missing": say(n_journal=3),
        "pool entries do not add up": change("k_move", dq=4),
        "value comes from nowhere": say(ext_dv=6),
        "a transfer made or lost value": change("k_value_entry", account="transfer"),
        "a transfer made or lost goods": change("k_move", kind="transfer_out"),
        "an assembly made or lost value": change("k_value_entry", account="assembly"),
        "the journal is not balanced": change("k_journal_line", amount=4),
        "the journal is not what the stock moved": change("k_journal_line", role="receipt"),
        "the journal of the pools is not what they moved": change("k_journal_line", account="x"),
        "what is undone is of another kind or company": say(kind="void"),
        "what is reversed is of another company": lambda f: f.say(reverses=f.old["id"]),
        "the hash is wrong": say(hash="x"),
    },
}  # fmt: skip
CASES = [(table, text) for table, rules in ATTACKS.items() for text in rules]
