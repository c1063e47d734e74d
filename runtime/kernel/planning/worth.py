"""Changes of value and of how an item is costed; no goods move."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from runtime.kernel.amounts import as_text, as_typed
from runtime.kernel.commands import Adjust, ChangePolicy, SetStandard
from runtime.kernel.lines import AdjustLine
from runtime.kernel.planned import Row, day_at
from runtime.kernel.planning.draft import Draft, Names, find_names
from runtime.kernel.planning.values import amount_of, check_price
from runtime.kernel.pools import PoolKey, pools_of_item
from runtime.kernel.refusals import Refusal
from runtime.kernel.registration import Item
from runtime.kernel.rules import CHOICES
from runtime.kernel.sql import marks, run


def plan_adjust(draft: Draft, command: Adjust) -> None:
    """A move that changes the value of a pool."""
    lines = command.lines
    names = find_names(
        draft, (line.item for line in lines), (line.warehouse for line in lines), with_uoms=False
    )
    found: list[tuple[int, AdjustLine, PoolKey, int]] = []
    for number, line in enumerate(lines):
        key = _key(draft, names, number, line)
        amount = amount_of(draft, number, line)
        if key is not None and amount is not None:
            found.append((number, line, key, amount))
    if draft.refused() is not None:
        return
    pools = draft.find_pools(key for _, _, key, _ in found)
    for number, line, key, amount in found:
        draft.new_move(
            number, "adjust", names.items[line.item].id, pools[key].id,
            names.warehouses[line.warehouse], 0, amount=amount, lot=line.lot,
        )  # fmt: skip


def _key(draft: Draft, names: Names, number: int, line: AdjustLine) -> PoolKey | None:
    if line.item not in names.items:
        draft.wrong(Refusal.UNKNOWN_ITEM, number, "item", line)
        return None
    if line.warehouse not in names.warehouses:
        draft.wrong(Refusal.UNKNOWN_WAREHOUSE, number, "warehouse", line)
        return None
    item = names.items[line.item]
    return names.pool_key(item, names.warehouses[line.warehouse], owner=line.owner, lot=line.lot)


def plan_set_standard(draft: Draft, command: SetStandard) -> None:
    """A new version of the item's policy, and a move that re-values every pool it has."""
    names = find_names(draft, [command.item], [], with_uoms=False)
    item = names.items.get(command.item)
    if item is None:
        draft.wrong(Refusal.UNKNOWN_ITEM, 0, "item", command)
        return
    check_price(draft, 0, command, command.unit_cost, "unit_cost")
    if policy_at(draft, item)[0] != "standard":
        draft.wrong(Refusal.BAD_POLICY, 0, "item", command)
    if draft.refused() is not None:
        return
    method, variance, negative, _, estimate = policy_at(draft, item)
    _add_policy(draft, item, (method, variance, negative, as_text(command.unit_cost), estimate))
    draft.is_late = True
    for pool, warehouse in pools_of_item(draft.connection, item.id):
        draft.new_move(
            0, "standard", item.id, pool, warehouse, 0, unit_cost=as_typed(command.unit_cost)
        )


def plan_change_policy(draft: Draft, command: ChangePolicy) -> None:
    """A new version of the item's policy; what lies in its pools keeps its value."""
    names = find_names(draft, [command.item], [], with_uoms=False)
    item = names.items.get(command.item)
    if item is None:
        draft.wrong(Refusal.UNKNOWN_ITEM, 0, "item", command)
        return
    was = policy_at(draft, item)
    wanted = (command.method, command.variance, command.negative)
    for name, value in zip(("method", "variance", "negative"), wanted, strict=True):
        if value is not None and value not in CHOICES[name]:
            draft.wrong(Refusal.BAD_POLICY, 0, name, command)
    method = command.method or was[0]
    if (method == "specific") != (was[0] == "specific") and item.tracking != "none":
        # Lots that are pools of their own cannot become one pool, nor one pool lots.
        draft.wrong(Refusal.BAD_POLICY, 0, "method", command)
    if method == "standard" and not was[3]:
        draft.wrong(Refusal.BAD_POLICY, 0, "method", command)
    if command.estimate_cost is not None:
        check_price(draft, 0, command, command.estimate_cost, "estimate_cost")
    if draft.refused() is not None:
        return
    estimate = was[4] if command.estimate_cost is None else as_text(command.estimate_cost)
    row = (method, command.variance or was[1], command.negative or was[2], was[3], estimate)
    _add_policy(draft, item, row)
    draft.pools |= {pool for pool, _ in pools_of_item(draft.connection, item.id)}
    draft.is_late = True


