"""How much there is now of an item in a warehouse, whatever its cost pools are."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from runtime.kernel.sql import run


@dataclass(frozen=True, slots=True)
class Spot:
    """An item of an owner in a warehouse; of one lot, or of all where the lot is empty."""

    item: int
    warehouse: int
    owner: str
    lot: str

    @property
    def place(self) -> tuple[int, int, str]:
        """Item, warehouse and owner."""
        return self.item, self.warehouse, self.owner

    @property
    def anywhere(self) -> "Spot":
        """The same place with all lots."""
        return replace(self, lot="")

    def of_lot(self, lot: str) -> "Spot":
        """The same place with one lot."""
        return replace(self, lot=lot)

    def covers(self, other: "Spot") -> bool:
        """Whether what is at the other spot is at this one, too."""
        return self.place == other.place and self.lot in {"", other.lot}

    def holds(self, item: int, warehouse: int, owner: str, lot: str) -> bool:
        """Whether goods from there are what this spot speaks of."""
        return self.covers(Spot(item, warehouse, owner, lot))


# A pool stands for its own warehouse, or with the key * for every warehouse of its company.
_POOLS_HERE = (
    "p.company = (SELECT company FROM k_item WHERE id = ?) AND p.item = ? AND p.owner = ?"
    " AND (p.warehouse = ? OR EXISTS"
    " (SELECT 1 FROM k_warehouse w WHERE w.id = p.warehouse AND w.key = '*'))"
)
_HEAD = "e.n = (SELECT max(n) FROM k_pool_entry WHERE pool = e.pool)"
_POSITION_HEAD = "e.n = (SELECT max(n) FROM k_position_entry WHERE position = e.position)"


def pools_at_spot(connection: Connection, spot: Spot) -> list[int]:
    """The pools whose goods may lie at a spot."""
    rows = run(
        connection,
        f"SELECT p.id FROM k_pool p WHERE {_POOLS_HERE} ORDER BY p.id",  # noqa: S608 - no values
        (spot.item, spot.item, spot.owner, spot.warehouse),
    )
    return [row[0] for row in rows]


def on_hand_at(connection: Connection, spot: Spot) -> int:
    """How many atoms there are at a spot, everything posted so far counted."""
    if spot.lot:
        in_pools, in_positions = "p.lot = ?", "p.lot = ? AND p.serial = '' AND p.bin = ''"
        lot: tuple[str, ...] = (spot.lot,)
    else:
        in_pools, lot = "1 = 1", ()
        # Beside a warehouse's own pools there is a position only where the pool is the company's.
        in_positions = "p.lot = '' AND p.serial = '' AND p.bin = ''"
    rows = run(
        connection,
        "SELECT CAST(coalesce(sum(qty), 0) AS BIGINT) FROM ("  # noqa: S608 - no values
        "SELECT e.q_after AS qty FROM k_pool p JOIN k_pool_entry e ON e.pool = p.id"
        f" AND {_HEAD} WHERE p.company = (SELECT company FROM k_item WHERE id = ?)"
        f" AND p.item = ? AND p.warehouse = ? AND p.owner = ? AND {in_pools}"
        " UNION ALL SELECT e.q_after FROM k_position p"
        f" JOIN k_position_entry e ON e.position = p.id AND {_POSITION_HEAD}"
        f" WHERE p.item = ? AND p.warehouse = ? AND p.owner = ? AND {in_positions}) here",
        (spot.item, *spot.place, *lot, *spot.place, *lot),
    )
    return int(rows[0][0])
