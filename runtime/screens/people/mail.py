"""Where somebody reads mail: an administrator says it, so that nobody is written to unasked."""

from typing import Any

from flask import request

from runtime.infra import mailboxes
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.contacts import read_email
from runtime.screens.account.identity import fresh
from runtime.screens.people.pages import HERE, changed
from runtime.screens.routes import permission


@permission("admin")
@fresh(HERE)
def set_user_mail(user_id: int) -> Any:
    """Note where somebody reads mail; empty: nowhere."""
    typed = request.form.get("mail", "").strip()

    def give(act: Act) -> None:
        address = read_email(typed, {}) if typed else ""
        # The letter is written for a mail server that knows no other letters.
        if address is None or not address.isascii():
            raise ValidationFailed(problems=[Problem("/mail", "mail_address", {})])
        mailboxes.give(act, user_id, address)

    return changed(user_id, give)
