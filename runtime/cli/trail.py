"""Commands of the auditor over the audit trail: prove it, seal it, keep its end."""

from pathlib import Path

import click

from runtime.cli.output import (
    FOUND_SOMETHING_WRONG,
    database_option,
    document,
    json_option,
    say,
    settings_of,
)


@click.group()
def audit() -> None:
    """Look after the record of who did what."""


@audit.command()
@click.option(
    "--anchor",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Also check what this file kept; those in DAJIAN_HOME are checked anyway.",
)
@json_option
@database_option
@click.pass_context
def verify(
    ctx: click.Context,
    files: tuple[Path, ...],
    as_json: bool,  # noqa: FBT001 - an option
    database: str | None,
) -> None:
    """Prove that no entry was altered, removed or inserted since it was sealed."""
    from runtime.infra import audit_proof, clock  # noqa: PLC0415 - not for every command
    from runtime.infra.db import Database  # noqa: PLC0415

    settings = settings_of(database)
    kept = [*audit_proof.kept_in(settings.anchors), *map(audit_proof.read_anchor, files)]
    opened = Database(settings.database)
    try:
        with opened.reading() as connection:
            findings = audit_proof.verify(connection, clock.now(), kept)
    finally:
        opened.dispose()
    if as_json:
        document(findings)
    for finding in () if as_json else findings:
        mark = "ok " if finding["ok"] else "BAD"
        say(f"{mark} {finding['id']}  {finding['checked']}  {finding['detail']}")
    if not all(finding["ok"] for finding in findings):
        ctx.exit(FOUND_SOMETHING_WRONG)


@audit.command()
@json_option
@database_option
def anchor(as_json: bool, database: str | None) -> None:  # noqa: FBT001 - an option
    """Seal what waits and print the end of the chain, to be kept outside the database."""
    from runtime.infra import audit_chain, audit_proof, clock  # noqa: PLC0415
    from runtime.infra.db import Database  # noqa: PLC0415

    opened = Database(settings_of(database).database)
    try:
        audit_chain.seal_waiting(opened, clock.now())
        with opened.reading() as connection:
            taken = audit_proof.take(connection)
    finally:
        opened.dispose()
    if as_json:
        document(taken)
        return
    end = taken["end"]
    say(f"{end['seal']}  {end['digest']}" if end else "–")
