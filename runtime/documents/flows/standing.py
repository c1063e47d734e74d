"""Where a document stands in its flow, read once for everything a page says of it."""

from collections.abc import Collection, Mapping
from functools import cached_property

from runtime.compile.model import Form
from runtime.documents.flows.facts import DocumentFacts
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.kinds.node_type import Step, Visit
from runtime.query import Record, records_by_id
from runtime.workflow import acts, approvers
from runtime.workflow.acts import Mine
from runtime.workflow.approvers import Looking
from runtime.workflow.dossier import Dossier
from runtime.workflow.inbox import InboxItem
from runtime.workflow.instance import Instance
from runtime.workflow.instances import Run, Subject
from runtime.workflow.world import Found


class Standing:
    """A document, its approvals, and what the actor is asked about it.

    Nothing is read before it is asked for, and nothing twice: a page tells of one moment. `whole`
    is the document with everything in it, for whoever has read it.
    """

    def __init__(
        self,
        act: Act,
        form: Form,
        record_id: int,
        task: InboxItem | None = None,
        whole: Record | None = None,
    ) -> None:
        self.act, self.form, self.record_id, self.task = act, form, record_id, task
        self.dossier = Dossier(act, Subject(form.app_code, form.code, record_id))
        self._whole = whole
        self._names: dict[int, str] = {}

    @property
    def run(self) -> Run | None:
        """The latest approval of the document."""
        return self.dossier.latest

    @cached_property
    def mine(self) -> Mine | None:
        """The actor's task in its run, None where there is none; one that is over is refused."""
        if self.task is None:
            return None
        run = self.run
        is_its = run is not None and run.id == self.task.instance_id
        return acts.own(self.act, self.task, run if is_its else None)

    @cached_property
    def facts(self) -> DocumentFacts:
        """The document as it stands, for conditions and formulas, whatever its reader may see."""
        whole = self._whole
        if whole is None:
            whole = records_by_id(self.act.connection, self.form, [self.record_id]).get(
                self.record_id
            )
        if whole is None:
            raise NotFound
        return DocumentFacts.of(self.act, whole)

    def looking(self, instance: Instance, visit: Visit) -> Looking:
        """Where the people of a step are looked for."""
        form = self.form
        return Looking(self.act, instance, visit, self.facts, form.app_code, form.code)

    def people(self, instance: Instance, visit: Visit, step: Step) -> Found:
        """Whom a step would ask."""
        return approvers.find(self.looking(instance, visit), step)

    def names(self, ids: Collection[int | None]) -> Mapping[int, str]:
        """What to call these people."""
        wanted = {each for each in ids if each is not None}
        unknown = wanted - self._names.keys()
        self._names.update(users.names(self.act.connection, unknown))
        return {each: self._names[each] for each in wanted if each in self._names}

    @cached_property
    def colleagues(self) -> tuple[tuple[int, str], ...]:
        """Everybody who may sign in, by name: whom one may hand something to, or tell."""
        return users.working(self.act.connection)
