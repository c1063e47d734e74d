"""Administration of people without the web: create, reset a password, make a token."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from runtime.cli.output import database_option, document, json_option, say, settings_of
from runtime.infra import clock, invitations, second_factor, tokens, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import NotFound, Problem, ValidationFailed
from runtime.infra.users import NewUser, User


@click.group()
def user() -> None:
    """Manage people."""


@user.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, help="A role of an app; may be repeated.")
@click.option("--admin", is_flag=True, help="May manage people and apps.")
@click.option("--display-name", default="", help="What to call the person.")
@click.option("--password", envvar="DAJIAN_NEW_PASSWORD", help="Asked for when not given.")
@json_option
@database_option
def create(  # noqa: PLR0913 - one argument per option
    name: str,
    roles: Sequence[str],
    admin: bool,  # noqa: FBT001 - an option
    display_name: str,
    password: str | None,
    as_json: bool,  # noqa: FBT001 - an option
    database: str | None,
) -> None:
    """Create NAME, who can sign in at once."""
    secret = password or _ask_password()
    with _acting(database) as act:
        _check_roles(act, roles)
        made = users.create(act, NewUser(name, secret, frozenset(roles), display_name, admin))
    if as_json:
        document({"id": made.id, "name": made.name, "roles": sorted(made.roles)})
    else:
        say(f"{made.id}: {made.name}")


@user.command("reset-password")
@click.argument("name")
@click.option("--password", envvar="DAJIAN_NEW_PASSWORD", help="Asked for when not given.")
@database_option
def reset_password(name: str, password: str | None, database: str | None) -> None:
    """Give NAME a new password; sessions and tokens of the old one end."""
    secret = password or _ask_password()
    with _acting(database) as act:
        users.set_password(act, _named(act, name).id, secret)
    say(name)


@user.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(tokens.SCOPES), default="write", show_default=True)
@click.option("--days", type=int, default=90, show_default=True, help="How long it is good for.")
@click.option("--label", default="", help="What it is for.")
@json_option
@database_option
def token(
    name: str,
    scope: str,
    days: int,
    label: str,
    as_json: bool,  # noqa: FBT001 - an option
    database: str | None,
) -> None:
    """Make an API token for NAME and print it: this once, it is not kept."""
    with _acting(database) as act:
        made = tokens.create(act, _named(act, name).id, scope=scope, days=days, label=label)
    if as_json:
        document({"token": made, "scope": scope, "days": days})
    else:
        click.echo(made)


@user.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, help="A role of an app; may be repeated.")
@click.option("--admin", is_flag=True, help="May manage people and apps.")
@click.option("--display-name", default="", help="What to call the person.")
@database_option
def invite(
    name: str,
    roles: Sequence[str],
    admin: bool,  # noqa: FBT001 - an option
    display_name: str,
    database: str | None,
) -> None:
    """Create NAME and print a link, good once and for a day, to set a password with."""
    with _acting(database) as act:
        _check_roles(act, roles)
        new = NewUser(name, "", frozenset(roles), display_name, admin)
        link = invitations.invite(act, new)
    click.echo(link.address(settings_of(database).public_url))


@user.command("reset-link")
@click.argument("name")
@database_option
def reset_link(name: str, database: str | None) -> None:
    """Print a link with which NAME sets a new password; the present one is good until then."""
    with _acting(database) as act:
        link = invitations.make(act, _named(act, name).id)
    click.echo(link.address(settings_of(database).public_url))


@user.command("reset-second-step")
@click.argument("name")
@database_option
def reset_second_step(name: str, database: str | None) -> None:
    """Turn off the second step of NAME, whose phone is gone."""
    with _acting(database) as act:
        second_factor.remove(act, _named(act, name).id, by_rule=False)
    say(name)


@contextmanager
def _acting(database: str | None) -> Iterator[Act]:
    from runtime.cli.server import prepare  # noqa: PLC0415 - loads the whole runtime
    from runtime.platform import open_database  # noqa: PLC0415

    settings = settings_of(database)
    prepare(settings)
    opened = open_database(settings.database)
    try:
        with opened.transaction() as connection:
            yield Act(connection, SYSTEM, clock.now())
    finally:
        opened.dispose()


def _named(act: Act, name: str) -> User:
    found = users.by_name(act.connection, name)
    if found is None:
        raise NotFound("user_unknown", {"name": name})
    return found


def _check_roles(act: Act, roles: Sequence[str]) -> None:
    from runtime.catalogue import Catalogue  # noqa: PLC0415 - compiles the apps

    known = sorted({role for app in Catalogue().apps(act.connection) for role in app.roles})
    problems = [
        Problem("/role", "user_role_unknown", {"role": role, "known": ", ".join(known) or "–"})
        for role in roles
        if role not in known
    ]
    if problems:
        raise ValidationFailed(problems=problems)


def _ask_password() -> str:
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer
