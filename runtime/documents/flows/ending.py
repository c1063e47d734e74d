"""What the end of a flow means for its document; and what people are told."""

from collections.abc import Iterable, Mapping
from typing import Any

from runtime import posting
from runtime.compile.model import Form
from runtime.documents import dependents, save
from runtime.documents.flows.world import DocumentWorld, post
from runtime.documents.told import tell
from runtime.infra import notices
from runtime.infra.act import Act
from runtime.infra.notices import Place
from runtime.kinds.node_events import Effect, Ended
from runtime.query import Record

# A document that is taken back, or whose flow was ended, is its maker's again.
_STATUS: Mapping[str, str] = {
    "approved": "approved",
    "rejected": "rejected",
    "withdrawn": "draft",
    "terminated": "rejected",
}


def carry_out(act: Act, world: DocumentWorld, effects: Iterable[Effect]) -> Record:
    """Do to the document what the end of its flow means; a refused posting undoes the approval."""
    for effect in effects:
        if isinstance(effect, Ended) and effect.outcome in _STATUS:
            tell_maker(act, world.form, world.document, effect.outcome)
            world.keep(_ended(act, world.document, effect.outcome))
    return world.document


def ending(document: Record, effects: Iterable[Effect]) -> dict[str, Any]:
    """What a decision makes of the document, where it is the last one."""
    ends = (effect.outcome for effect in effects if isinstance(effect, Ended))
    outcome = next(ends, None)
    if outcome is None or outcome not in _STATUS:
        return {}
    return {"status": [document.status, _STATUS[outcome]]}


def tell_maker(act: Act, form: Form, document: Record, outcome: str) -> None:
    """Whoever made a document hears how its approval ended; of their own decision they know."""
    if outcome in notices.BY_CODE and document.created_by is not None:
        place = Place(form.app_code, form.code, document.id)
        notices.tell(act, [document.created_by], outcome, {"person": act.actor.name}, place)


def _ended(act: Act, document: Record, outcome: str) -> Record:
    form = document.form
    if outcome == "approved" and form.posting is not None:
        return post(act, document)
    if outcome == "approved" and document.status == "posted":
        return document
    if document.status == "posted":
        # A step had posted it before the flow came to this end.
        posting.void_document(act, form, document)
    return write_status(act, document, _STATUS[outcome])


def write_status(act: Act, document: Record, status: str) -> Record:
    """Let a document go on in its life, and what depends on it with it."""
    form = document.form
    after = save.write_status(act, form, document, status)
    return dependents.changed(act, form, document, after) or after


def noted(act: Act, document: Record, action: str, changed: Mapping[str, Any]) -> None:
    """Say in the history what was done."""
    tell(act, document.form, document.id, action, changed)
