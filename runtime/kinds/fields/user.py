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
            ),
            "owner": titled(
                "记录归这个人",
                "The record is theirs",
                {"type": "boolean"},
                about=("按本人或部门授权时，这个人也算", "Rights to one's own reach it too"),
            ),
        },
    )
