"""The only way a definition goes live: check, plan, migrate, keep, activate; one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from builder import printouts, recompute
from builder.bound import bound_problems, posted_forms
from builder.checks import check_app
from builder.flow_formulas import flow_formulas
from builder.migrate import migrate
from builder.named_people import people_problems
from builder.plan import Plan, plan
from builder.recompute import NOTHING, Recomputing, Version
from builder.stored_formulas import with_ids
from builder.testing.gate import require_passing
from runtime import posting
from runtime.catalogue import APP, APP_VERSION, active_definition, keep_dependencies, take
from runtime.compile import App, compile_app
from runtime.definitions import load_app, read_app
from runtime.documents.flows import schedule
from runtime.infra import audit, strict_json
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Problem, ValidationFailed

NONE_CONFIRMED: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True)
class Published:
    """What was published; `changed` is False when the app was already exactly this."""

    app: App
    plan: Plan
    changed: bool
    recomputing: Recomputing = NOTHING


def publish(
    act: Act,
    source: Mapping[str, Any],
    note: str,
    *,
    base_version: int | None = None,
    confirmed: Mapping[str, int] = NONE_CONFIRMED,
) -> Published:
    """Publish a whole app from its JSON, in the act's transaction.

    `base_version` is the version the change was made from: when another was published since,
    nothing is done and Conflict says so. `confirmed` says of fields of another kind, by their path
    (`delivery.lines.price`), how many values may be left empty; where it is another number,
    nothing is done either. Raises ValidationFailed with every Problem; then nothing changed.
    """
    source = printouts.taken_in(act, source)
    definition = load_app(source)
    problems = check_app(definition)
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    require_passing(act.connection, definition)
    # Writers of its records end first, and those to come find the new version.
    take(act.connection, definition.code)
    current = active_definition(act.connection, definition.code)
    if base_version is not None and current is not None and current[1] != base_version:
        raise Conflict("definition_changed", {"version": current[1]})
    number = current[1] + 1 if current else 1
    app = compile_app(definition, number)
    if wrong := tuple(flow_formulas(app, source)):
        raise ValidationFailed("definition_invalid", problems=wrong)
    # What is kept names fields by their ids: the next rename breaks no formula.
    kept = with_ids(source, app)
    if kept is not source:
        source, app = kept, compile_app(read_app(kept), number, is_checked=True)
    if current is not None and strict_json.canonical(current[0]) == strict_json.canonical(source):
        return Published(compile_app(definition, current[1]), Plan((), ()), changed=False)
    found = plan(act.connection, app)
    forbidden = (
        *_unconfirmed(found, confirmed),
        *_taken_from_books(act, current, source),
        *people_problems(act.connection, source).unknown,
    )
    if forbidden:
        raise ValidationFailed("definition_invalid", problems=forbidden)
    before = None if current is None else _version(*current)
    migrate(act.connection, app, found)
    keep_dependencies(act.connection, _keep(act, app, source, note), app)
    posting.open_books(act.connection, app)
    asked = recompute.ask(act, before, Version(app, source), found)
    if schedule.timed(app):
        schedule.ask(act, app.code, act.now)
    return Published(app, found, changed=True, recomputing=asked)


def _unconfirmed(found: Plan, confirmed: Mapping[str, int]) -> tuple[Problem, ...]:
    """What forbids the plan, without the losses that were seen and taken."""
    return tuple(
        each
        for each in found.problems
        if each.code != "retype_loses" or confirmed.get(each.params["path"]) != each.params["count"]
    )


def _taken_from_books(
    act: Act, current: tuple[Mapping[str, Any], int] | None, source: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """What posted documents were posted from stays what it is, whichever way a change comes."""
    if current is None:
        return ()
    return bound_problems(current[0], source, posted_forms(act.connection, source["code"]))


def _version(source: Mapping[str, Any], number: int) -> Version:
    return Version(compile_app(read_app(source), number, is_checked=True), source)


def _keep(act: Act, app: App, source: Mapping[str, Any], note: str) -> int:
    """Keep the version and let it run; returns the app's id."""
    connection, code, number = act.connection, app.code, app.version
    app_id = connection.execute(select(APP.c.id).where(APP.c.code == code)).scalar()
    if app_id is None:
        app_id = connection.execute(
            insert(APP)
            .values(code=code, active_version=number, created_at=act.now)
            .returning(APP.c.id)
        ).scalar_one()
    last = connection.execute(
        select(func.max(APP_VERSION.c.number)).where(APP_VERSION.c.app_id == app_id)
    ).scalar()
    assert last is None or last < number, "versions only ever rise"
    connection.execute(
        insert(APP_VERSION).values(
            app_id=app_id,
            number=number,
            definition=strict_json.dumps(source),
            note=note,
            published_by=act.actor.name,
            published_at=act.now,
        )
    )
    connection.execute(update(APP).where(APP.c.id == app_id).values(active_version=number))
    audit.write(act, "publish", code, None, {"version": number, "note": note})
    return int(app_id)
