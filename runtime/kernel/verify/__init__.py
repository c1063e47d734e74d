"""Proving the books: every invariant of the design, over the live database."""

from sqlalchemy import Connection

from runtime.kernel.connections import ready
from runtime.kernel.replay import Replayed, replay
from runtime.kernel.verify.audits import AUDITS, ask
from runtime.kernel.verify.doors import closed_doors, guarded
from runtime.kernel.verify.findings import Finding, finding
from runtime.kernel.verify.rows import chain, complete
from runtime.kernel.verify.states import closed, layered

__all__ = ["Finding", "verify"]


def verify(connection: Connection) -> list[Finding]:
    """Every finding, in the order of the invariants' numbers."""
    ready(connection)
    findings = [
        guarded(connection),
        *(ask(connection, audit) for audit in AUDITS),
        layered(connection),
        closed(connection),
        complete(connection),
        chain(connection),
        closed_doors(connection),
        *_replayed(replay(connection)),
    ]
    return sorted(findings, key=_number)


def _number(one: Finding) -> int:
    return int(one.id.removeprefix("INV-"))


def _replayed(again: Replayed) -> list[Finding]:
    """What a replay of all effective documents in business order proves."""
    return [
        finding(
            "INV-11", "every value and balance is what a replay in business order gives",
            again.moves, again.wrong_values + again.wrong_balances,
        ),
        finding("INV-13", "at no moment less than nothing", again.moves, again.shortages),
        finding(
            "INV-20", "a serial number is in one place at a time", again.serials, again.doubles
        ),
        finding(
            "INV-23", "what is remembered of a pool or a closed month is what a replay gives",
            again.pools + again.snapshots, again.wrong_states,
        ),
    ]  # fmt: skip
