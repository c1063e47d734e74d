"""The commands that need no builder: `dajian-run`, and with the builder's added `dajian`."""

import click

from runtime.cli.books import books, formula, kernel
from runtime.cli.output import Commands
from runtime.cli.people import user
from runtime.cli.server import init, scheduler, serve, worker
from runtime.cli.trail import audit


@click.group(cls=Commands)
def main() -> None:
    """Dajian: business applications from definitions."""


for command in (serve, init, worker, scheduler, formula, kernel, books, audit, user):
    main.add_command(command)
