"""Which document a row of the ledger stands for: its posting's, or a part's of a batch."""

from typing import Final

# A posting `h` of a move `m`; the part is the last that begins at or before the move's line.
PART: Final = (
    " LEFT JOIN k_posting_part t ON t.posting = m.posting AND t.n = (SELECT max(n)"
    " FROM k_posting_part WHERE posting = m.posting AND first_line <= m.line)"
)
DOCUMENT: Final = "coalesce(t.doc_type, h.doc_type), coalesce(t.doc_id, h.doc_id)"
PARTY: Final = "coalesce(t.party, h.party)"
# Whether a move was undone or undoes another.
UNDONE: Final = "(m.voids IS NOT NULL OR EXISTS (SELECT 1 FROM k_move o WHERE o.voids = m.id))"
# Postings that stand for a document `(type, id)`, by themselves or by a part.
OF_DOCUMENT: Final = (
    "h.id IN (SELECT id FROM k_posting WHERE company = ? AND doc_type = ? AND doc_id = ?"
    " UNION SELECT t.posting FROM k_posting_part t JOIN k_posting p ON p.id = t.posting"
    " WHERE p.company = ? AND t.doc_type = ? AND t.doc_id = ?)"
)
