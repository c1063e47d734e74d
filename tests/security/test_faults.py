"""Faults at the worst moment: a lost COMMIT, a killed process, a crash at any write."""

import http.client
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy
from flask import Flask

from build_tools.servers import free_port
from runtime.infra.db import Database
from runtime.posting import books
from tests.conftest import depth
from tests.live import LiveServer, demo_of_today, serving, wait_until
from tests.prepared import Prepared
from tests.screens.conftest import demo_company, quick_hashes, running
from tests.security.scene import Scene
from tests.tally import uses

__all__ = ["quick_hashes"]

ROOT = Path(__file__).parents[2]
FAULTS = ROOT / "tests" / "data" / "attacks" / "faults"
DELIVERY = {"customer": 1, "warehouse": 1, "lines": [{"item": 1, "qty": "1", "price": "1"}]}
A_LITTLE = {**DELIVERY, "lines": [{"item": 1, "qty": "0.01", "price": "1"}]}
KILLS = {"quick": 1, "full": 10}
# Two deaths within this time are taken for a crash loop, and the server ends.
CRASH_LOOP_SECONDS = 6


@dataclass(frozen=True)
class Proxy:
    """Stands between the application and PostgreSQL, and does what its control file says."""

    port: int
    control: Path

    def does(self, mode: str, **more: str) -> None:
        """From now on."""
        fresh = self.control.with_suffix(".new")
        fresh.write_text(json.dumps({"mode": mode, **more}))
        fresh.rename(self.control)


@pytest.fixture
def proxy(postgres_url: str, tmp_path: Path) -> Iterator[Proxy]:
    """A fault proxy before the test's PostgreSQL."""
    port, control = free_port(), tmp_path / "control.json"
    found = Proxy(port, control)
    found.does("pass")
    target = str(sqlalchemy.make_url(postgres_url).port)
    words = [sys.executable, str(FAULTS / "tcp_proxy.py"), str(port), target, str(control)]
    with subprocess.Popen(words) as process:
        wait_until(lambda: listens(port), "the proxy listens")
        yield found
        process.terminate()


def listens(port: int) -> bool:
    """Whether something answers there."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def behind(proxy: Proxy, postgres_url: str, prepared: Prepared, tmp_path: Path) -> Iterator[Flask]:
    """The application over the demo company, its database behind the proxy."""
    url = sqlalchemy.make_url(postgres_url).set(host="127.0.0.1", port=proxy.port)
    address = url.render_as_string(hide_password=False)
    prepared.fill(postgres_url, "demo company", demo_company)
    with running(address, tmp_path) as made:
        yield made


#                   what the proxy does with COMMIT   is the posting there all the same
@pytest.mark.parametrize(("mode", "is_there"), [("drop_reply", True), ("cut_on", False)])
def test_answer_of_commit_lost__the_same_request_again_posts_once(
    behind: Flask, proxy: Proxy, mode: str, is_there: bool
) -> None:
    scene = Scene(behind)
    body = {"values": DELIVERY, "submit": True}

    def postings() -> int:
        with scene.platform.database.reading() as connection:
            asked = sqlalchemy.text("SELECT count(*) FROM k_posting WHERE doc_type = 'delivery'")
            return int(connection.execute(asked).scalar_one())

    def send() -> Any:
        return scene.send("wangjianguo", "POST", "/delivery/records", body, Idempotency_Key="once")

    scene.api("wangjianguo")
    before = postings()
    proxy.does(mode, match="COMMIT")
    lost = send()
    proxy.does("pass")
    assert lost.status_code == 503, lost.get_data(as_text=True)
    assert postings() == before + is_there
    answer = send()
    assert answer.status_code == 201
    assert (answer.headers.get("Idempotency-Replayed") == "true") is is_there
    again = send()
    assert again.get_json() == answer.get_json()
    assert postings() == before + 1
    with scene.platform.database.reading() as connection:
        assert [one for one in books.verify(connection) if not one["ok"]] == []


def test_screen__answer_of_commit_lost(behind: Flask, proxy: Proxy) -> None:
    """A person presses the button again: the page's own key makes it one document."""
    scene = Scene(behind)
    somebody = scene.person("wangjianguo")
    fields = {
        "version": "0", "customer": "1", "warehouse": "1", "document_date": "2026-11-21",
        "lines.0.item": "1", "lines.0.qty": "1", "lines.0.price": "1", "_then": "submit",
        "_key": "pressed-once",
    }  # fmt: skip
    proxy.does("drop_reply", match="COMMIT")
    lost = somebody.post("/a/jxc/delivery", **fields)
    proxy.does("pass")
    assert lost.status == 503
    first, second = (somebody.post("/a/jxc/delivery", **fields) for _ in range(2))
    assert first.status == second.status == 303
    assert first.response.location == second.response.location
    with scene.platform.database.reading() as connection:
        numbered = sqlalchemy.text("SELECT count(*) FROM s_idempotency WHERE key = 'pressed-once'")
        assert connection.execute(numbered).scalar_one() == 1
        assert [one for one in books.verify(connection) if not one["ok"]] == []


