"""Letters: who is written to, what stands in one, and what nobody may read in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from runtime import documents
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra import clock, mail, mailboxes, notices, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import BadRequest
from runtime.infra.jobs import run_one
from runtime.infra.notices import Place
from runtime.infra.queue import job_table
from runtime.infra.settings import Settings, read
from runtime.notices import letters
from runtime.query import Record
from runtime.tasks import TASKS
from runtime.workflow import inbox
from tests.mail_server import MailServer, mail_server
from tests.unit.documents.conftest import Shop

ADDRESS = "wang@example.com"
URL = "https://erp.example.com"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, server: MailServer) -> Settings:
    return read(
        {
            "DAJIAN_HOME": str(tmp_path),
            "DAJIAN_MAIL": server.address,
            "DAJIAN_MAIL_FROM": "dajian@example.com",
            "DAJIAN_PUBLIC_URL": URL,
        }
    )


class Apps:
    """The one app of the shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def form(self, _connection: Any, _app: str, code: str) -> Any:
        return self.shop.form(code)


@pytest.fixture
def asked(shop: Shop, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Record]:
    """Wang reads mail; the function puts deliveries before her."""
    monkeypatch.setattr(letters, "Catalogue", lambda: Apps(shop))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=90))
    wang = shop.people["wang"].user_id or 0
    shop.do("admin", lambda act: mailboxes.give(act, wang, ADDRESS))
    later = replace(shop, now=now + timedelta(seconds=60))

    def submit(**more: Any) -> Record:
        values = shop.delivery(("pen", 1), **more)
        form = shop.form("delivery")
        return later.do("clerk", lambda act: documents.create_and_submit(act, form, values))

    return submit


def drain(shop: Shop, settings: Settings) -> None:
    """Let the worker do what is due after the pause."""
    with shop.database.transaction() as connection:
        connection.execute(update(job_table).where(job_table.c.state == "queued").values(due=0))
    while run_one(shop.database, settings, TASKS):
        pass


def test_task__is_written_of_once_with_a_way_in(
    asked: Callable[..., Record], shop: Shop, server: MailServer, settings: Settings
) -> None:
    made = asked()
    drain(shop, settings)
    (letter,) = server.letters
    title = made.values["document_no"]
    assert (letter["To"], letter["From"]) == (ADDRESS, "dajian@example.com")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert title in letter["Subject"]
    text = letter.get_content()
    assert f"{URL}/inbox?box=to_do&item=" in text
    # It says what waits and decides nothing: no other address, no secret in one.
    assert text.count("http") == 1
    shop.do("admin", lambda act: mailboxes.ask(act, [shop.people["wang"].user_id or 0]))
    drain(shop, settings)
    assert len(server.letters) == 1, "said twice"


def test_several_within_a_minute__are_one_letter(
    asked: Callable[..., Record], shop: Shop, server: MailServer, settings: Settings
) -> None:
    titles = [asked().values["document_no"] for _ in range(3)]
    drain(shop, settings)
    (letter,) = server.letters
    assert letter["Subject"] == "3 件待办等你处理"
    assert all(title in letter.get_content() for title in titles)


def test_done_before_it_was_sent__is_not_written_of(
    asked: Callable[..., Record], shop: Shop, server: MailServer, settings: Settings
) -> None:
    made = asked()
    form = shop.form("delivery")

    def approve(act: Act) -> None:
        (task,) = inbox.to_do(act)
        acts.decide(act, form, made.id, "approve", Said(), task_id=task.task_id)

    shop.do("wang", approve)
    drain(shop, settings)
    assert [each["To"] for each in server.letters] == []


@pytest.mark.parametrize("reason", ["off", "no address", "disabled", "no server"])
def test_who_is_not_written_to(
    reason: str,
    asked: Callable[..., Record],
    shop: Shop,
    server: MailServer,
    settings: Settings,
    tmp_path: Path,
) -> None:
    wang = shop.people["wang"].user_id or 0
    if reason == "off":
        shop.do("wang", lambda act: mailboxes.preferences.choose(act, mailboxes.SWITCH, "off"))
    if reason == "no address":
        shop.do("admin", lambda act: mailboxes.give(act, wang, ""))
    asked()
    if reason == "disabled":
        shop.do("admin", lambda act: users.set_disabled(act, wang, is_disabled=True))
    with shop.database.reading() as connection:
        jobs = connection.execute(select(job_table).where(job_table.c.name == mailboxes.TASK)).all()
    assert len(jobs) == (0 if reason in ("off", "no address") else 1)
    drain(shop, read({"DAJIAN_HOME": str(tmp_path)}) if reason == "no server" else settings)
    assert server.letters == []


def test_what_one_may_not_view__has_no_name(
    asked: Callable[..., Record],
    shop: Shop,
    server: MailServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = asked()
    wang = shop.people["wang"].user_id or 0
    place = Place(shop.app.code, "delivery", made.id)
    told = {"person": "陈", "text": "机密"}
    with shop.database.transaction() as connection:
        act = Act(connection, SYSTEM, shop.now + timedelta(seconds=60))
        notices.tell(act, [wang], "flow", told, place)
    monkeypatch.setattr(letters.access, "may", lambda *_: False)
    drain(shop, settings)
    (letter,) = server.letters
    said = f"{letter['Subject']} {letter.get_content()}"
    assert made.values["document_no"] not in said
    assert "机密" not in said
    assert "一张你现在不能查看的单据" in said


def test_title__is_never_a_header(server: MailServer, settings: Settings) -> None:
    post = mail.post_of(settings)
    assert post is not None
    mail.send(post, ADDRESS, "单据\r\nBcc: a@evil.example\n\n<script>", "一行\r\n.\r\n两行")
    (letter,) = server.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "单据 Bcc: a@evil.example <script>"
    assert letter.get_content().splitlines() == ["一行", ".", "两行"]


@pytest.mark.parametrize(
    ("answer", "again"), [(b"451 later", True), (b"550 nobody here", False)], ids=["later", "never"]
)
def test_not_taken__is_written_again(
    answer: bytes,
    again: bool,
    asked: Callable[..., Record],
    shop: Shop,
    server: MailServer,
    settings: Settings,
) -> None:
    server.refuses = answer
    asked()
    with shop.database.transaction() as connection:
        connection.execute(update(job_table).values(due=0))
    run_one(shop.database, settings, TASKS)
    while run_one(shop.database, settings, TASKS):
        pass
    server.refuses = b""
    drain(shop, settings)
    assert len(server.letters) == int(again)


@pytest.mark.parametrize(
    "address",
    [
        "smtp://mail.example.com", "http://localhost", "smtps://", "smtp://127.0.0.1:0x",
        "smtp+starttls://mail.example.com",
    ],
)  # fmt: skip
def test_post__refused_where_letters_would_go_out_in_the_open(address: str, tmp_path: Path) -> None:
    found = read({"DAJIAN_HOME": str(tmp_path), "DAJIAN_MAIL": address})
    with pytest.raises(BadRequest, match="setting_invalid"):
        mail.post_of(found)


def test_post__the_password_is_not_told(tmp_path: Path) -> None:
    found = read({"DAJIAN_HOME": str(tmp_path), "DAJIAN_MAIL": "smtp://a%40b.c:hush@example.com"})
    with pytest.raises(BadRequest) as refused:
        mail.post_of(found)
    assert "hush" not in str(refused.value.params)
