"""From a request to an act: read-only, or a write that happens once however often it is sent."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Response, current_app, g, request

from runtime import posting
from runtime.api.routes import json_answer
from runtime.compile.model import App, Form
from runtime.infra import requests, strict_json
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json
from runtime.platform import Platform


class PreconditionError(AppError):
    """A change has to say which version it was made from."""

    status = 428
    default_code = "if_match_missing"


def platform() -> Platform:
    """Return the parts of the running app."""
    found: Platform = current_app.extensions["dajian"]
    return found


@contextmanager
def reading() -> Iterator[Act]:
    """An act of the caller on a read-only snapshot."""
    here = platform()
    with here.reading(g.pop("snapshot", None)) as connection:
        yield Act(connection, g.actor, here.clock(), g.request_id)


def write(work: Callable[[Act], Answer], *, key_required: bool, located: str = "") -> Response:
    """Do `work` in one transaction and answer; the same `Idempotency-Key` again repeats the answer.

    A transaction that met another writer is tried again a few times before the caller hears of it.
    What was made has its address below `located`. Who prefers `return=minimal` is
    answered about a record without a body.
    """
    response, body = _write(work, key_required=key_required)
    if located:
        response.headers["Location"] = f"{located}/{body['id']}"
    if isinstance(body, Mapping) and "version" in body and "return=minimal" in _preferred():
        response.headers["Preference-Applied"] = "return=minimal"
        response.set_data(b"")
        response.status_code = 204 if response.status_code == 200 else response.status_code
        del response.headers["Content-Type"]
    return response


def _preferred() -> frozenset[str]:
    given = request.headers.get("Prefer", "")
    return frozenset(part.strip().lower() for part in given.split(","))


def _write(work: Callable[[Act], Answer], *, key_required: bool) -> tuple[Response, Any]:
    key = request.headers.get("Idempotency-Key")
    if key is None and key_required:
        raise BadRequest("idempotency_key_missing")
    return posting.until_done(lambda: _write_once(work, key))


def _write_once(work: Callable[[Act], Answer], key: str | None) -> tuple[Response, Any]:
    here = platform()
    with here.database.transaction() as connection:
        act = Act(connection, g.actor, here.clock(), g.request_id)
        if key is not None:
            before = requests.remembered(act, key, _fingerprint())
            if before is not None:
                return _response(before, Idempotency_Replayed="true"), before.body
        answer = work(act)
        if key is not None:
            requests.remember(act, key, answer)
    return _response(answer), answer.body


def _fingerprint() -> str:
    parts = (request.method, request.path, request.headers.get("If-Match", ""))
    spelled = "\n".join(parts).encode() + b"\n" + request.get_data()
    return hashlib.sha256(spelled).hexdigest()


def _response(answer: Answer, **headers: str) -> Response:
    if answer.body is None:
        return Response(status=answer.status, headers=headers)
    if isinstance(answer.body, Mapping) and "version" in answer.body:
        headers["ETag"] = etag(answer.body["version"])
    return json_answer(answer.body, answer.status, **headers)


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def etag_of(version: int, body: Json) -> str:
    """Return the entity tag of what somebody was shown of a version: rights and titles count."""
    shown = hashlib.sha256(strict_json.canonical(body).encode()).hexdigest()[:16]
    return f'"{version}-{shown}"'


def version_given() -> int:
    """Return the version the caller has seen, from `If-Match`: it stands before the first `-`."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionError
    text = given.removeprefix("W/").strip('"').partition("-")[0]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest("if_match_invalid")
    return int(text)


def app_of(act: Act, code: str) -> App:
    """Return the app an address names."""
    return platform().catalogue.app(act.connection, code)


def form_of(act: Act, app: str, form: str) -> Form:
    """Return the form an address names."""
    found = app_of(act, app).forms.get(form)
    if found is None:
        raise NotFound
    return found


def member(body: Mapping[str, Any], name: str, kind: type, default: Any = None) -> Any:
    """Return a member of the body, of the type it has to be; true is not a number here."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadRequest("member_invalid", {"name": name})
    return value


def flag(body: Mapping[str, Any], name: str) -> bool:
    """Return a member of the body that says yes or no, and no where it is missing."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise BadRequest("member_invalid", {"name": name})
    return value


def allow_members(body: Mapping[str, Any], *names: str) -> None:
    """Refuse members the view does not know."""
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise BadRequest("member_unknown", {"name": unknown[0][:60]})