@dataclass
class Poster:
    """A program that posts receipts until told to stop, and remembers what it was answered."""

    server: LiveServer
    token: str
    number: int
    over: threading.Event
    acknowledged: list[int] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Post with a key of its own each, again when the answer did not come."""
        for count in itertools.count():
            if self.over.is_set():
                return
            key = f"poster-{self.number}-{count}"
            while not (self.once(key) or self.over.is_set()):
                self.over.wait(0.05)  # the server may be starting a new process

    def once(self, key: str) -> bool:
        """Send one delivery; whether an answer came."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        body = json.dumps({"values": A_LITTLE, "submit": True})
        place = urlsplit(self.server.url).netloc
        connection = http.client.HTTPConnection(place, timeout=30)
        try:
            connection.request("POST", "/api/v1/apps/jxc/forms/delivery/records", body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        if answer.status == 201:
            self.acknowledged.append(said["id"])
        elif answer.status not in {422, 503}:
            self.odd.append(f"{answer.status} {said}")
        return answer.status != 503


def children(process: int) -> list[int]:
    """The processes a process has started."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(number) for number in path.read_text().split()]


def test_web_process_killed_under_load__nothing_acknowledged_is_lost(
    database_url: str, prepared: Prepared, tmp_path: Path, seed: int
) -> None:
    prepared.fill(database_url, "demo of today", demo_of_today)
    with serving(database_url, tmp_path / "home", DAJIAN_PROCESSES="2") as server:
        made = server.dajian("user", "token", "wangjianguo", "--scope", "write", "--days", "1")
        token, over = made.stdout.split()[-1], threading.Event()
        posters = [Poster(server, token, number, over) for number in range(3)]
        threads = [threading.Thread(target=poster.run) for poster in posters]
        for thread in threads:
            thread.start()
        dice = random.Random(seed)

        def acknowledged() -> list[int]:
            return [key for poster in posters for key in poster.acknowledged]

        def more_are_posted() -> None:
            wanted = len(acknowledged()) + 5
            wait_until(lambda: len(acknowledged()) >= wanted, "deliveries are posted")

        for kill in range(KILLS[depth()]):
            if kill:
                over.wait(CRASH_LOOP_SECONDS)
            more_are_posted()
            over.wait(dice.uniform(0, 0.3))  # a random moment is what is tried
            web = [child for child in children(server.process.pid) if is_web(child)]
            os.kill(dice.choice(web), signal.SIGKILL)
        more_are_posted()
        over.set()
        for thread in threads:
            thread.join()
        wait_until(lambda: answers(server), "the server answers again")
        assert [text for poster in posters for text in poster.odd] == []
        assert len(acknowledged()) == len(set(acknowledged()))
        assert set(acknowledged()) <= posted(database_url)
        verified = server.dajian("books", "verify", "--json")
        assert verified.returncode == 0, verified.stdout


def is_web(process: int) -> bool:
    """Whether a process serves pages: the server makes them afresh, not by forking."""
    return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()


def answers(server: LiveServer) -> bool:
    """Whether the server is well."""
    place = urlsplit(server.url).netloc
    connection = http.client.HTTPConnection(place, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def posted(database_url: str) -> set[int]:
    """The deliveries that are posted and in the books."""
    opened = Database(database_url)
    asked = sqlalchemy.text(
        "SELECT d.id FROM a_jxc__delivery d JOIN k_posting p"
        " ON p.doc_type = 'delivery' AND p.doc_id = CAST(d.id AS TEXT)"
        " WHERE d.status = 'posted'"
    )
    with opened.reading() as connection:
        found = set(connection.execute(asked).scalars())
    opened.dispose()
    return found


def test_crash_at_a_write__all_or_nothing(
    tmp_path: Path, prepared: Prepared, request: pytest.FixtureRequest
) -> None:
    """A posting is killed at its N-th write or sync; every N in full depth, some in quick."""
    assert shutil.which("strace"), "the sweep needs strace"
    uses(request, "sqlite")
    kept, used = tmp_path / "kept", tmp_path / "used"
    kept.mkdir()
    prepared.fill(f"sqlite:///{kept / 'test.db'}", "demo company", demo_company)
    program = f"{sys.executable} {ROOT / 'tests' / 'security' / 'one_posting.py'}"
    address = f"sqlite:///{used / 'test.db'}"
    swept = subprocess.run(
        [
            sys.executable, str(FAULTS / "crash_sweep.py"),
            "--syscalls", "pwrite64,fdatasync,fsync,ftruncate,unlink",
            "--step", {"quick": "80", "full": "1"}[depth()],
            "--reset", f"rm -rf {used} && cp -a {kept} {used}",
            "--run", f"{program} post {address}",
            "--check", f"{program} check {address}",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=280 if depth() == "quick" else 3000,
    )  # fmt: skip
    request.node.user_properties.append(("sample", swept.stdout.splitlines()[-1]))
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert ", 0 violations" in swept.stdout
    assert swept.stdout.startswith("clean run: rc 0"), swept.stdout
