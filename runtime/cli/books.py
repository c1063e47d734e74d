"""Commands of the auditor: formulas, kernel scenarios, the books."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Final, Literal

import click
from sqlalchemy import Connection, create_engine, make_url

from runtime.cli.output import (
    FOUND_SOMETHING_WRONG,
    database_option,
    document,
    json_option,
    say,
    settings_of,
)
from runtime.infra import strict_json
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from runtime.infra.strict_json import Json

Backend = Literal["python", "sql", "browser"]
LARGEST_INPUT: Final = 64_000_000
SCENARIOS: Final = "kernel-scenarios/1"


@click.group()
def formula() -> None:
    """Evaluate formulas."""


@formula.command("eval")
@click.option("--backend", type=click.Choice(["python", "sql", "browser"]), default="python")
@json_option
@database_option
def evaluate(backend: Backend, as_json: bool, database: str | None) -> None:  # noqa: FBT001
    """Evaluate the cases of a JSON document on standard input."""
    from runtime.formula.cases import eval_cases  # noqa: PLC0415 - not for every command
    from runtime.kinds.functions import FUNCTIONS  # noqa: PLC0415

    given = strict_json.loads(sys.stdin.buffer.read(), max_bytes=LARGEST_INPUT)
    answers = eval_cases(given, FUNCTIONS, backend=backend, database=database or "sqlite://")
    _print(answers, as_json=as_json)


@click.group()
def kernel() -> None:
    """Run scenario files on a throw-away database."""


@kernel.command("run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--arrival-seed", type=int, help="Documents arrive in a random order.")
@json_option
@database_option
@click.pass_context
def run_scenarios(
    ctx: click.Context,
    file: Path,
    arrival_seed: int | None,
    as_json: bool,  # noqa: FBT001
    database: str | None,
) -> None:
    """Run FILE and print what came out."""
    from runtime.posting import scenarios  # noqa: PLC0415 - the kernel is not for every command

    with _throw_away(database) as opened:
        outcome = scenarios.run(_read(file), opened, arrival_seed=arrival_seed)
    _print(outcome, as_json=as_json)
    if not all(finding["ok"] for finding in outcome["verify"]):
        ctx.exit(FOUND_SOMETHING_WRONG)


@kernel.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--arrival-seed", type=int, help="Documents arrive in a random order.")
@json_option
@database_option
@click.pass_context
def check_scenarios(
    ctx: click.Context,
    file: Path,
    arrival_seed: int | None,
    as_json: bool,  # noqa: FBT001
    database: str | None,
) -> None:
    """Run FILE and compare with what it expects."""
    from runtime.posting import scenarios  # noqa: PLC0415 - the kernel is not for every command

    with _throw_away(database) as opened:
        outcome = scenarios.check(_read(file), opened, arrival_seed=arrival_seed)
    _print(outcome, as_json=as_json)
    if outcome["failed"]:
        ctx.exit(FOUND_SOMETHING_WRONG)


@click.group()
def books() -> None:
    """Look after the books."""


@books.command()
@click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Also check that what this file kept (see `books anchor`) lies on the chain.",
)
@json_option
@database_option
@click.pass_context
def verify(
    ctx: click.Context,
    anchor: Path | None,
    as_json: bool,  # noqa: FBT001
    database: str | None,
) -> None:
    """Prove every invariant over the live database, and the replay against it."""
    from runtime.posting import anchors  # noqa: PLC0415 - the kernel is heavy
    from runtime.posting import books as ledger  # noqa: PLC0415

    kept = None
    if anchor is not None:
        kept = strict_json.loads(anchor.read_bytes(), max_bytes=LARGEST_INPUT)
    with _reading(database) as connection:
        findings = ledger.verify(connection)
        if kept is not None:
            findings.append(anchors.check(connection, kept))
    if as_json:
        document(list(findings))
    for finding in () if as_json else findings:
        mark = "ok " if finding["ok"] else "BAD"
        say(f"{mark} {finding['id']}  {finding['checked']}  {finding['detail']}")
    if not all(finding["ok"] for finding in findings):
        ctx.exit(FOUND_SOMETHING_WRONG)


@books.command("anchor")
@json_option
@database_option
def anchor_books(as_json: bool, database: str | None) -> None:  # noqa: FBT001
    """Print the ends of the hash chains, for an auditor to keep outside the database."""
    from runtime.posting import anchors  # noqa: PLC0415 - the kernel is heavy

    with _reading(database) as connection:
        taken = anchors.take(connection)
    if as_json:
        document(taken)
        return
    for link in anchors.links(taken):
        say(f"{link['company']}  {link['seq']}  {link['hash']}  {link['date']}")


@contextmanager
def _reading(database: str | None) -> Iterator[Connection]:
    """Yield a reading connection to the live database."""
    opened = Database(settings_of(database).database)
    try:
        with opened.reading() as connection:
            yield connection
    finally:
        opened.dispose()


def _read(file: Path) -> Json:
    scenarios = strict_json.loads(file.read_bytes(), max_bytes=LARGEST_INPUT)
    if not isinstance(scenarios, dict) or scenarios.get("format") != SCENARIOS:
        raise BadRequest("scenarios_expected", {"format": SCENARIOS})
    return scenarios


def _print(value: Json, *, as_json: bool) -> None:
    if as_json:
        document(value)
    else:
        say(strict_json.dumps(value, indent=2))


@contextmanager
def _throw_away(given: str | None) -> Iterator[Database]:
    """Yield an empty database of the given kind that is gone afterwards."""
    url = make_url(given or "sqlite://")
    if url.get_backend_name() != "postgresql":
        folder = Path(tempfile.mkdtemp(prefix="dajian-"))
        opened = Database(f"sqlite:///{folder / 'scratch.db'}")
        try:
            yield opened
        finally:
            opened.dispose()
            shutil.rmtree(folder)
        return
    name = f"dajian_scratch_{token_hex(6)}"
    server = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
    opened = Database(url.set(database=name))
    try:
        yield opened
    finally:
        opened.dispose()
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        server.dispose()
