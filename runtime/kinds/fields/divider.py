"""A line across a form."""

from runtime.kinds.field_type import options_schema
from runtime.kinds.layout_field import LayoutField


class Divider(LayoutField):
    """A line that parts what stands above it from what stands below; its label stands in it."""

    kind = "divider"
    options = options_schema("分隔线", "Divider")
