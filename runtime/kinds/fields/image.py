"""Pictures."""

from runtime.kinds.field_type import options_schema, titled
from runtime.kinds.file_field import FileField


class Image(FileField):
    """The ids of uploaded pictures, shown small and opened large.

    The browser makes a large photo small before it is sent, so no picture is decoded here.
    """

    kind = "image"
    options = options_schema(
        "图片",
        "Image",
        {
            "max_files": titled(
                "最多几张", "Pictures at most", {"type": "integer", "minimum": 1, "maximum": 50}
            ),
            "max_side": titled(
                "最长边的像素",
                "Pixels of the longer side",
                {"type": "integer", "minimum": 200, "maximum": 8000},
                about=(
                    "更大的照片在上传前缩小到这个尺寸",
                    "Larger photos are reduced first",
                ),
            ),
            "camera": titled(
                "在手机上直接拍照", "A phone takes the photo at once", {"type": "boolean"}
            ),
        },
    )
