"""The addresses of work on lists: rule, endpoint, view, methods."""

from typing import Any, Final

from runtime.screens.lists_work import exports

FORM: Final = "/a/<app_code>/<form_code>"

URLS: Final[tuple[tuple[Any, ...], ...]] = (
    (f"{FORM}/export", "export_dialog", exports.export_dialog),
    (f"{FORM}/export", "export_records", exports.export_records, ("POST",)),
    ("/exports/<int:job_id>", "download_export", exports.download_export),
)
