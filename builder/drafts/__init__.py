"""Apps as they are being changed: operations, undo and redo, problems, and going live."""

from builder.drafts.model import Applied, Draft, DraftProblem, Jump, Kept, Removed
from builder.drafts.problems import problems
from builder.drafts.publishing import create_app, publish
from builder.drafts.verbs import apply, discard, kept, read, redo, replace, undo
from builder.drafts.words import sentences

__all__ = [
    "Applied",
    "Draft",
    "DraftProblem",
    "Jump",
    "Kept",
    "Removed",
    "apply",
    "create_app",
    "discard",
    "kept",
    "problems",
    "publish",
    "read",
    "redo",
    "replace",
    "sentences",
    "undo",
]
