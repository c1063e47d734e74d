"""`dajian`: the runtime's commands with the builder's added."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy import column, select, table

from runtime.cli import main as runtime_commands
from runtime.cli.output import (
    FOUND_SOMETHING_WRONG,
    Commands,
    database_option,
    document,
    json_option,
    locale,
    say,
    say_error,
    settings_of,
)
from runtime.cli.server import prepare, run_server
from runtime.infra import clock, strict_json
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import AppError, NotFound
from runtime.infra.jobs import Task
from runtime.infra.settings import Settings, write_private
from runtime.infra.strict_json import Json

TEMPLATES: Final = Path(__file__).parents[1] / "app_templates"
DEMO: Final = TEMPLATES / "jxc"
Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(cls=Commands)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Dajian: business applications from definitions."""
    ctx.obj = _tasks


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--demo", is_flag=True, help="Fill an empty database with the jxc app and demo data.")
@database_option
def serve(host: str | None, port: int | None, demo: bool, database: str | None) -> None:  # noqa: FBT001
    """Serve everything: with SQLite this one command is the whole product."""
    settings = settings_of(database, host=host, port=port)
    run_server(settings, "builder.app:serve", "builder.cli", _demo if demo else None)


@click.group()
def app() -> None:
    """App packages: folders of JSON."""


@app.command("list")
@json_option
@database_option
def list_apps(as_json: bool, database: str | None) -> None:  # noqa: FBT001
    """List the installed apps."""
    from runtime.catalogue import Catalogue  # noqa: PLC0415 - compiles the apps

    def read(act: Act) -> Json:
        apps = Catalogue().apps(act.connection)
        return [{"code": a.code, "label": a.label.zh, "version": a.version} for a in apps]

    found = _acting(database, read)
    if as_json:
        document(found)
    for item in () if as_json else found:
        say(f"{item['code']}  {item['version']}  {item['label']}")


@app.command()
@click.argument("folder", type=Folder)
@click.option("--note", default="", help="What changed, for the history.")
@json_option
@database_option
def install(folder: Path, note: str, as_json: bool, database: str | None) -> None:  # noqa: FBT001
    """Check, plan and publish the package in FOLDER, all or nothing."""
    from builder.packages import read_package  # noqa: PLC0415 - not for every command
    from builder.publish import publish  # noqa: PLC0415
    from builder.upgrade import remember  # noqa: PLC0415

    source = read_package(folder)

    def work(act: Act) -> Json:
        made = publish(act, source, note or "install")
        remember(act, source)
        found = {"app": made.app.code, "version": made.app.version, "changed": made.changed}
        return {**found, "recompute": made.recomputing.rows, "job": made.recomputing.job}

    outcome = _acting(database, work)
    if as_json:
        document(outcome)
    else:
        say(f"{outcome['app']}  {outcome['version']}")


@app.command()
@click.argument("code")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@database_option
def export(code: str, folder: Path, database: str | None) -> None:
    """Write the running version of app CODE to FOLDER."""
    from builder import printouts  # noqa: PLC0415 - not for every command
    from builder.packages import write_package  # noqa: PLC0415

    def work(act: Act) -> Json:
        return dict(printouts.given_out(act.connection, _definition(act, code)))

    write_package(_acting(database, work), folder)
    say(str(folder))


@app.command()
@click.argument("folder", type=Folder)
@json_option
@click.pass_context
def validate(ctx: click.Context, folder: Path, as_json: bool) -> None:  # noqa: FBT001
    """Find every problem of the package in FOLDER."""
    from builder.checks import check_app  # noqa: PLC0415 - not for every command
    from builder.packages import read_package  # noqa: PLC0415
    from runtime.definitions import load_app  # noqa: PLC0415

    try:
        problems = tuple(check_app(load_app(read_package(folder))))
        error = AppError("definition_invalid", problems=problems) if problems else None
    except AppError as found:
        error = found
    if as_json:
        document(_refusal(error))
    elif error is not None:
        say_error(error)
    if error is not None:
        ctx.exit(FOUND_SOMETHING_WRONG)


@app.command("test")
@click.argument("name")
@click.argument("tests", nargs=-1)
@click.option("--on", metavar="URL", help="An empty database to run on; default: one of its own.")
@json_option
@database_option
@click.pass_context
def test_app(
    ctx: click.Context,
    name: str,
    tests: tuple[str, ...],
    on: str | None,
    as_json: bool,  # noqa: FBT001
    database: str | None,
) -> None:
    """Run the TESTS of an app, a folder or the code of an installed one; all without names."""
    from builder.testing.command import report, run  # noqa: PLC0415 - not for every command

    outcomes = run(_source(name, database), tests, on)
    if as_json:
        document(report(outcomes))
    for outcome in () if as_json else outcomes:
        say(f"{'+' if outcome.ok else '-'} {outcome.test.code}  {outcome.test.label.zh}")
        for each in outcome.differences:
            told = (strict_json.dumps(value) for value in (each.expected, each.actual))
            say(f"    {each.at}: {' <> '.join(told)}")
    if not all(outcome.ok for outcome in outcomes):
        ctx.exit(FOUND_SOMETHING_WRONG)


