"""An existing workbook becomes forms: names become codes, columns become fields, rows records."""

from typing import Final

from builder.workbook.adopt import WorkbookForms
from builder.workbook.propose import form_definition, new_fields
from runtime.exchange import inspect_file
from runtime.exchange.adoption import kind_of

__all__ = ["FORMS", "WorkbookForms", "form_definition", "inspect_file", "kind_of", "new_fields"]

FORMS: Final = WorkbookForms()
