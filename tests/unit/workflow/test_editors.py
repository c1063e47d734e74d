"""Who changed a document does not approve it: editing another's draft is no way round that."""

from runtime.kinds.node_type import Started
from runtime.workflow import log
from runtime.workflow.engine import Instance, apply
from tests.unit.workflow.test_engine import flow_of

MAKER, EDITOR, SENDER = 11, 12, 13


def test_authors__are_all_who_wrote_it() -> None:
    event = Started(SENDER, MAKER, (EDITOR,))
    begun, _ = apply(Instance(flow_of("any")), event)
    assert begun.authors() == {MAKER, EDITOR, SENDER}
    assert log.read(*log.write(event)) == event


def test_a_log_of_before__has_no_editors() -> None:
    event = log.read("started", {"initiator": SENDER, "maker": MAKER})
    assert event == Started(SENDER, MAKER)
