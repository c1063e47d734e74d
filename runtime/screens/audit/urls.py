"""The addresses of the audit trail: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.audit import export, pages

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)

URLS: Final[tuple[Address, ...]] = (
    ("/audit", "audit", pages.audit, GET),
    ("/audit/<int:entry_id>", "audit_entry", pages.audit_entry, GET),
    ("/audit/export", "export_audit", export.export_audit, GET),
)
