"""Several people who sign in."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.keys_field import KeysField


class Users(KeysField):
    """The ids of users; people see the names."""

    kind = "users"
    options = options_schema("成员（多选）", "Users", {})
