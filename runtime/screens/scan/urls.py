"""The addresses of the scan screens: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.scan import pages, scans, tasks

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)
POST: Final = ("POST",)
FORM: Final = "/scan/<app_code>/<form_code>"
TASK: Final = f"{FORM}/<int:record_id>"

URLS: Final[tuple[Address, ...]] = (
    ("/scan/", "scan", pages.shell, GET),
    ("/scan/worker.js", "scan_worker", pages.worker, GET),
    ("/scan/start", "scan_start", pages.start, GET),
    (f"{FORM}/tasks", "scan_tasks", tasks.tasks, GET),
    (f"{FORM}/tasks", "create_scan_task", tasks.create_task, POST),
    (f"{FORM}/items", "scan_items", tasks.items, GET),
    (TASK, "scan_task", tasks.task, GET),
    (f"{TASK}/scans", "take_scans", scans.take_scans, POST),
    (f"{TASK}/completion", "complete_scan", scans.complete_scan, POST),
)
