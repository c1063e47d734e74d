"""What every record has beside the fields of its form: who made and changed it, and when."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from runtime.compile import Field, Form
from runtime.definitions import FieldDef, Label
from runtime.kinds.fields import FIELD_TYPES

# No field of a form may be called so: the codes are the names of the columns.
_OWN: Final = (
    ("created_by", "user", Label("创建人", "Created by")),
    ("created_at", "datetime", Label("创建时间", "Created")),
    ("updated_by", "user", Label("修改人", "Changed by")),
    ("updated_at", "datetime", Label("修改时间", "Changed")),
)


@lru_cache(maxsize=2_000)
def own_fields(form: Form) -> Mapping[str, Field]:
    """Return them by code: they may be filtered by, sorted by and shown like any other."""
    return {code: _field(form, code, kind, label) for code, kind, label in _OWN}


def _field(form: Form, code: str, kind: str, label: Label) -> Field:
    options = {"zone": form.zone} if kind == "datetime" else {}
    definition = FieldDef(code=code, kind=kind, label=label, options=options, readonly=True)
    stored = FIELD_TYPES[kind]
    return Field(definition, stored, stored, definition, column=form.table.c[code])