PolicyText = tuple[str, str, str, str, str]


def policy_at(draft: Draft, item: Item) -> PolicyText:
    """Method, variance, negative, standard and estimate that hold at the document's moment."""
    rows = run(
        draft.connection,
        "SELECT method, variance, negative, standard, estimate FROM k_item_policy p"
        " WHERE item = ? AND (at, ord) <= (?, ?) AND NOT EXISTS"
        " (SELECT 1 FROM k_posting v WHERE v.voids = p.posting)"
        " ORDER BY at DESC, ord DESC, n DESC LIMIT 1",
        (item.id, *draft.stand.key),
    )
    method, variance, negative, standard, estimate = rows[0]
    return method, variance, negative, standard, estimate


def _add_policy(draft: Draft, item: Item, policy: PolicyText) -> None:
    """The row of the version; without an order the posting's own number is its place."""
    pools = pools_of_item(draft.connection, item.id)
    draft.lock(pool for pool, _ in pools)
    last = run(draft.connection, "SELECT max(n) FROM k_item_policy WHERE item = ?", (item.id,))
    stand = draft.stand
    row: Row = (item.id, int(last[0][0]) + 1, None, stand.at, stand.order, *policy)
    draft.extras.append(("k_item_policy", row))


def add_missing_standards(draft: Draft) -> None:
    """A pool that comes to be before a standard was set is re-valued by it like the others."""
    new = {move.pool: move for move in draft.moves if move.kind not in {"void", "standard"}}
    if not new:
        return
    for at, order, standard, pool in _later_standards(draft, sorted(new)):
        like = new[pool]
        move = draft.new_move(
            like.line - draft.stand.first_line, "standard", like.item, pool, like.warehouse, 0,
            unit_cost=standard,
        )  # fmt: skip
        move.at, move.ord, move.business_date = at, order, day_at(at)
        draft.is_late = True


# Only a version that was made by setting a standard differs in it from the one before.
_SETS_STANDARD = (
    "v.standard <> (SELECT b.standard FROM k_item_policy b WHERE b.item = v.item AND b.n < v.n"
    " ORDER BY b.n DESC LIMIT 1)"
)


def _later_standards(draft: Draft, pools: list[int]) -> list[tuple[int, int, str, int]]:
    earliest = min((move.at, move.ord) for move in draft.moves)
    rows = run(
        draft.connection,
        "SELECT v.at, v.ord, v.standard, p.id FROM k_pool p JOIN k_item_policy v"
        " ON v.item = p.item AND v.method = 'standard' AND (v.at, v.ord) > (?, ?)"
        " AND v.posting IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM k_posting u WHERE u.voids = v.posting)"
        f" AND {_SETS_STANDARD} WHERE p.id IN ({marks(pools)})"
        " AND NOT EXISTS (SELECT 1 FROM k_move m WHERE m.pool = p.id"
        " AND m.kind = 'standard' AND m.at = v.at AND m.ord = v.ord"
        " AND NOT EXISTS (SELECT 1 FROM k_move o WHERE o.voids = m.id))"
        " GROUP BY v.at, v.ord, v.standard, p.id ORDER BY v.at, v.ord, p.id",
        (*earliest, *pools),
    )
    return [(at, order, standard, pool) for at, order, standard, pool in rows]
