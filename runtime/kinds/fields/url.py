"""An address of the web."""

from runtime.kinds.contacts import read_url
from runtime.kinds.field_type import options_schema
from runtime.kinds.word_field import WordField


class Url(WordField):
    """An http or https address; people follow it in a window of its own."""

    kind = "url"
    options = options_schema("网址", "Web address")
    reader = staticmethod(read_url)
    code = "url_expected"
    longest = 2000
