"""Robots that want each call signed (DingTalk's 加签): their secrets, kept by their address.

A secret is an administrator's to give and nobody's to read again: it stands in no definition, no
package, no audit, and is hidden in the database with the server's key.
"""

import base64
import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection, delete, func, select

from runtime.infra import audit, egress, kept_secret, notices, strict_json
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Forbidden, Problem, ValidationFailed
from runtime.infra.settings import Settings
from runtime.infra.upsert import insert_into
from runtime.workflow import directory
from runtime.workflow.tables import robot_secrets

PURPOSE: Final = "robot"
LONGEST: Final = 200
QUIET: Final = timedelta(hours=1)
# `SEC` and 64 letters and digits, as DingTalk hands them out; somewhat shorter ones are let be.
SECRET: Final = re.compile(r"SEC[0-9A-Za-z]{16,100}")


def keep(act: Act, settings: Settings, url: str, secret: str) -> None:
    """Keep the secret of the robot at an address; the one before is gone."""
    _require_admin(act)
    wanted = secret.strip()
    if not SECRET.fullmatch(wanted):
        raise ValidationFailed(problems=[Problem("/secret", "robot_secret_invalid")])
    hidden = kept_secret.hide(wanted.encode(), PURPOSE, kept_secret.keys_of(settings))
    row = {"secret": hidden, "kept_at": act.now}
    keeping = insert_into(act.connection, robot_secrets).on_conflict_do_update(
        index_elements=["url_hash"], set_=row
    )
    act.connection.execute(keeping, {"url_hash": _hash(url), **row})
    audit.write(act, "update", "robot", None, {"host": egress.host_of(url), "secret": "changed"})


def forget(act: Act, url: str) -> None:
    """Sign calls to an address no more."""
    _require_admin(act)
    gone = delete(robot_secrets).where(robot_secrets.c.url_hash == _hash(url))
    if act.connection.execute(gone).rowcount:
        told = {"host": egress.host_of(url), "secret": "removed"}
        audit.write(act, "update", "robot", None, told)


def kept_at(act: Act, url: str) -> datetime | None:
    """Since when calls to an address are signed; None where they are not."""
    _require_admin(act)
    query = select(robot_secrets.c.kept_at).where(robot_secrets.c.url_hash == _hash(url))
    return act.connection.execute(query).scalar_one_or_none()


def signed(connection: Connection, settings: Settings, url: str, now: datetime) -> str:
    """The address to call now: as it is, or with the moment and the signature DingTalk asks for."""
    query = select(robot_secrets.c.secret).where(robot_secrets.c.url_hash == _hash(url))
    hidden = connection.execute(query).scalar_one_or_none()
    keys = kept_secret.keys_of(settings)
    secret = None if hidden is None else kept_secret.reveal(hidden, PURPOSE, keys)
    if secret is None:
        # None was given, or the server's key is another one: the robot will say that it is missing.
        return url
    moment = int(now.timestamp() * 1000)
    more = urlencode({"timestamp": moment, "sign": signature(secret.decode(), moment)})
    return f"{url.strip()}{'&' if '?' in url else '?'}{more}"


def signature(secret: str, moment: int) -> str:
    """What vouches for a call: its moment in milliseconds and the secret, signed with it."""
    made = hmac.digest(secret.encode(), f"{moment}\n{secret}".encode(), "sha256")
    return base64.b64encode(made).decode()


def refusal(answer: bytes) -> str:
    """Why a robot did not take what it was told; empty where it did.

    DingTalk and WeCom say so in the body of an answer that is otherwise fine.
    """
    try:
        said = strict_json.loads(answer)
    except AppError:
        return ""
    code = said.get("errcode", 0) if isinstance(said, dict) else 0
    return " ".join(f"{code} {said.get('errmsg', '')}".split())[:LONGEST] if code else ""


def complain(act: Act, url: str, why: str) -> None:
    """Tell administrators that a robot did not take a message: once an hour, not each time."""
    notice = notices.notice_table.c
    lately = (notice.kind == "robot") & (notice.at > act.now - QUIET)
    if act.connection.scalar(select(func.count()).where(lately)):
        return
    params = {"host": egress.host_of(url), "why": why}
    notices.tell(act, directory.administrators(act.connection), "robot", params, "/flows/runs")


def _hash(url: str) -> str:
    # The address carries the robot's token: whoever reads the table does not learn it.
    return sha256(b"robot " + url.strip().encode()).hexdigest()


def _require_admin(act: Act) -> None:
    if not act.actor.is_admin:
        raise Forbidden
