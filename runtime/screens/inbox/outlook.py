"""What an act on a flow leads to, in words, before it is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.documents.flows import preview
from runtime.documents.flows.standing import Standing
from runtime.kinds.node_events import Event
from runtime.kinds.node_type import Step, Visit
from runtime.screens.i18n import _, joined, label, said, sentences
from runtime.workflow.instances import Run
from runtime.workflow.simulate import Next


@dataclass(frozen=True)
class Pick:
    """Somebody a later step lets one choose: for which step, among whom, how many at most."""

    step: str
    label: str
    people: tuple[tuple[int, str], ...]
    most: int


@dataclass(frozen=True)
class Outlook:
    """What comes of an act: the words, and whether it could not be done as things stand."""

    text: str
    is_trouble: bool = False
    picks: tuple[Pick, ...] = ()


def outlook(standing: Standing, run: Run, event: Event) -> Outlook:
    """Say what an act would lead to; nothing happens."""
    found = preview.comes_of(standing, run, event)
    # Whom people choose for a step is not known before they do: nobody is missing there.
    picks = tuple(_picks(standing, run, found))
    if found.problem is not None and not picks:
        return Outlook(said(found.problem.code, found.problem.params), is_trouble=True)
    if picks:
        # Not whoever would be asked in their stead.
        return Outlook(_("交给你选的人。"), picks=picks)
    return Outlook(_words(standing, run, found))


def _words(standing: Standing, run: Run, found: Next) -> str:
    match found.instance.state:
        case "approved":
            if standing.form.posting is not None:
                return _("流程结束，单据生效并过账，库存随之变动。")
            return _("流程结束，单据生效。")
        case "rejected":
            name = _named(standing, {run.instance.initiator_id})
            return _("流程结束，单据退回给%(who)s，修改后可以再次提交。", who=name)
        case "withdrawn":
            return _("单据变回草稿，可以修改后再提交。")
    return sentences(_asked(standing, run, found)) or _("流程自动走下去。")


def _asked(standing: Standing, run: Run, found: Next) -> Iterator[str]:
    """Who is asked then: others at the same step first, new steps after them."""
    before = {each.no for each in run.instance.open_visits()}
    people: dict[tuple[str, bool], set[int | None]] = {}
    steps: dict[str, Step] = {}
    for visit in found.instance.open_visits():
        step = found.instance.flow.step(visit.step_id)
        steps[step.id] = step
        waiting = {task.approver.user_id for task in visit.tasks if task.state == "open"}
        if waiting:
            people.setdefault((step.id, visit.no in before), set()).update(waiting)
    for (code, is_old), ids in people.items():
        name, who = label(found.instance.flow.labels.get(code)) or code, _named(standing, ids)
        if is_old:
            yield _("还要等%(who)s（%(step)s）", who=who, step=name)
        else:
            yield _("交给%(who)s（%(step)s）", who=who, step=name)


def _picks(standing: Standing, run: Run, found: Next) -> Iterator[Pick]:
    """The steps that would be come to now and ask whoever was before them to choose."""
    known = len(run.instance.visits)
    for visit in found.instance.visits[known:]:
        step = found.instance.flow.step(visit.step_id)
        who: Mapping[str, Any] = step.options.get("who", {})
        if who.get("by") == "chosen" and who.get("chooser", "initiator") == "previous":
            yield _pick(standing, run, (visit, step))


def _pick(standing: Standing, run: Run, at: tuple[Visit, Step]) -> Pick:
    visit, step = at
    ids = preview.reachable(standing, run, visit, step)
    names = standing.names(ids)
    people = sorted(names.items(), key=lambda each: each[1])
    name = label(run.instance.flow.labels.get(step.id)) or step.id
    return Pick(step.id, name, tuple(people), int(step.options["who"].get("most", len(people))))


def _named(standing: Standing, ids: set[int | None]) -> str:
    names = standing.names(ids)
    known = sorted(each for each in ids if each is not None)
    return joined(names.get(each, f"#{each}") for each in known) or _("系统")
