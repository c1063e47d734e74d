"""Several departments."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.keys_field import KeysField


class Departments(KeysField):
    """The ids of departments; people see the names."""

    kind = "departments"
    options = options_schema("部门（多选）", "Departments", {})
