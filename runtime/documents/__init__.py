"""The one write path: screens, programs, workbooks and flows change records here and nowhere else.

Every verb takes an `Act` (who, when, in which transaction) and a compiled form; there is no switch
that skips a rule. See `docs/explanation/write-path.md`.
"""

from runtime.documents import flow_verbs
from runtime.documents.convert import OpenLine, Taken, convert, offered, open_lines
from runtime.documents.explain import EXPLAINED, Contribution, Explanation, explain
from runtime.documents.history import Happening, Told, history, history_of
from runtime.documents.lifecycle import (
    cancel,
    create,
    create_and_submit,
    decide,
    delete,
    restore_version,
    submit,
    update,
)
from runtime.documents.links import Related, related
from runtime.documents.own_department import own_departments
from runtime.documents.past import Past, listed_as_of
from runtime.documents.prepare import problems_of, states_of, warnings_of
from runtime.documents.recycle import Deleted, deleted, look, purge, undelete
from runtime.documents.versions import Version, as_of, differences, versions

__all__ = [
    "EXPLAINED",
    "Contribution",
    "Deleted",
    "Explanation",
    "Happening",
    "OpenLine",
    "Past",
    "Related",
    "Taken",
    "Told",
    "Version",
    "as_of",
    "cancel",
    "convert",
    "create",
    "create_and_submit",
    "decide",
    "delete",
    "deleted",
    "differences",
    "explain",
    "flow_verbs",
    "history",
    "history_of",
    "listed_as_of",
    "look",
    "offered",
    "open_lines",
    "own_departments",
    "problems_of",
    "purge",
    "related",
    "restore_version",
    "states_of",
    "submit",
    "undelete",
    "update",
    "versions",
    "warnings_of",
]
