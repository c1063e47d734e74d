"""Files."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.file_field import FileField


class Attachment(FileField):
    """The ids of uploaded files."""

    kind = "attachment"
    options = options_schema(
        "附件",
        "Attachment",
        {
            "max_files": titled(
                "最多几个文件", "Files at most", {"type": "integer", "minimum": 1, "maximum": 50}
            )
        },
    )
