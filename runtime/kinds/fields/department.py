"""A department."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.key_field import KeyField


class Department(KeyField):
    """The id of a department; people see the name.

    `current`: it starts as the department of whoever fills the form. `owner`: rights that reach
    this department reach the record.
    """

    kind = "department"
    options = options_schema(
        "部门",
        "Department",
        {
            "current": titled("默认为本人部门", "Starts as one's own", {"type": "boolean"}),
            "owner": titled(
                "记录归这个部门",
                "The record is this department's",
                {"type": "boolean"},
                about=("按部门授权时，这个部门的人看得到", "Rights by department reach it"),
            ),
        },
    )
