"""What robots of other services are told: the words of the step, and where to sign in."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from runtime import documents
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.documents.flows import clock, robots
from runtime.infra.act import SYSTEM, Act
from runtime.infra.audit import audit_table
from runtime.infra.db import Database
from runtime.infra.egress import Said
from runtime.infra.errors import Forbidden, ValidationFailed
from runtime.infra.jobs import run_one
from runtime.infra.notices import notice_table
from runtime.infra.settings import Settings, read
from runtime.tasks import TASKS
from runtime.workflow.tables import robot_secrets
from tests.unit.documents.conftest import APP, Kernel, open_shop

ROBOT = "https://oapi.example.com/robot/send?access_token=x"
SAID = "销售出库要审批\nhttps://erp.example.com/a/shop/delivery/{id}"


SECRET = "SEC" + "ab" * 32
MOMENT = datetime.fromtimestamp(1_700_000_000, UTC)

BODIES = {
    "dingtalk": {"msgtype": "text", "text": {"content": SAID}},
    "wecom": {"msgtype": "text", "text": {"content": SAID}},
    "webhook": {"text": SAID},
}


@pytest.fixture
def told(
    database: Database,
    now: datetime,
    kernel: Kernel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, str], list[tuple[str, Any]]]:
    """What goes out when a document is handed in whose flow tells a robot, and to where."""
    monkeypatch.setattr(clock.clock, "now", lambda: MOMENT)
    home = read({"DAJIAN_HOME": str(tmp_path), "DAJIAN_PUBLIC_URL": "https://erp.example.com/"})

    def telling(
        robot: str, url: str, secret: str = "", answer: bytes = b'{"errcode":0}'
    ) -> list[tuple[str, Any]]:
        source = deepcopy(APP)
        step = {
            "id": "n_robot", "type": "notify", "text": '="销售出库要审批"', "by": [robot],
            "url": url,
        }  # fmt: skip
        source["workflows"][0]["steps"].insert(0, step)
        shop = open_shop(database, compile_app(load_app(source), 1), now, kernel)
        sent: list[tuple[str, Any]] = []

        def ask(to: str, content: bytes, _headers: Any, _way: Any) -> Said:
            sent.append((to, json.loads(content)))
            return Said(200, answer)

        monkeypatch.setattr(clock.egress, "ask", ask)
        if secret:
            shop.do("admin", lambda act: robots.keep(act, home, url, secret))
        form, values = shop.form("delivery"), shop.delivery(("pen", 1))
        made = shop.do("clerk", lambda act: documents.create_and_submit(act, form, values))
        while run_one(database, home, TASKS):
            pass
        said = json.dumps(sent).replace(f'/{made.id}"', '/{id}"')
        return [(to, body) for to, body in json.loads(said)]

    return telling


@pytest.mark.parametrize("robot", BODIES)
def test_robot__is_told_once_with_a_way_in(
    robot: str, told: Callable[..., list[tuple[str, Any]]]
) -> None:
    assert told(robot, ROBOT) == [(ROBOT, BODIES[robot])]


ANSWERS = {
    b'{"errcode":0,"errmsg":"ok"}': "",
    b'{"errcode":310000,"errmsg":"sign  not match"}': "310000 sign not match",
    b'{"errcode":93000}': "93000",
    b"ok": "",
    b"[1]": "",
    b"\xff": "",
    b"": "",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_robot_that_does_not_take_it__administrators_hear_of_it_once(
    answer: bytes, told: Callable[..., list[tuple[str, Any]]], database: Database
) -> None:
    told("dingtalk", ROBOT, answer=answer)
    query = select(notice_table.c.params).where(notice_table.c.kind == "robot")
    with database.transaction() as connection:
        found = connection.execute(query).scalars().all()
        robots.complain(Act(connection, SYSTEM, MOMENT), ROBOT, "again")
        again = connection.execute(query).scalars().all()
    why = ANSWERS[answer]
    assert found == ([{"host": "oapi.example.com", "why": why}] if why else [])
    assert len(again) == 1


# The signature is what `openssl dgst -sha256 -hmac` says of the moment, a new line and the secret.
SIGN = "IvkqyM9hQQhSoyVz8L8Lot13Y439jYGCdJiL4ofwWWY="


def test_signature__as_another_program_makes_it() -> None:
    assert robots.signature(SECRET, 1_700_000_000_000) == SIGN


@pytest.mark.parametrize(("url", "mark"), [(ROBOT, "&"), ("https://oapi.example.com/robot", "?")])
def test_robot_with_a_secret__gets_moment_and_signature(
    url: str, mark: str, told: Callable[..., list[tuple[str, Any]]]
) -> None:
    signed = f"{url}{mark}timestamp=1700000000000&sign={quote(SIGN, safe='')}"
    assert told("dingtalk", url, SECRET) == [(signed, BODIES["dingtalk"])]


def test_robot_of_another_kind__is_not_signed_for(
    told: Callable[..., list[tuple[str, Any]]],
) -> None:
    assert told("wecom", ROBOT, SECRET) == [(ROBOT, BODIES["wecom"])]


def test_secret__is_hidden_and_an_administrators(shop: Any) -> None:
    old, new = read({"DAJIAN_SECRET": "o" * 40}), read({"DAJIAN_SECRET": "n" * 40})

    def now_to(act: Any, settings: Settings) -> str:
        return robots.signed(act.connection, settings, ROBOT, MOMENT)

    for wrong in ("", "SEC", "abc", "SEC" + "-" * 64, "SEC" + "a" * 200):
        with pytest.raises(ValidationFailed):
            shop.do("admin", lambda act, w=wrong: robots.keep(act, old, ROBOT, w))
    for verb in (
        lambda act: robots.keep(act, old, ROBOT, SECRET),
        lambda act: robots.forget(act, ROBOT),
        lambda act: robots.kept_at(act, ROBOT),
    ):
        with pytest.raises(Forbidden):
            shop.do("clerk", verb)
    # Twice is a change of the secret; the address may come with blanks around it.
    for secret in ("SEC" + "1" * 64, SECRET):
        shop.do("admin", lambda act, s=secret: robots.keep(act, old, f" {ROBOT} ", f" {s} "))
    assert f"sign={quote(SIGN, safe='')}" in shop.do("clerk", lambda act: now_to(act, old))
    # With another key of the server it is no secret any more, with the earlier one beside it is.
    assert shop.do("clerk", lambda act: now_to(act, new)) == ROBOT
    both = read({"DAJIAN_SECRET": "n" * 40, "DAJIAN_SECRET_FALLBACKS": "o" * 40})
    assert "sign=" in shop.do("clerk", lambda act: now_to(act, both))
    rows = shop.do("admin", lambda act: act.connection.execute(select(robot_secrets)).all())
    query = select(audit_table.c.changes).where(audit_table.c.form == "robot")
    told = shop.do("admin", lambda act: act.connection.execute(query).all())
    assert len(told) == 2
    for text in (str(rows), str(told)):
        assert SECRET not in text
        assert "access_token" not in text
    shop.do("admin", lambda act: robots.forget(act, ROBOT))
    assert shop.do("clerk", lambda act: now_to(act, old)) == ROBOT
    assert shop.do("admin", lambda act: robots.kept_at(act, ROBOT)) is None
