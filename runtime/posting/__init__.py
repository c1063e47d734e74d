"""Documents to the kernel and back: the only package that opens the kernel's door."""

from runtime.kernel import (
    UnfitBooksError,
    check_fit,
    grant,
    guard_connection,
    install,
    is_retryable,
)
from runtime.posting import books, datasets
from runtime.posting.gateway import check_document, company_of, post_document, void_document

__all__ = [
    "UnfitBooksError",
    "books",
    "check_document",
    "check_fit",
    "company_of",
    "datasets",
    "grant",
    "guard_connection",
    "install",
    "is_retryable",
    "post_document",
    "void_document",
]
