"""Where people read their mail, and that somebody is to be written to.

An address is given by an administrator: nobody can make the product write to a stranger. A letter
is asked for inside the transaction in which something happens, and goes out a little later: what
comes within that time stands in one letter, and what was done meanwhile in none.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from runtime.infra import audit, preferences, queue, users
from runtime.infra.act import Act

TASK: Final = "mail.tell"
PAUSE_SECONDS: Final = 60
ADDRESS: Final = "mail.address"
# Everything up to this moment has been written about.
UP_TO: Final = "mail.up_to"
# What a person says who reads no mail: `off`.
SWITCH: Final = "mail.wanted"


def give(act: Act, user_id: int, address: str) -> None:
    """Note where somebody reads mail; an empty address is none. What was before stays untold."""
    users.get(act.connection, user_id)
    before = of(act, user_id)
    if address == before:
        return
    preferences.keep(act, user_id, ADDRESS, address or None)
    preferences.keep(act, user_id, UP_TO, act.now.isoformat() if address else None)
    audit.write(act, "update", "user", user_id, {"mail": [before, address]})


def of(act: Act, user_id: int) -> str:
    """Return where somebody reads mail; empty where nowhere."""
    return preferences.of(act, user_id).get(ADDRESS, "")


def reader(kept: Mapping[str, str]) -> tuple[str, datetime] | None:
    """Return the address and the moment up to which was written, of one who reads mail."""
    if kept.get(SWITCH) == "off" or not kept.get(ADDRESS):
        return None
    return kept[ADDRESS], datetime.fromisoformat(kept[UP_TO])


def written(act: Act, user_id: int, up_to: datetime) -> None:
    """Note up to which moment somebody has been written to."""
    preferences.keep(act, user_id, UP_TO, up_to.isoformat())


def ask(act: Act, user_ids: Collection[int], *, delay: int = PAUSE_SECONDS, tries: int = 0) -> None:
    """Ask for a letter to each who reads mail; one that waits already will say this too."""
    readers = preferences.who_has(act.connection, user_ids, ADDRESS)
    readers -= preferences.who_chose(act.connection, readers, SWITCH, "off")
    for user_id in sorted(readers):
        what = {"user": user_id, "tries": tries}
        if queue.waiting_like(act.connection, TASK, what) is None:
            queue.enqueue(act, TASK, what, delay=delay)
