"""How every command speaks: documents on standard output, messages on standard error."""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from runtime.infra import log, strict_json
from runtime.infra.errors import AppError
from runtime.infra.messages import message
from runtime.infra.self_check import Finding, RefusedToStartError
from runtime.infra.settings import Settings, read, with_secret
from runtime.infra.strict_json import Json

FOUND_SOMETHING_WRONG: Final = 1
BAD_USAGE: Final = 2
Command = TypeVar("Command", bound=Callable[..., Any])


class Commands(click.Group):
    """A group whose commands may raise our errors: they become a message and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except RefusedToStartError as error:
            for finding in error.findings:
                say_finding(finding)
            ctx.exit(FOUND_SOMETHING_WRONG)
        except AppError as error:
            say_error(error)
            ctx.exit(FOUND_SOMETHING_WRONG)


def locale() -> str:
    """Return the language of the terminal: Chinese unless it asks for something else."""
    asked = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "en" if asked.startswith("en") else "zh"


def say(text: str) -> None:
    """Tell the person at the terminal something."""
    click.echo(text, err=True)


def say_error(error: AppError) -> None:
    """Tell what is wrong: the error, then each of its problems with its address."""
    say(message(error.code, error.params, locale()))
    for problem in error.problems:
        say(f"  {problem.pointer}: {message(problem.code, problem.params, locale())}")


def say_finding(finding: Finding) -> None:
    """Tell a finding of the self-check under its number."""
    kind = "W" if finding.is_warning else "E"
    say(f"[{kind}{finding.number:03d}] {message(finding.code, finding.params, locale())}")


def document(value: Json) -> None:
    """Print the one JSON document of a command."""
    click.echo(strict_json.dumps(value, indent=2))


def database_option(command: Command) -> Command:
    """Add `--database URL`."""
    text = "Database address; default: DAJIAN_DATABASE, else SQLite in DAJIAN_HOME."
    return click.option("--database", metavar="URL", help=text)(command)


def json_option(command: Command) -> Command:
    """Add `--json`: the document instead of lines for people."""
    text = "Print one JSON document."
    return click.option("--json", "as_json", is_flag=True, help=text)(command)


def settings_of(database: str | None, **changes: Any) -> Settings:
    """Return the settings with the options of a command before them, secret key included."""
    settings = with_secret(read(database=database, **changes))
    # The document of a command stands alone on standard output; events go to standard error.
    log.configure("WARNING")
    # What a process of ours starts finds the same settings.
    os.environ["DAJIAN_HOME"] = str(settings.home)
    os.environ["DAJIAN_DATABASE"] = settings.database
    return settings
