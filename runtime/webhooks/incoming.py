"""What other systems tell us: a secret address for each automation that begins with a call.

An address arrives switched off. What comes in is signed as Standard Webhooks has it, or carries the
secret; it is taken once, written through the one write path, and answered without a word about us.
"""

import base64
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import validate
from runtime.compile.model import App, Form
from runtime.definitions import Label, WorkflowDef
from runtime.documents import triggers
from runtime.infra import audit, strict_json
from runtime.infra.act import Act, Actor
from runtime.infra.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotSignedIn,
)
from runtime.infra.sessions import digest
from runtime.infra.settings import Settings
from runtime.infra.upsert import insert_row
from runtime.webhooks import signing
from runtime.workflow.tables import deliveries, hooks

ON: Final = "webhook"
PATH: Final = "/api/v1/hooks/"
# Older than this a signature is good for nothing.
TOLERANCE: Final = timedelta(minutes=5)
LARGEST: Final = 256_000
LONGEST_DELIVERY: Final = 200


@dataclass(frozen=True)
class Hook:
    """An address under which an automation is begun, empty before it is first switched on.

    `secret` is None until then, and when the server's key is gone.
    """

    id: int
    app: str
    code: str
    form: str
    label: Label
    address: str = ""
    is_active: bool = False
    sign: str = "hmac"
    secret: str | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Call:
    """What came in: the body as it was sent, and the headers that vouch for it."""

    body: bytes
    delivery: str = ""
    timestamp: str = ""
    signature: str = ""
    token: str = ""


def every(act: Act, settings: Settings, app: App) -> tuple[Hook, ...]:
    """The addresses of an app; one that was never switched on has none yet."""
    _require_admin(act)
    rules = (rule for rule in app.workflows.values() if rule.trigger["on"] == ON)
    return tuple(_hook(act, settings, app, rule) for rule in rules)


def hook_of(act: Act, settings: Settings, app: App, code: str) -> Hook:
    """The address of one automation."""
    _require_admin(act)
    return _hook(act, settings, app, _rule(app, code))


def switch(act: Act, settings: Settings, app: App, code: str, *, is_active: bool) -> Hook:
    """Let calls in, or not any more."""
    hook = _there(act, settings, app, code)
    act.connection.execute(update(hooks).where(hooks.c.id == hook.id).values(is_active=is_active))
    audit.write(act, "update", "hook", hook.id, {"is_active": [hook.is_active, is_active]})
    return hook_of(act, settings, app, code)


def renew(act: Act, settings: Settings, app: App, code: str) -> Hook:
    """Give another address and another secret; the earlier ones are good for nothing at once."""
    hook = _there(act, settings, app, code)
    act.connection.execute(update(hooks).where(hooks.c.id == hook.id).values(_new(settings)))
    audit.write(act, "update", "hook", hook.id, {"secret": "changed"})
    return hook_of(act, settings, app, code)


def known(act: Act, token: str) -> int:
    """The id of the address a token names, whatever its state. Raises NotFound."""
    found = act.connection.scalar(select(hooks.c.id).where(hooks.c.token_hash == digest(token)))
    if found is None:
        raise NotFound
    return int(found)


def receive(act: Act, settings: Settings, apps: Catalogue, hook_id: int, call: Call) -> None:
    """Take a call: prove it, write what it brings, and note the run it begins.

    Raises NotFound for an address that is off, NotSignedIn for what nobody vouches for, Conflict
    for what was delivered before, BadRequest for what cannot be read.
    """
    row = act.connection.execute(
        select(hooks).where(hooks.c.id == hook_id).with_for_update()
    ).first()
    if row is None or not row.is_active:
        raise NotFound
    rule = _rule(apps.app(act.connection, row.app), row.code)
    _prove(act, settings, row, rule, call)
    form = apps.form(act.connection, row.app, rule.form)
    _remember(act, row.id, call.delivery)
    actor = Actor(None, rule.label.zh, frozenset(), "flow", is_admin=True)
    acting = Act(act.connection, actor, act.now, act.request_id)
    record_id = _written(acting, form, rule, _body(call))
    triggers.put(acting, form, rule.code, ON, record_id)
    act.connection.execute(update(hooks).where(hooks.c.id == row.id).values(last_at=act.now))


def _prove(act: Act, settings: Settings, row: Any, rule: WorkflowDef, call: Call) -> None:
    key = signing.key_of(settings, row.key_print)
    if key is None:
        raise NotSignedIn("hook_unproved")
    secret = signing.secret(key, row.salt)
    if rule.trigger.get("sign") == "token":
        if not hmac.compare_digest(call.token.encode(), secret.encode()):
            raise NotSignedIn("hook_unproved")
        return
    if not call.delivery or not call.timestamp.isascii() or not call.timestamp.isdigit():
        raise NotSignedIn("hook_unproved")
    if len(call.timestamp) > len("4102444800") or len(call.delivery) > LONGEST_DELIVERY:
        raise NotSignedIn("hook_unproved")
    seconds = int(call.timestamp)
    expected = signing.signature(secret, call.delivery, seconds, call.body).encode()
    given = [each.encode() for each in call.signature.split()[:10]]
    if not any(hmac.compare_digest(each, expected) for each in given):
        raise NotSignedIn("hook_unproved")
    if abs(act.now.timestamp() - seconds) > TOLERANCE.total_seconds():
        raise NotSignedIn("hook_unproved")


