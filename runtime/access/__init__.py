"""Who may do what to which form, row and field. Knows no web; nothing is allowed without a grant.

The grants of all roles of a person add up, those of included roles among them: one that allows is
enough, and a field is hidden only when every grant that lets them view the form hides it.
Administrators may do everything. Every list, filter, search, sum, export, print and history takes
its fields and its rows from here and from nowhere else.
"""

from runtime.access.fields import (
    fixed_fields,
    hidden_fields,
    named_hidden,
    sees,
    visible_fields,
    visible_line_fields,
)
from runtime.access.grants import EVERY_FORM, granted, held, may, require
from runtime.access.rows import keeps_rows, reach, row_condition, was_asked
from runtime.access.stock import may_see_cost, may_see_stock

__all__ = [
    "EVERY_FORM",
    "fixed_fields",
    "granted",
    "held",
    "hidden_fields",
    "keeps_rows",
    "may",
    "may_see_cost",
    "may_see_stock",
    "named_hidden",
    "reach",
    "require",
    "row_condition",
    "sees",
    "visible_fields",
    "visible_line_fields",
    "was_asked",
]
