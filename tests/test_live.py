"""The product as a person starts it: the server answers, the worker runs."""

import gzip
import re
import urllib.request
from datetime import datetime

from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from tests.live import LiveServer, wait_until


def test_server__answers_with_demo_data(fresh_server: LiveServer) -> None:
    with urllib.request.urlopen(f"{fresh_server.url}/healthz", timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(fresh_server.url, timeout=10) as answer:
        assert "sign-in" in answer.url
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        styles = re.findall(r'href="(/static/[^"]+[.]css)"', answer.read().decode())
    asked = urllib.request.Request(f"{fresh_server.url}{styles[0]}")
    asked.add_header("Accept-Encoding", "gzip")
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert b"{" in gzip.decompress(answer.read())
    apps = fresh_server.dajian("app", "list", "--json")
    assert apps.returncode == 0, apps.stderr
    assert "jxc" in apps.stdout


def test_celery_worker__takes_a_job_and_lets_go(
    celery_worker: dict[str, str], now: datetime
) -> None:
    """The job names no file, so it breaks; the worker survives and puts it back for another try."""
    database = Database(celery_worker["DAJIAN_DATABASE"])
    with database.transaction() as connection:
        job_id = queue.enqueue(Act(connection, SYSTEM, now), "exchange.import_rows", {})
    queue.announce(celery_worker["DAJIAN_REDIS"], queue.quiet_jobs())

    def job() -> queue.JobRow:
        with database.reading() as connection:
            return queue.find(connection, job_id)

    wait_until(lambda: job().attempt == 1 and job().state != "running", "the worker lets go")
    assert job().state in {"queued", "failed"}
    database.dispose()
