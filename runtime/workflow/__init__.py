"""Approvals: a pure engine, its storage and everybody's inbox.

What becomes of the document when a run ends is not decided here: `documents.lifecycle` carries out
what the engine says.
"""

from runtime.kinds.node_type import Decided, Ended, Started, Withdrawn
from runtime.workflow.approvers import may_still_decide
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
from runtime.workflow.instances import Run, Subject, begin, happen, running

__all__ = [
    "Decided",
    "Ended",
    "InboxItem",
    "Run",
    "Started",
    "StartedItem",
    "Subject",
    "Withdrawn",
    "begin",
    "count_to_do",
    "done",
    "happen",
    "may_still_decide",
    "of_record",
    "running",
    "started",
    "task_of",
    "to_do",
]
