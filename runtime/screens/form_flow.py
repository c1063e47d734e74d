"""The flow of a document as its page shows it: panel, story, what a step lets one fill in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flask import url_for
from werkzeug.datastructures import MultiDict

from runtime import access, query
from runtime.compile import Field, Form
from runtime.documents.flows import preview
from runtime.documents.flows.standing import Standing
from runtime.documents.flows.writing import Access, LineRights
from runtime.infra import users
from runtime.infra.act import Act
from runtime.screens.form_fields import Cell, FieldView
from runtime.screens.form_grid import GridView
from runtime.screens.form_values import Posted, is_entered, read_form
from runtime.screens.i18n import _, label
from runtime.screens.inbox.conditions import reason_of, way_words
from runtime.screens.inbox.panel import Panel, panel_of, said_with
from runtime.screens.inbox.seen import Since, since_seen
from runtime.screens.inbox.step_rights import access_of_task, may_write_lines, veiled
from runtime.screens.inbox.timeline import SHOWN, Entry, coming, story_of
from runtime.screens.inbox.words import why
from runtime.workflow import InboxItem, desk
from runtime.workflow.simulate import Path

OPEN = "open"
# A document that is nobody's turn yet: what is shown is the way it would take.
BEFORE = frozenset({"draft", "rejected"})


@dataclass(frozen=True)
class Flow:
    """What a page says of the flow of its document."""

    panel: Panel | None = None
    story: tuple[Entry, ...] = ()
    # The way it would take if it were submitted now.
    path: tuple[Entry, ...] = ()
    path_url: str = ""
    reason: str = ""
    since: Since | None = None
    # What the actor's task lets them do with the fields.
    may: Access | None = None
    is_filled: bool = False
    stashed: Posted | None = None

    @property
    def is_told(self) -> bool:
        """Whether the page says anything of the flow, now or while the document is typed."""
        told = (self.panel, self.story, self.path, self.path_url, self.reason, self.since)
        return any(map(bool, told))

    @property
    def is_deciding(self) -> bool:
        """Whether the actor is asked something about the document."""
        return self.panel is not None and bool(self.panel.answers)

    @property
    def signature(self) -> tuple[FieldView, Cell]:
        """Where one signs."""
        return said_with("signature")

    @property
    def attachment(self) -> tuple[FieldView, Cell]:
        """Where one attaches files."""
        return said_with("attachment")

    @property
    def last_answer(self) -> Entry | None:
        """The latest answer that turned the document away."""
        return next((each for each in reversed(self.story) if each.kind in ("bad", "back")), None)

    def field(self, view: FieldView, item: Field) -> FieldView:
        """A field of the header as the step has it: to fill in, or as it is."""
        if not self.is_filled or self.may is None or self.may.is_open or not is_entered(item):
            return view
        if not self.may.may_write(item.code):
            return replace(view, is_fact=True, is_editable=False)
        return replace(view, is_required=view.is_required or self._is_asked(item.code))

    def lines(self, form: Form, code: str) -> bool:
        """Whether the step lets anything of a line table be changed."""
        return not self.is_filled or self.may is None or may_write_lines(form, self.may, code)

    def grid(self, grid: GridView) -> GridView:
        """A line table as the step has it."""
        may = self.may
        if not self.is_filled or may is None or may.is_open:
            return grid
        rights = may.lines.get(grid.code, LineRights())
        codes = (each.code for each in grid.columns)
        shut = frozenset(each for each in codes if not may.may_write(f"{grid.code}.{each}"))
        columns = tuple(
            replace(
                each, is_required=each.is_required or self._is_asked(f"{grid.code}.{each.code}")
            )
            for each in grid.columns
        )
        return replace(
            grid, columns=columns, shut=shut, may_add=rights.add, may_delete=rights.delete
        )

    def _is_asked(self, path: str) -> bool:
        return self.may is not None and self.may.right(path) == "require"


NO_FLOW = Flow()


def standing_of(act: Act, form: Form, record_id: int) -> Standing:
    """Return where a record stands in its flow, with the open task the actor has about it."""
    standing = Standing(act, form, record_id)
    mine = (task for task in standing.dossier.items if task.user_id == act.actor.user_id)
    standing.task = next((task for task in mine if task.state == OPEN), None)
    return standing


def is_filled_by(act: Act, form: Form, may: Access | None) -> bool:
    """Whether a step lets its person fill in anything they see."""
    if may is None:
        return False
    for item in access.visible_fields(act.actor, form):
        if item.is_lines and may_write_lines(form, may, item.code):
            return True
        if is_entered(item) and not item.is_lines and may.may_write(item.code):
            return True
    return False


def has_task_to_fill(act: Act, form: Form, record: query.Record | None) -> bool:
    """Whether the actor has a task about a record that lets them fill in something."""
    if record is None:
        return False
    return is_filled_by(act, form, access_of_task(standing_of(act, form, record.id)))


def flow_of(
    act: Act, form: Form, record: query.Record | None, mode: Literal["edit", "read", "past"]
) -> Flow:
    """Put together what the page of a document says of its flow."""
    if mode == "past" or (form.workflow is None and record is None):
        return NO_FLOW
    if record is None:
        return Flow(path=path_of(act, form, {}, None), path_url=_path_url(form, None))
    standing = Standing(act, form, record.id)
    if form.is_document:
        standing = standing_of(act, form, record.id)
    task, may = standing.task, access_of_task(standing)
    narrow = veiled(act, form, may)
    panel = panel_of(standing, record)
    is_before = form.workflow is not None and record.status in BEFORE
    story = story_of(narrow, standing, record, has_talk=False) if form.is_document else ()
    is_told = form.workflow is not None or any(each.icon == "send" for each in story)
    return Flow(
        panel=panel if panel.answers or panel.deeds or panel.problem else None,
        story=story if is_told else (),
        path=path_of(act, form, {}, record) if is_before and task is None else (),
        path_url=_path_url(form, record) if is_before else "",
        reason=_reason(narrow, standing),
        since=since_seen(narrow, record) if task is not None else None,
        may=may,
        is_filled=mode == "edit" and is_filled_by(narrow, form, may),
        stashed=_stashed(narrow, form, task) if mode == "edit" else None,
    )


def path_of(
    act: Act, form: Form, values: Mapping[str, Any], record: query.Record | None
) -> tuple[Entry, ...]:
    """The way a document would take if it were submitted as it stands, or as it was typed."""
    if form.workflow is None:
        return ()
    path = preview.preview(act, form, values, record_id=record.id if record else None)
    return tuple(_entries(act, form, path))


def _entries(act: Act, form: Form, path: Path) -> Iterator[Entry]:
    ids = {each.user_id for step in path.steps for each in step.people}
    names = users.names(act.connection, ids)
    because = ""
    for step in path.steps:
        if step.kind == "branch":
            because = way_words(act, form, path.flow, step.step_id, step.ways)
        if step.kind in SHOWN or step.state in ("nobody", "refused"):
            yield coming(step, label(path.flow.labels.get(step.step_id)), names, because)
            because = ""
    if path.problem is not None and not any(
        step.state in ("nobody", "refused") for step in path.steps
    ):
        yield Entry("gap", "alert-triangle", "", _("填到能算出来时，这里显示会经过谁"))
    elif path.problem is None:
        ends = _("流程结束，单据过账") if form.posting is not None else _("流程结束，单据生效")
        yield Entry("next", "check", "", ends)


def _path_url(form: Form, record: query.Record | None) -> str:
    if form.workflow is None:
        return ""
    where: dict[str, Any] = {"app_code": form.app_code, "form_code": form.code}
    if record is None:
        return url_for("screens.path_of_typed", **where)
    return url_for("screens.path_of_record", **where, record_id=record.id)


def _reason(act: Act, standing: Standing) -> str:
    task, run = standing.task, standing.run
    if task is None or run is None:
        return ""
    name = standing.names([task.for_id]).get(task.for_id or 0, "")
    told = why(task.reason, label(task.step_label), name)
    because = reason_of(act, standing.form, run.instance, task.visit)
    return _("%(why)s（因为 %(when)s）", why=told, when=because) if because and told else told


def _stashed(act: Act, form: Form, task: InboxItem | None) -> Posted | None:
    """What the actor put aside about their task, as it was typed."""
    kept = desk.stashed(act, task.task_id) if task is not None else None
    if kept is None or "form" not in kept[1]:
        return None
    typed: MultiDict[str, str] = MultiDict([(name, value) for name, value in kept[1]["form"]])
    return read_form(act, form, typed, is_task=True)
