"""Events as JSON and back: the shape of the append-only log."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

from runtime.kinds import node_events as happened
from runtime.kinds.node_events import (
    Approver,
    ApproversFound,
    Decided,
    Event,
    Migrated,
    Started,
    Withdrawn,
)
from runtime.workflow.flow import Flow

FlowOf = Callable[[int], Flow]
# Events that are kept as they are, member by member; the others have a shape of their own.
_PLAIN: Final[Mapping[str, type[Any]]] = {
    "answered": happened.Answered,
    "sent_back": happened.SentBack,
    "reassigned": happened.Reassigned,
    "added": happened.Added,
    "removed": happened.Removed,
    "taken_back": happened.TakenBack,
    "noted": happened.Noted,
    "terminated": happened.Terminated,
    "failed": happened.Failed,
    "reactivated": happened.Reactivated,
}
_NAMES: Final = {kind: name for name, kind in _PLAIN.items()}


def write(event: Event) -> tuple[str, dict[str, Any]]:
    """The kind and the body an event is stored as."""
    match event:
        case Started(initiator_id, maker_id, editors, chosen):
            who: dict[str, Any] = {"initiator": initiator_id, "maker": maker_id}
            more = {"editors": list(editors)} if editors else {}
            return "started", who | more | _chosen(chosen)
        case ApproversFound(visit, approvers, passes):
            body = {"visit": visit, "approvers": _people(approvers)}
            return "approvers_found", body | ({"passes": True} if passes else {})
        case Decided(visit, user_id, decision, comment, chosen, more):
            body = {"visit": visit, "user": user_id, "decision": decision, "comment": comment}
            return "decided", body | _chosen(chosen) | ({"more": dict(more)} if more else {})
        case Withdrawn(user_id, reason):
            return "withdrawn", {"user": user_id, "reason": reason}
        case happened.Expired(visit, do, approvers):
            return "expired", {"visit": visit, "do": do, "approvers": _people(approvers)}
        case Migrated(definition_id, _, steps, was):
            moved = {str(visit): step for visit, step in steps.items()}
            return "migrated", {"definition": definition_id, "steps": moved, "was": was}
    body = {each.name: getattr(event, each.name) for each in fields(event)}
    return _NAMES[type(event)], body


def read(kind: str, body: Mapping[str, Any], flow_of: FlowOf | None = None) -> Event:
    """The event that was stored."""
    match kind:
        case "started":
            editors = tuple(body.get("editors", ()))
            return Started(body["initiator"], body.get("maker"), editors, _picked(body))
        case "approvers_found":
            return ApproversFound(body["visit"], _approvers(body), bool(body.get("passes")))
        case "decided":
            said = (body["visit"], body["user"], body["decision"], body["comment"])
            return Decided(*said, _picked(body), body.get("more", {}))
        case "withdrawn":
            return Withdrawn(body["user"], body["reason"])
        case "expired":
            return happened.Expired(body["visit"], body["do"], _approvers(body))
        case "migrated":
            assert flow_of is not None, "whoever reads the log has the definitions"
            steps = {int(visit): step for visit, step in body["steps"].items()}
            flow = flow_of(body["definition"])
            return Migrated(body["definition"], flow, steps, body["was"])
    found: Event = _PLAIN[kind](**body)
    return found


def _people(approvers: tuple[Approver, ...]) -> list[list[Any]]:
    """Person and reason; and in whose place they were asked, where it is somebody's."""
    return [
        [each.user_id, each.reason, *([] if each.for_id is None else [each.for_id])]
        for each in approvers
    ]


def _approvers(body: Mapping[str, Any]) -> tuple[Approver, ...]:
    return tuple(Approver(*each) for each in body["approvers"])


def _chosen(chosen: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    return {"chosen": {step: list(ids) for step, ids in chosen.items()}} if chosen else {}


def _picked(body: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {step: tuple(ids) for step, ids in body.get("chosen", {}).items()}
