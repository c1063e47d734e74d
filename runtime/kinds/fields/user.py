"""A person who signs in."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.key_field import KeyField


class User(KeyField):
    """The id of a user; people see the name. `current`: it starts as whoever fills the form."""

    kind = "user"
    options = options_schema(
        "成员",
        "Person",
        {
            "current": titled(
                "默认是填写人", "Starts as whoever fills the form", {"type": "boolean"}
            )
        },
    )
