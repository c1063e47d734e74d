"""The addresses of people's work in flows: rule, endpoint, view, methods."""

from typing import Any, Final

from runtime.screens.inbox import approvals, decisions, delegations, page

INBOX: Final = "/inbox"

URLS: Final[tuple[tuple[Any, ...], ...]] = (
    (INBOX, "inbox", page.inbox),
    (f"{INBOX}/approvals", "approvals", approvals.ask_approvals),
    (f"{INBOX}/approvals", "approve_many", approvals.approve_many, ("POST",)),
    (f"{INBOX}/delegations", "delegations", delegations.show_delegations),
    (f"{INBOX}/delegations", "create_delegation", delegations.create_delegation, ("POST",)),
    (
        f"{INBOX}/delegations/<int:delegation_id>/ending",
        "end_delegation",
        delegations.end_delegation,
        ("POST",),
    ),
    (f"{INBOX}/<int:task_id>/decision", "decide_task", decisions.act_on_task, ("POST",)),
)
