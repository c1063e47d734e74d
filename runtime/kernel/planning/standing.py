"""What the books hold at a place at a business moment, the posting at hand counted in."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from dataclasses import dataclass

from runtime.kernel.moves import Move
from runtime.kernel.planning.draft import Draft
from runtime.kernel.sql import run


@dataclass(frozen=True, slots=True)
class Spot:
    """Goods of an item and owner in a warehouse; of one lot or in one bin where that is named."""

    item: int
    warehouse: int
    owner: str
    lot: str = ""
    bin: str = ""

    def holds(self, draft: Draft, move: Move) -> bool:
        """Whether a move changes what is here."""
        return (
            (move.item, move.warehouse) == (self.item, self.warehouse)
            and self.lot in {"", move.lot}
            and self.bin in {"", move.bin}
            and draft.owner_of(move.pool) == self.owner
        )

    def where(self) -> tuple[str, tuple[int | str, ...]]:
        """A condition on moves `m` of pools `p`, and its parameters."""
        condition = "m.item = ? AND m.warehouse = ? AND p.owner = ?"
        params: tuple[int | str, ...] = (self.item, self.warehouse, self.owner)
        for name, value in (("lot", self.lot), ("bin", self.bin)):
            if value:
                condition, params = f"{condition} AND m.{name} = ?", (*params, value)
        return condition, params


def held_at(draft: Draft, spot: Spot, key: tuple[int, int]) -> int:
    """How many atoms there are, everything up to the moment counted."""
    condition, params = spot.where()
    rows = run(
        draft.connection,
        "SELECT CAST(coalesce(sum(m.dq), 0) AS BIGINT) FROM k_move m JOIN k_pool p"
        f" ON p.id = m.pool WHERE {condition} AND (m.at, m.ord) <= (?, ?)",
        (*params, *key),
    )
    own = sum(
        move.dq for move in draft.moves if (move.at, move.ord) <= key and spot.holds(draft, move)
    )
    return int(rows[0][0]) + own


def serials_at(draft: Draft, spot: Spot, key: tuple[int, int]) -> set[str]:
    """The serial numbers that are at a place at a moment."""
    condition, params = spot.where()
    rows = run(
        draft.connection,
        "SELECT m.serial, CAST(sum(m.dq) AS BIGINT) FROM k_move m JOIN k_pool p ON p.id = m.pool"
        f" WHERE {condition} AND m.serial <> '' AND (m.at, m.ord) <= (?, ?) GROUP BY m.serial",
        (*params, *key),
    )
    held = dict(rows)
    for move in draft.moves:
        if move.serial and (move.at, move.ord) <= key and spot.holds(draft, move):
            held[move.serial] = held.get(move.serial, 0) + move.dq
    return {serial for serial, atoms in held.items() if atoms > 0}
