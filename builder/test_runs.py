"""Running the tests of a draft in the background, and what came of them last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from builder import drafts
from builder.testing.gate import TASK, digest_of, run_and_remember
from builder.testing.outcome import Outcome, outcome_json
from builder.testing.run import run_tests
from runtime.infra import queue
from runtime.infra.act import Act
from runtime.infra.jobs import Job
from runtime.infra.queue import JobRow
from runtime.infra.strict_json import Json

_LOOKED_AT: Final = 60


@dataclass(frozen=True)
class LastRun:
    """How a test came out when it was run last; `is_stale` when the app has changed since."""

    rows: Sequence[Mapping[str, Any]]
    is_stale: bool

    @property
    def ok(self) -> bool:
        """Whether it held."""
        return all(row["ok"] for row in self.rows)


def ask(act: Act, app_code: str, tests: Sequence[str]) -> int:
    """Have tests of an app's draft run, all of them without names; returns the job."""
    return queue.enqueue(act, TASK, {"app": app_code, "tests": list(tests)})


def run(job: Job) -> Json:
    """The task: the draft as it is when the job is taken up, on a database of its own."""
    app_code, tests = str(job.kwargs["app"]), [str(each) for each in job.kwargs["tests"]]
    with job.reading() as act:
        source = drafts.read(act, app_code).source
    outcomes = run_tests(source, tests) if tests else run_and_remember(source)
    return {
        "href": f"/design/{app_code}/tests",
        "digest": digest_of(source),
        "is_whole": not tests,
        "failed": sum(not each.ok for each in outcomes),
        "rows": [*_rows(outcomes)],
    }


def latest(connection: Connection, app_code: str, source: Mapping[str, Any]) -> dict[str, LastRun]:
    """Return by code how each test came out when it was last run."""
    now = digest_of(source)
    found: dict[str, LastRun] = {}
    for row in _jobs(connection):
        result = row.result
        if row.kwargs.get("app") != app_code or not isinstance(result, Mapping):
            continue
        by_test: dict[str, list[Mapping[str, Any]]] = {}
        for each in result["rows"]:
            by_test.setdefault(each["test"], []).append(each)
        for code, rows in by_test.items():
            found.setdefault(code, LastRun(rows, result["digest"] != now))
    return found


def _rows(outcomes: Sequence[Outcome]) -> Iterator[Json]:
    for outcome in outcomes:
        for row in outcome_json(outcome):
            yield {**row}


def _jobs(connection: Connection) -> Iterator[JobRow]:
    table = queue.job_table
    wanted = select(table.c.id).where(table.c.name == TASK, table.c.state == "done")
    for key in connection.execute(wanted.order_by(table.c.id.desc()).limit(_LOOKED_AT)).scalars():
        yield queue.find(connection, key)
