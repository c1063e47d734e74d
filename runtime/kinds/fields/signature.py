"""A signature, drawn by hand."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.file_field import FileField


class Signature(FileField):
    """The picture of a signature: one file, drawn on the screen or made of the typed name."""

    kind = "signature"
    options = options_schema("手写签名", "Signature", {})
    most = 1
