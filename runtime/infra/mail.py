"""The post: one plain text to one person, through the mail server the operator named.

The address is a setting, so it is the operator's word where letters go out and not a user's; what
users write is never more than words in a letter. Without encryption nothing leaves this machine.
"""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from runtime.infra.errors import BadRequest
from runtime.infra.settings import Settings

SECONDS: Final = 20
LONGEST_SUBJECT: Final = 120
# An answer of the server from here on: asking again changes nothing.
FOR_GOOD: Final = 500
PORTS: Final = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


class MailError(Exception):
    """Why a letter was not taken; `code` names it. It may be taken later unless `is_final`."""

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        self.code = code
        self.is_final = is_final
        super().__init__(code)


@dataclass(frozen=True)
class Post:
    """The mail server, and in whose name letters go out."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str


def post_of(settings: Settings) -> Post | None:
    """Return the post of the settings; None where there is none.

    Raises BadRequest (`setting_invalid`) for an address that is none, or that would carry letters
    unencrypted to another machine.
    """
    if not settings.mail:
        return None
    parts = urlsplit(settings.mail)
    sender = settings.mail_from or unquote(parts.username or "")
    if parts.scheme not in PORTS or not parts.hostname or "@" not in sender:
        raise _invalid(parts)
    if parts.scheme == "smtp" and not _is_here(parts.hostname):
        raise _invalid(parts)
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise _invalid(parts) from error
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Post(parts.scheme, parts.hostname, port, user, password, sender)


def send(post: Post, to: str, subject: str, text: str) -> None:
    """Hand over one letter. Raises MailError; nothing in a subject can become a header."""
    letter = EmailMessage()
    letter["From"], letter["To"] = post.sender, to
    letter["Subject"] = " ".join(subject.split())[:LONGEST_SUBJECT]
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain="dajian.invalid")
    # No answering machine answers a machine.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    try:
        with _connected(post) as server:
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        raise MailError("mail_refused", is_final=all(code >= FOR_GOOD for code in codes)) from error
    except smtplib.SMTPAuthenticationError as error:
        raise MailError("mail_sign_in") from error
    except ssl.SSLError as error:
        raise MailError("mail_tls") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailError("mail_unreachable") from error


@contextmanager
def _connected(post: Post) -> Iterator[smtplib.SMTP]:
    if post.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            post.host, post.port, timeout=SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(post.host, post.port, timeout=SECONDS)
    with server:
        if post.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if post.password:
            server.login(post.user, post.password)
        yield server


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _invalid(parts: SplitResult) -> BadRequest:
    # The password is nobody's business: what is said of the setting ends at its host.
    shown = f"{parts.scheme}://{parts.hostname or ''}"
    return BadRequest("setting_invalid", {"name": "DAJIAN_MAIL", "value": shown, "type": "smtp"})