@app.command()
@click.argument("before")
@click.argument("after")
@json_option
@database_option
@click.pass_context
def diff(ctx: click.Context, before: str, after: str, as_json: bool, database: str | None) -> None:  # noqa: FBT001
    """Compare two definitions, each a folder or the code of an installed app."""
    from builder.difference import difference  # noqa: PLC0415 - not for every command

    found = difference(_source(before, database), _source(after, database))
    if as_json:
        document([vars(item) for item in found])
    for item in () if as_json else found:
        say(f"{item.kind:8} {item.path}")
    if found:
        ctx.exit(FOUND_SOMETHING_WRONG)


@click.group()
def workbook() -> None:
    """Workbooks: what is in them, and making forms of them."""


@workbook.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_context
def inspect(ctx: click.Context, file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Say what the importer sees in FILE; it is read in a caged child."""
    from builder.workbook import inspect_file  # noqa: PLC0415 - not for every command

    seen = inspect_file(file, locale=locale())
    if as_json:
        document(seen)
    for one in () if as_json else seen["tables"]:
        say(f"{one['sheet']}  {one['range']}  {one['n_rows']}")
        for each in one["columns"]:
            say(f"  {each['col']}  {each['name']}  {each['type']}")
    if seen["refused"]:
        say(seen["refused"]["message"])
        ctx.exit(FOUND_SOMETHING_WRONG)


@workbook.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--app", "code", required=True, help="The app that gets the forms; made when new.")
@json_option
@database_option
@click.pass_context
def adopt(ctx: click.Context, file: Path, code: str, as_json: bool, database: str | None) -> None:  # noqa: FBT001
    """Make a form of each table in FILE and import its rows, as the wizard does."""
    from builder.workbook.whole import adopt as adopt_file  # noqa: PLC0415 - not for every command
    from runtime.platform import open_platform  # noqa: PLC0415

    settings = settings_of(database)
    prepare(settings)
    platform = open_platform(settings)
    outcome = adopt_file(platform, file, code, locale())
    platform.database.dispose()
    if as_json:
        document(outcome)
    for one in () if as_json else outcome["tables"]:
        say(f"{one['sheet']} -> {one['form']}: {one['created']} + {one['failed']}")
    if outcome["refused"] and not as_json:
        say(outcome["refused"]["message"])
    if outcome["refused"] or any(t["failed"] or t["error"] for t in outcome["tables"]):
        ctx.exit(FOUND_SOMETHING_WRONG)


def _source(name: str, database: str | None) -> Mapping[str, Any]:
    from builder import printouts  # noqa: PLC0415 - not for every command
    from builder.packages import read_package  # noqa: PLC0415

    if Path(name).is_dir():
        return printouts.named(read_package(Path(name)))
    source: Mapping[str, Any] = _acting(database, lambda act: _definition(act, name))
    return source


def _definition(act: Act, code: str) -> Json:
    from runtime.catalogue import active_definition  # noqa: PLC0415 - not for every command

    found = active_definition(act.connection, code)
    if found is None:
        raise NotFound("app_not_found", {"app": code})
    return found[0]


def _refusal(error: AppError | None) -> Json:
    problems = () if error is None else error.problems
    shown = [
        {"pointer": problem.pointer, "code": problem.code, "params": dict(problem.params)}
        for problem in problems
    ]
    return {"ok": error is None, "code": error.code if error else None, "problems": shown}


def _acting(database: str | None, work: Callable[[Act], Json]) -> Json:
    from runtime.platform import open_database  # noqa: PLC0415 - loads the whole runtime

    settings = settings_of(database)
    prepare(settings)
    opened = open_database(settings.database)
    try:
        with opened.transaction() as connection:
            return work(Act(connection, SYSTEM, clock.now()))
    finally:
        opened.dispose()


def _demo(settings: Settings) -> None:
    """Fill a database without apps with the demo, and say who can sign in."""
    path = settings.home / "demo-users.txt"
    if not _has_apps(settings):
        from builder.demo import load_demo  # noqa: PLC0415 - only for the first start
        from runtime.platform import open_platform  # noqa: PLC0415

        platform = open_platform(settings)
        people = load_demo(platform, DEMO, settings.demo_password or None, is_whole=True)
        lines = [f"{p.name}  {p.password}  {p.display_name}" for p in people]
        path.unlink(missing_ok=True)
        write_private(path, "\n".join(lines) + "\n")
        platform.database.dispose()
    if path.exists():
        say(f"{path}:\n{path.read_text(encoding='utf-8').rstrip()}")


def _has_apps(settings: Settings) -> bool:
    # By the bare table, so that a second start need not load and compile anything.
    database = Database(settings.database)
    with database.reading() as connection:
        rows = connection.execute(select(table("s_app", column("id"))).limit(1)).all()
    database.dispose()
    return bool(rows)


def _tasks() -> Mapping[str, Task]:
    from builder.tasks import TASKS  # noqa: PLC0415 - loads what the tasks need

    return TASKS


for command in (*runtime_commands.commands.values(), app, workbook, serve):
    main.add_command(command)

if __name__ == "__main__":
    main()