def _remember(act: Act, hook_id: int, delivery: str) -> None:
    """Take nothing twice: a delivery that is named comes once."""
    if not delivery:
        return
    row = {"hook_id": hook_id, "delivery": delivery[:LONGEST_DELIVERY], "at": act.now}
    try:
        with act.connection.begin_nested():
            act.connection.execute(insert(deliveries), row)
    except IntegrityError as error:
        raise Conflict("hook_delivered") from error


def _body(call: Call) -> Mapping[str, Any]:
    found = strict_json.loads(call.body, max_bytes=LARGEST)
    if not isinstance(found, dict):
        raise BadRequest("json_object_expected")
    return found


def _written(act: Act, form: Form, rule: WorkflowDef, body: Mapping[str, Any]) -> int:
    """Make the record the body describes, or change the one its key names."""
    mapping: Mapping[str, str] = rule.trigger["map"]
    values = {code: _at(body, pointer) for code, pointer in mapping.items()}
    values = {code: value for code, value in values.items() if value is not _ABSENT}
    key = rule.trigger.get("key")
    if key is None:
        return documents.create(act, form, values).id
    if values.get(key) in (None, ""):
        raise BadRequest("hook_without_key")
    column = form.by_code[key].column
    assert column is not None, "what is mapped is kept"
    wanted = validate(form, {key: values[key]})[0].get(key)
    query = select(form.table.c.id, form.table.c.version).where(column == wanted).limit(2)
    rows = act.connection.execute(query).all()
    if len(rows) > 1:
        raise Conflict("hook_key_twice")
    if not rows:
        return documents.create(act, form, values).id
    return documents.update(act, form, rows[0].id, values, version=rows[0].version).id


_ABSENT: Final = object()


def _at(body: Any, pointer: str) -> Any:
    """What stands at a JSON pointer; what is not there is not written."""
    found = body
    for part in _parts(pointer):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part[:6]) < len(found):
            found = found[int(part[:6])]
        else:
            return _ABSENT
    return found if found is None or isinstance(found, str) else _plain(found)


def _plain(value: Any) -> Any:
    """Numbers are typed as text, as everywhere; lists and objects are no values of a field."""
    if isinstance(value, (dict, list)):
        return _ABSENT
    return value if isinstance(value, bool) else str(value)


def _parts(pointer: str) -> Iterator[str]:
    for part in pointer.split("/")[1:]:
        yield part.replace("~1", "/").replace("~0", "~")


def _rule(app: App, code: str) -> WorkflowDef:
    rule = app.workflows.get(code)
    if rule is None or rule.trigger["on"] != ON:
        raise NotFound
    return rule


def _there(act: Act, settings: Settings, app: App, code: str) -> Hook:
    """The address of an automation, made where there was none."""
    hook = hook_of(act, settings, app, code)
    if hook.id:
        return hook
    made = {"app": app.code, "code": code, "is_active": False, "created_at": act.now}
    insert_row(act.connection, hooks, made | _new(settings))
    return hook_of(act, settings, app, code)


def _hook(act: Act, settings: Settings, app: App, rule: WorkflowDef) -> Hook:
    here = (hooks.c.app == app.code, hooks.c.code == rule.code)
    row = act.connection.execute(select(hooks).where(*here)).first()
    sign = str(rule.trigger.get("sign", "hmac"))
    if row is None:
        return Hook(0, app.code, rule.code, rule.form, rule.label, sign=sign)
    key = signing.key_of(settings, row.key_print)
    return Hook(
        id=row.id,
        app=row.app,
        code=row.code,
        form=rule.form,
        label=rule.label,
        address="" if key is None else PATH + _token(key, row.salt),
        is_active=row.is_active,
        sign=sign,
        secret=None if key is None else signing.secret(key, row.salt),
        last_at=row.last_at,
    )


def _new(settings: Settings) -> dict[str, Any]:
    salt = signing.new_salt()
    return {
        "salt": salt,
        "key_print": signing.print_of(settings.secret),
        "token_hash": digest(_token(settings.secret, salt)),
    }


def _token(key: str, salt: str) -> str:
    """The part of the address nobody can guess: it follows from the key, and is kept nowhere."""
    made = hmac.digest(key.encode(), b"hook address " + salt.encode(), "sha256")
    return base64.urlsafe_b64encode(made[:24]).decode()


def _require_admin(act: Act) -> None:
    if not act.actor.is_admin:
        raise Forbidden
