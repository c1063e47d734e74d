"""Issue lines that name the reservation whose goods they take."""

from collections.abc import Sequence

from runtime.kernel.planning.draft import Draft
from runtime.kernel.planning.goods import Goods
from runtime.kernel.refusals import Refusal
from runtime.kernel.reservations import Take, consume


def take_reserved(draft: Draft, going: Sequence[Goods]) -> None:
    """Use up what reservations hold; a line that names one that is not there is a finding."""
    takes = [
        Take(
            goods.line, goods.given.reservation, goods.item.id, goods.warehouse, goods.owner,
            goods.lot, goods.atoms,
        )
        for goods in going
        if getattr(goods.given, "reservation", "")
    ]  # fmt: skip
    if not takes:
        return
    events, unknown = consume(draft.connection, draft.company.id, takes, draft.extras)
    draft.extras += events
    lines = {goods.line: goods.given for goods in going}
    for line in unknown:
        draft.wrong(Refusal.UNKNOWN_REF, line, "reservation", lines[line])
