"""Why a file is not taken: each reason is a code with a sentence that says what to do."""

from runtime.infra.errors import AppError


class FileRefused(AppError):  # noqa: N818 - named after what is refused
    """The gate turned the file away before any reader saw it."""

    status = 422
    default_code = "file_damaged"


class FileUnreadable(AppError):  # noqa: N818
    """The file passed the gate, but its content does not hold together; nothing was taken."""

    status = 422
    default_code = "file_unreadable"
