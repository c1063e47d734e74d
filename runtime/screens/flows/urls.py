"""The addresses of how flows are doing: rule, endpoint, view, methods."""

from typing import Any, Final

from runtime.screens.flows import runs, times

FLOWS: Final = "/flows/<app_code>"

URLS: Final[tuple[tuple[Any, ...], ...]] = (
    (f"{FLOWS}/times", "flow_times", times.flow_times),
    (f"{FLOWS}/runs", "flow_runs", runs.flow_runs),
    (f"{FLOWS}/runs/<int:run_id>", "flow_run", runs.flow_run),
    (f"{FLOWS}/runs/<int:run_id>/retrial", "retry_flow_run", runs.retry_flow_run, ("POST",)),
)
