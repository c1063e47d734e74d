"""The tests of an app: what each does, how it came out last, and running them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts, test_runs
from builder.designer.tests_words import place_words, sentences, test_name, value_words
from builder.test_runs import LastRun
from runtime.infra import queue
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.screens.acting import carry_out, reading
from runtime.screens.i18n import _, said
from runtime.screens.render import go, render
from runtime.screens.routes import permission


@dataclass(frozen=True)
class Found:
    """One thing that was not as expected."""

    place: str
    expected: str
    actual: str


@dataclass(frozen=True)
class Row:
    """A test on the list. `state` is ok, failed or unknown."""

    code: str
    name: str
    after: str
    steps: tuple[str, ...]
    state: str
    is_stale: bool
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Running:
    """The run that was asked for from this page."""

    is_over: bool
    error: str


@permission("admin")
def app_tests(app_code: str) -> Response:
    """Show the tests of an app's draft; while a run is under way the list asks again."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        source = draft.source
        last = test_runs.latest(act.connection, app_code, source)
        tests = source.get("tests", ())
        names = {test["code"]: test_name(test) for test in tests}
        rows = [_row(source, test, last.get(test["code"]), names) for test in tests]
        return render(
            "designer/tests.html",
            "found",
            app_code=app_code,
            draft=draft,
            rows=rows,
            running=_running(act),
            here=url_for("designer.app_tests", app_code=app_code, job=request.args.get("job")),
            counts={
                state: sum(row.state == state for row in rows)
                for state in ("ok", "failed", "unknown")
            },
            is_blocking=bool(source.get("tests_block_publish")),
            forms=source["forms"],
        )


@permission("admin")
def run_app_tests(app_code: str) -> AnyResponse:
    """Have one test run, or all of them."""
    test = request.form.get("test", "")

    def work(act: Act) -> int:
        source = drafts.read(act, app_code).source
        known = {each["code"] for each in source.get("tests", ())}
        if test and test not in known:
            raise NotFound
        return test_runs.ask(act, app_code, [test] if test else [])

    job = carry_out(work)
    return go("designer.app_tests", app_code=app_code, job=job)


@permission("admin")
def change_app_test(app_code: str) -> AnyResponse:
    """Delete a test, or say whether failing ones keep the app from being published."""
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    op: dict[str, Any]
    if request.form.get("do") == "delete":
        op = {"op": "set_part", "part": "tests", "code": request.form["test"], "value": None}
    else:
        wanted = True if request.form.get("block") else None
        op = {"op": "set_app", "name": "tests_block_publish", "value": wanted}
    carry_out(lambda act: drafts.apply(act, app_code, base, [op]))
    return go("designer.app_tests", app_code=app_code)


def _row(
    source: Mapping[str, Any],
    test: Mapping[str, Any],
    last: LastRun | None,
    names: Mapping[str, str],
) -> Row:
    failed = () if last is None else tuple(row for row in last.rows if not row["ok"])
    return Row(
        code=test["code"],
        name=names[test["code"]],
        after=names.get(test.get("after", ""), ""),
        steps=tuple(sentences(source, test)),
        state="unknown" if last is None else "ok" if last.ok else "failed",
        is_stale=last is not None and last.is_stale,
        found=_found(source, test, failed),
    )


def _found(
    source: Mapping[str, Any], test: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> tuple[Found, ...]:
    return tuple(
        Found(
            place_words(source, test, row["at"]),
            value_words(row["expected"]),
            value_words(row["actual"]),
        )
        for row in rows
    )


def _running(act: Act) -> Running | None:
    number = request.args.get("job", type=int)
    if number is None:
        return None
    row = queue.find(act.connection, number)
    if row.created_by != act.actor.user_id and not act.actor.is_admin:
        raise NotFound
    error: Any = row.error or {}
    text = ""
    if row.state == "failed":
        text = said(error["code"], error.get("params")) if "code" in error else _("没有成功")
        problems = error.get("problems", ())
        told = [said(each["code"], each.get("params")) for each in problems[:3]]
        text = "；".join((text, *told))
    return Running(row.is_over, text)
