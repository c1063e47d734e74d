"""What is kept of one document's approvals, each kind of thing read once for who tells of it."""

from functools import cached_property

from runtime.infra.act import Act
from runtime.workflow import inbox
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instances import Run, Subject, replayed
from runtime.workflow.kept import Kept, read_logs
from runtime.workflow.tables import instances


class Dossier:
    """The approvals of a document as they were when they were first asked for.

    It is for telling, inside one transaction that changes nothing; whoever acts on a run loads it.
    """

    def __init__(self, act: Act, subject: Subject) -> None:
        self.act, self.subject = act, subject

    @cached_property
    def approvals(self) -> tuple[Kept, ...]:
        """Every approval with its log, the first one first."""
        return tuple(
            read_logs(
                self.act,
                instances.c.app == self.subject.app,
                instances.c.form == self.subject.form,
                instances.c.record_id == self.subject.record_id,
                instances.c.kind == "approval",
            )
        )

    @cached_property
    def latest(self) -> Run | None:
        """The latest approval, whatever became of it."""
        return replayed(self.act, self.approvals[-1]) if self.approvals else None

    @cached_property
    def items(self) -> tuple[InboxItem, ...]:
        """Every task there has been about the document, in the order they were asked."""
        about = self.subject
        return inbox.of_record(self.act, about.app, about.form, about.record_id)

    def of_run(self, run_id: int) -> list[InboxItem]:
        """The tasks of one of its runs."""
        return [each for each in self.items if each.instance_id == run_id]
