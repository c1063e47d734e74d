"""An email address."""

from runtime.kinds.contacts import read_email
from runtime.kinds.field_type import options_schema
from runtime.kinds.word_field import WordField


class Email(WordField):
    """An address one can write to."""

    kind = "email"
    options = options_schema("邮箱", "Email")
    reader = staticmethod(read_email)
    code = "email_expected"
    longest = 254
