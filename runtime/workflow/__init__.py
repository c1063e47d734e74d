"""Approvals: a pure engine, its storage and everybody's inbox.

What becomes of the document when a run ends is not decided here: `documents.lifecycle` carries out
the effects that come back.
"""

from runtime.kinds.node_events import Decision, Effect, Ended
from runtime.workflow.acts import Begun, answer, start, withdraw
from runtime.workflow.inbox import (
    InboxItem,
    StartedItem,
    count_to_do,
    done,
    of_record,
    started,
    task_of,
    to_do,
)
from runtime.workflow.instances import Subject

__all__ = [
    "Begun",
    "Decision",
    "Effect",
    "Ended",
    "InboxItem",
    "StartedItem",
    "Subject",
    "answer",
    "count_to_do",
    "done",
    "of_record",
    "start",
    "started",
    "task_of",
    "to_do",
    "withdraw",
]
