"""Documents to the kernel and back: the only package that opens the kernel's door."""

from runtime.kernel import (
    UnfitBooksError,
    check_fit,
    grant,
    guard_connection,
    install,
    is_retryable,
)
from runtime.posting import acts, books, datasets
from runtime.posting.again import until_done
from runtime.posting.gateway import (
    check_document,
    company_of,
    open_books,
    post_document,
    post_documents,
    void_document,
    void_documents,
)
from runtime.posting.items import require_same_terms

__all__ = [
    "UnfitBooksError",
    "acts",
    "books",
    "check_document",
    "check_fit",
    "company_of",
    "datasets",
    "grant",
    "guard_connection",
    "install",
    "is_retryable",
    "open_books",
    "post_document",
    "post_documents",
    "require_same_terms",
    "until_done",
    "void_document",
    "void_documents",
]
