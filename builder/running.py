"""What a change of flows means for what is under way: who stands where, and going over to it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from builder.flow_formulas import flow_formulas
from runtime.catalogue import APP, APP_VERSION
from runtime.compile import App
from runtime.compile.model import Form
from runtime.definitions.label import Label, read_label
from runtime.definitions.workflow import read_workflow
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.workflow import flow, migration
from runtime.workflow.instances import definition_of, kept
from runtime.workflow.migration import Plan, Standing, Stop

Json = Mapping[str, Any]
# What one page looks at and moves in one transaction.
MOST_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Place:
    """So many runs at a step of a version of the app."""

    standing: Standing
    version: int


@dataclass(frozen=True)
class UnderWay:
    """A flow with runs under way, and what publishing changes for them.

    `movable` of the first `seen` could go over as they stand, step by step; both are 0 where the
    flow is the same as the one they run under, or is gone.
    """

    code: str
    form: str
    label: Label
    runs: int
    places: tuple[Place, ...]
    is_changed: bool = False
    is_gone: bool = False
    seen: int = 0
    movable: int = 0
    # Versions whose runs could not go on: a formula names what would not be there.
    broken: tuple[int, ...] = ()


def under_way(act: Act, app: App, source: Json, published: Json | None) -> tuple[UnderWay, ...]:
    """The flows of the published app that have runs, against an app that would take its place.

    `app` was compiled from `source` and is without mistakes.
    """
    if published is None:
        return ()
    fresh = {each["code"] for each in source.get("workflows", ())}
    found = (_found(act, app.code, each) for each in published.get("workflows", ()))
    return tuple(
        _against(act, app, each, source) if each.code in fresh else replace(each, is_gone=True)
        for each in found
        if each.runs
    )


def places_of(act: Act, app: str, code: str) -> tuple[Place, ...]:
    """Where the runs of a flow stand, each with the version of the app it began with."""
    found = migration.standing(act, app, code)
    versions = _published(act, app) if found else ()
    return tuple(Place(each, _version_at(versions, each.since)) for each in found)


def is_current(act: Act, form: Form, code: str, definition_id: int) -> bool:
    """Whether runs of a definition are under the flow as it is published."""
    pinned = flow.pin(form.workflows[code], form.workflows)
    return kept(act, form.app_code, pinned) == definition_id


def preview(
    act: Act, form: Form, code: str, step_map: Mapping[str, str], only: Collection[Stop]
) -> Plan:
    """What would become of runs at these places under the flow as it is published."""
    return migration.plan(
        act, form.app_code, form.workflows[code], step_map, form.workflows,
        only=only, most=MOST_AT_ONCE,
    )  # fmt: skip


def go_over(
    act: Act,
    form: Form,
    code: str,
    step_map: Mapping[str, str],
    only: Collection[Stop],
    *,
    seen: tuple[int, int],
) -> int:
    """Move the runs as the preview said; returns the migration.

    `seen` is how many would go over and how many would stay. Raises Conflict when it is otherwise
    by now: somebody has decided meanwhile. Documents are locked, so nobody decides until it is
    done.
    """
    first = preview(act, form, code, step_map, only)
    ids = sorted(each.record_id for each in first.moves)
    key = form.table.c.id
    for start in range(0, len(ids), MOST_AT_ONCE):
        wanted = select(key).where(key.in_(ids[start : start + MOST_AT_ONCE])).order_by(key)
        act.connection.execute(wanted.with_for_update()).all()
    planned = preview(act, form, code, step_map, only)
    if (len(planned.movable), len(planned.moves) - len(planned.movable)) != seen:
        raise Conflict("migration_changed")
    return migration.migrate(act, planned)


def _found(act: Act, app: str, flow_json: Json) -> UnderWay:
    code = flow_json["code"]
    runs = migration.running_in(act, app, code)
    places = places_of(act, app, code) if runs else ()
    name = read_label(flow_json.get("label"), code)
    return UnderWay(code, flow_json["form"], name, runs, places)


def _against(act: Act, app: App, found: UnderWay, source: Json) -> UnderWay:
    """The same with what a new definition would make of the runs."""
    flows = {each["code"]: each for each in source["workflows"]}
    workflow = read_workflow(flows[found.code])
    others = {c: read_workflow(each) for c, each in flows.items() if each["form"] == found.form}
    target = kept(act, app.code, flow.pin(workflow, others))
    found = replace(found, broken=tuple(_broken(act, app, found, source)))
    if all(each.standing.definition_id == target for each in found.places):
        return found
    planned = migration.plan(act, app.code, workflow, {}, others, most=MOST_AT_ONCE)
    return replace(found, is_changed=True, seen=len(planned.moves), movable=len(planned.movable))


def _broken(act: Act, app: App, found: UnderWay, source: Json) -> Iterator[int]:
    """The versions of runs whose formulas the new forms would not understand."""
    versions = {each.standing.definition_id: each.version for each in found.places}
    for definition_id, version in sorted(versions.items(), key=lambda each: each[1]):
        pinned = {**definition_of(act, definition_id), "form": found.form}
        if any(flow_formulas(app, {**source, "workflows": [pinned]})):
            yield version


def _published(act: Act, app: str) -> tuple[tuple[datetime, int], ...]:
    query = (
        select(APP_VERSION.c.published_at, APP_VERSION.c.number)
        .join(APP, APP.c.id == APP_VERSION.c.app_id)
        .where(APP.c.code == app)
        .order_by(APP_VERSION.c.number)
    )
    return tuple((at, number) for at, number in act.connection.execute(query))


def _version_at(versions: tuple[tuple[datetime, int], ...], at: datetime | None) -> int:
    """The version that ran at a moment: the first run under a definition began with it."""
    known = [number for published, number in versions if at is not None and published <= at]
    # Records that were brought along may have begun before there was a version here.
    return known[-1] if known else next((number for _at, number in versions), 0)
