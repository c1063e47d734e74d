"""What a step offers whoever it asks: buttons, fields; and what it wants with an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runtime.documents import kept_files
from runtime.documents.flows.world import DocumentWorld
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Problem, ValidationFailed
from runtime.kinds.node_type import Step
from runtime.query import Record
from runtime.workflow import turning_back
from runtime.workflow.acts import Mine
from runtime.workflow.flow import START

WHERES: Final = ("before", "after", "beside")


@dataclass(frozen=True)
class Said:
    """What somebody says with an act, and how they vouch for it."""

    comment: str = ""
    signature: int | None = None
    attachments: tuple[int, ...] = ()
    password_checked: bool = False
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """Something a person may do with a task now."""

    code: str
    label: Any = None
    demand: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def buttons(mine: Mine) -> tuple[Button, ...]:
    """What may be done with an open task now by whoever's it is."""
    codes = ("fill",) if mine.step.kind in ("fill", START.kind) else ("approve", "reject")
    more = ("send_back", "reassign", "delegate", "add", "stash", "comment", "copy", "print")
    rest = ("stash", "comment") if mine.step.id == START.id else more
    found: list[Button] = []
    for code in (*codes, *rest):
        option = mine.step.options.get("buttons", {}).get(code, True)
        if option is False:
            continue
        given = option if isinstance(option, Mapping) else {}
        demand = tuple(mine.step.options.get("demand", {}).get(code, ()))
        targets: tuple[str, ...] = ()
        if code == "send_back":
            behind = tuple(turning_back.targets(mine.run.instance, mine.visit))
            targets = tuple(each for each in behind if each in given.get("to", behind))
        if code == "add":
            targets = tuple(given.get("where", WHERES))
        if code != "send_back" or targets:
            found.append(Button(code, given.get("label"), demand, targets))
    return tuple(found)


def require_offered(step: Step, button: str) -> Mapping[str, Any]:
    """The button's options; one that is switched off is refused however it is pressed."""
    option = step.options.get("buttons", {}).get(button, True)
    if option is False or (step.id == START.id and button not in ("fill", "stash")):
        raise Conflict("button_not_offered")
    return option if isinstance(option, Mapping) else {}


def require_demanded(step: Step, decision: str, said: Said) -> None:
    """What the step wants of an answer must be there."""
    given = {
        "comment": bool(said.comment.strip()),
        "signature": said.signature is not None,
        "password": said.password_checked,
        "attachment": bool(said.attachments),
    }
    wanted = step.options.get("demand", {}).get(decision, ())
    problems = [Problem(f"/{each}", f"demand_{each}") for each in wanted if not given[each]]
    if problems:
        raise ValidationFailed(problems=problems)


def vouched(act: Act, document: Record, said: Said) -> dict[str, Any]:
    """What is kept with an answer: which version was seen, and what vouches for it.

    The files are the actor's own and go over to the document; a signature is a picture.
    """
    more: dict[str, Any] = {"version": document.version}
    signed = () if said.signature is None else (said.signature,)
    kept_files.require_own(act, said.attachments, "/attachments")
    kept_files.require_own(act, signed, "/signature", is_picture=True)
    name = f"{document.form.app_code}.{document.form.code}"
    files.attach(act, (*said.attachments, *signed), name, document.id)
    if said.signature is not None:
        more["signature"] = said.signature
    if said.attachments:
        more["attachments"] = list(said.attachments)
    return more


def require_checked(step: Step, world: DocumentWorld) -> None:
    """Refuse a document that what its step checks does not hold for. Raises ValidationFailed."""
    problems = [
        Problem("", "check_failed", {"message": _text(check), "message_en": _text(check, "en")})
        for check in step.options.get("check", ())
        if not world.holds(check["when"], ())
    ]
    if problems:
        raise ValidationFailed(problems=problems)


def _text(check: Mapping[str, Any], language: str = "zh") -> str:
    message = check["message"]
    if isinstance(message, str):
        return message
    return str(message.get(language) or next(iter(message.values())))
