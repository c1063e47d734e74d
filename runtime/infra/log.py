"""One JSON line per event, to standard error, with the request or job it belongs to."""

import logging
import sys
from typing import Final

import structlog

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def without_values() -> None:
    """Until `configure` is called, let errors be written without the values of every frame.

    The library's own choice draws all of them: minutes for one error, and secrets among them.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )


def configure(level: str = "INFO") -> None:
    """Send our events and those of the libraries through the same lines."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # ASCII only, so that nothing a person typed can forge a line or move the cursor.
    renderer = structlog.processors.JSONRenderer(ensure_ascii=True, default=str)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level if level in LEVELS else "INFO")
    logging.getLogger("alembic").setLevel(logging.WARNING)
