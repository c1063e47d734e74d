"""What is left to do when all documents of a posting have their moves."""

from runtime.kernel.planned import Planned
from runtime.kernel.planning.absolute import correct_counts
from runtime.kernel.planning.draft import Draft
from runtime.kernel.planning.lots import register_lots
from runtime.kernel.planning.worth import add_missing_standards


def finish(draft: Draft, kind: str) -> Planned:
    """The planned posting, with the moves that others of its items need because of it."""
    if draft.is_late or draft.company.rules.stocktake == "absolute":
        correct_counts(draft)
    add_missing_standards(draft)
    register_lots(draft.connection, draft.lots)
    stand = draft.stand
    return Planned(
        kind, stand.business_date, stand.at, tuple(draft.moves), draft.is_late,
        start=start_of(draft), pools=tuple(sorted(draft.pools)), extras=tuple(draft.extras),
    )  # fmt: skip


def start_of(draft: Draft) -> tuple[int, int | None] | None:
    """The earliest moment that the moves touch."""
    if not draft.moves:
        return None
    at = min(move.at for move in draft.moves)
    orders = {move.ord for move in draft.moves if move.at == at}
    if orders == {0}:
        return at, None
    # Beside moves with the posting's own order, which is not known yet, all of the moment.
    return at, min(orders)
