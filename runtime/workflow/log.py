"""Events as JSON and back: the shape of the append-only log."""

from collections.abc import Mapping
from typing import Any, assert_never

from runtime.kinds.node_type import Approver, ApproversFound, Decided, Event, Started, Withdrawn


def write(event: Event) -> tuple[str, dict[str, Any]]:
    """The kind and the body an event is stored as."""
    match event:
        case Started(initiator_id, maker_id, editors):
            who = {"initiator": initiator_id, "maker": maker_id}
            return "started", who | ({"editors": list(editors)} if editors else {})
        case ApproversFound(visit, approvers):
            people = [[approver.user_id, approver.reason] for approver in approvers]
            return "approvers_found", {"visit": visit, "approvers": people}
        case Decided(visit, user_id, decision, comment):
            body = {"visit": visit, "user": user_id, "decision": decision, "comment": comment}
            return "decided", body
        case Withdrawn(user_id, reason):
            return "withdrawn", {"user": user_id, "reason": reason}
    assert_never(event)


def read(kind: str, body: Mapping[str, Any]) -> Event:
    """The event that was stored."""
    match kind:
        case "started":
            return Started(body["initiator"], body.get("maker"), tuple(body.get("editors", ())))
        case "approvers_found":
            people = tuple(Approver(user_id, reason) for user_id, reason in body["approvers"])
            return ApproversFound(body["visit"], people)
        case "decided":
            return Decided(body["visit"], body["user"], body["decision"], body["comment"])
        case "withdrawn":
            return Withdrawn(body["user"], body["reason"])
    raise AssertionError(f"no event called {kind!r}")
