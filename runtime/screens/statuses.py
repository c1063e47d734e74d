"""What the states of a record are called, and the colour that goes with the word."""

from typing import Final

from runtime.screens.i18n import _

# The order in which a document passes through them.
STATUSES: Final = ("draft", "submitted", "approved", "posted", "rejected", "cancelled", "active")
_TONES: Final = {
    "submitted": "info",
    "approved": "ok",
    "posted": "ok",
    "rejected": "err",
    "cancelled": "off",
}


def status_text(status: str) -> str:
    """Return the word for a state."""
    words = {
        "draft": _("草稿"),
        "submitted": _("审批中"),
        "approved": _("已审核"),
        "posted": _("已过账"),
        "rejected": _("已驳回"),
        "cancelled": _("已作废"),
        "active": _("有效"),
    }
    return words.get(status, status)


def status_tone(status: str) -> str:
    """Return the tag's tone: `tag-<tone>`."""
    return _TONES.get(status, "plain")
