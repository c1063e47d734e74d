"""The way of a document through its flow: who did what when, how long it took, what comes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask import url_for

from runtime.documents import Happening, comments, history_of
from runtime.documents.flows import preview
from runtime.documents.flows.standing import Standing
from runtime.infra import files as stored_files
from runtime.infra.act import Act
from runtime.query import Record
from runtime.screens.form_fields import File
from runtime.screens.i18n import _, joined, label, locale
from runtime.screens.inbox.conditions import reason_of, way_words
from runtime.screens.inbox.spans import lasted
from runtime.screens.inbox.words import deed_of, state_of
from runtime.workflow import timeline
from runtime.workflow.simulate import PathStep
from runtime.workflow.timeline import Round

HISTORY: Final = 200
SHOWN: Final = frozenset({"approve", "fill", "copy", "start"})


@dataclass(frozen=True)
class Entry:
    """One thing that happened, is awaited or will come.

    Kinds: done, bad, back, now, off, say, next, gap (nobody to ask), round (a new round begins).
    """

    kind: str
    icon: str
    person: str
    what: str
    at: datetime | None = None
    lasted: str = ""
    comment: str = ""
    why: str = ""
    changes: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    signature: str = ""


class Told(NamedTuple):
    """How an answer looks in a story."""

    kind: str
    icon: str


TOLD: Final = {
    "approved": Told("done", "check"),
    "filled": Told("done", "pencil"),
    "rejected": Told("bad", "x"),
    "sent_back": Told("back", "arrow-back-up"),
    "reassigned": Told("off", "arrow-forward-up"),
    "delegated": Told("off", "user-check"),
    "urged": Told("off", "bell"),
    "reminded": Told("off", "alarm"),
    "copied": Told("off", "send"),
    "added": Told("off", "users"),
    "removed": Told("off", "user-square"),
    "taken_back": Told("back", "arrow-back-up"),
    "withdrawn": Told("back", "arrow-back-up"),
    "terminated": Told("bad", "ban"),
    "reactivated": Told("back", "refresh"),
}


def story_of(
    act: Act, standing: Standing, record: Record, *, has_talk: bool = True
) -> tuple[Entry, ...]:
    """Tell the story of a record, the first thing first, what is still to come last.

    `act` is the reader's, `record` what they see. `has_talk`: what was said beside the answers
    stands among them.
    """
    rounds = timeline.rounds_of(standing.dossier)
    teller = _Teller(act, standing, record, rounds)
    made = Entry("done", "pencil", teller.name(record.created_by), _("制单"), record.created_at)
    told = [made, *(entry for each in rounds for entry in teller.round(each))]
    if has_talk:
        told += teller.talk()
        told.sort(key=lambda entry: entry.at or act.now)
    return (*told, *teller.ahead())


class _Teller:
    """Puts the rounds of one record into words."""

    def __init__(
        self, act: Act, standing: Standing, record: Record, rounds: tuple[Round, ...]
    ) -> None:
        self.act, self.standing, self.record = act, standing, record
        self.run = standing.run
        entries = [entry for each in rounds for entry in each.entries]
        people = {record.created_by, *(each.initiator_id for each in rounds)}
        people |= {entry.user_id for entry in entries} | {entry.for_id for entry in entries}
        people |= {to for entry in entries for to in _others(entry.more)}
        self.names = standing.names(people)
        self.changed = self._changed() if entries else {}
        kept = {key for entry in entries for key in _kept(entry.more)}
        self.files = {each.id: each for each in stored_files.several(act.connection, kept)}

    def name(self, user_id: int | None) -> str:
        """What a person is called."""
        return _("系统") if user_id is None else self.names.get(user_id, f"#{user_id}")

    def round(self, each: Round) -> Iterator[Entry]:
        """One time through the flow."""
        if each.number > 1:
            yield Entry("round", "", "", _("第 %(n)s 轮", n=each.number), each.started_at)
        person = self.name(each.initiator_id)
        yield Entry("done", "send", person, _("提交"), each.started_at)
        for entry in each.entries:
            found = self._task(each, entry) if entry.task_id else self._deed(entry)
            if found is not None:
                yield found

    def talk(self) -> Iterator[Entry]:
        """What was said beside the answers."""
        for each in comments.about(self.act, self.record):
            if not each.is_withdrawn:
                text = "".join(part for part, _named in each.parts)
                files = tuple(_file(one) for one in each.files)
                yield Entry(
                    "say", "message", each.author, _("留言"), each.at, comment=text, files=files
                )

    def ahead(self) -> Iterator[Entry]:
        """What is still to come, with whom it would ask as things stand."""
        if self.run is None or self.run.instance.state != "running":
            return
        path = preview.ahead(self.standing, self.run)
        ids = {each.user_id for step in path.steps for each in step.people}
        names = self.standing.names(ids)
        because = ""
        for step in path.steps:
            if step.kind == "branch":
                form, flow = self.record.form, path.flow
                because = way_words(self.act, form, flow, step.step_id, step.ways)
            if step.kind not in SHOWN and step.state not in ("nobody", "refused"):
                continue
            yield coming(step, label(path.flow.labels.get(step.step_id)), names, because)
            because = ""

    def _changed(self) -> Mapping[tuple[int | None, datetime], tuple[str, ...]]:
        """What people changed in the same moment in which they answered."""
        told: tuple[Happening, ...] = history_of(
            self.act, self.record, locale=locale(), limit=HISTORY
        )
        return {(each.user_id, each.at): each.changes for each in told if each.action == "update"}

    def _task(self, each: Round, entry: timeline.Entry) -> Entry | None:
        step, person = label(entry.label), self.name(entry.user_id)
        if entry.for_id is not None:
            person = _("%(name)s（代%(other)s）", name=person, other=self.name(entry.for_id))
        if entry.state == "waiting":
            return None
        why = self._why(each, entry)
        if entry.state == "open":
            what = _("等待处理 · %(step)s", step=step)
            waited = lasted(entry.opened_at, self.act.now)
            return Entry("now", "", person, what, entry.opened_at, waited, why=why)
        took = lasted(entry.opened_at, entry.closed_at) if entry.closed_at else ""
        known = TOLD.get(entry.state, Told("off", ""))
        what = " · ".join((state_of(entry.state)[0] or _("不必处理"), step))
        changes = self.changed.get((entry.user_id, entry.closed_at or entry.opened_at), ())
        found = Entry(
            known.kind, known.icon, person, what, entry.closed_at, took, entry.comment, why
        )
        if known.kind == "off":
            return replace(found, lasted="")
        return replace(found, changes=changes, **self._vouched(entry.more))

    def _vouched(self, more: Mapping[str, object]) -> dict[str, Any]:
        signed = self.files.get(_id(more.get("signature")))
        picture = url_for("screens.show_picture", file_id=signed.id) if signed else ""
        listed = more.get("attachments")
        ids = listed if isinstance(listed, list) else []
        files = tuple(_file(self.files[key]) for key in ids if key in self.files)
        return {"signature": picture, "files": files}

    def _why(self, each: Round, entry: timeline.Entry) -> str:
        if self.run is None or each.instance_id != self.run.id:
            return ""
        return reason_of(self.act, self.record.form, self.run.instance, entry.visit)

    def _deed(self, entry: timeline.Entry) -> Entry | None:
        words = deed_of(entry.state)
        if not words:
            return None
        known = TOLD.get(entry.state, Told("off", ""))
        others = joined(self.name(each) for each in _others(entry.more))
        what = f"{words} {others}".strip()
        person = self.name(entry.user_id)
        return Entry(known.kind, known.icon, person, what, entry.opened_at, comment=entry.comment)


def coming(step: PathStep, name: str, names: Mapping[int, str], because: str) -> Entry:
    """A step that has not begun."""
    who = joined(names.get(each.user_id, f"#{each.user_id}") for each in step.people)
    if step.state in ("nobody", "refused"):
        return Entry(
            "gap", "alert-triangle", "", _("%(step)s：没有人可以处理", step=name), why=because
        )
    if step.state == "passed":
        return Entry("off", "", "", _("%(step)s：自动跳过", step=name), why=because)
    what = _("抄送 · %(step)s", step=name) if step.kind == "copy" else name
    return Entry("next", "", who, what, why=because)


def _others(more: Mapping[str, object]) -> list[int]:
    """Whom something was done with."""
    found = [more.get("to_id"), more.get("added_id")]
    listed = more.get("to")
    if isinstance(listed, list):
        found += listed
    return [each for each in found if isinstance(each, int)]


def _kept(more: Mapping[str, object]) -> list[int]:
    listed = more.get("attachments")
    ids = [more.get("signature"), *(listed if isinstance(listed, list) else [])]
    return [each for each in ids if isinstance(each, int)]


def _id(value: object) -> int:
    return value if isinstance(value, int) else 0


def _file(file: stored_files.StoredFile) -> File:
    is_picture = file.media_type in stored_files.PICTURE_TYPES
    picture = url_for("screens.show_picture", file_id=file.id) if is_picture else ""
    return File(file.id, file.name, url_for("screens.download_file", file_id=file.id), picture)
