"""What follows from a write: values of other records that depend on it, in the same transaction.

A write is followed edge by edge of the app's graph, in its order, so that each value is computed
once from values that are final, and only where something it reads has really changed. What was
decided keeps what it said; only what is computed from a roll-up goes on with it. Derived values
raise no version and write no history: they say again what other records say already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from runtime.compile.aggregates import feeds_of
from runtime.compile.edges import label_of
from runtime.compile.graph import Edge, Node
from runtime.compile.model import Form, Siblings
from runtime.documents import affected, aggregates, recompute, rollups, stored
from runtime.documents.affected import TooManyError
from runtime.documents.computing import (
    Change,
    Computing,
    differs,
    program_of,
    with_value,
    write,
    write_search_texts,
)
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, ValidationFailed
from runtime.query import Record

# Records that point to what was changed, or ask for its key: so many follow in the act itself.
MOST_REACHED: Final = 5_000
# Where nothing says which records read it, all of a form do: so many follow in the act itself.
MOST_OF_ALL: Final = 1_000
# What one act may make of itself in the end.
MOST_COMPUTED: Final = 50_000

_Key = tuple[str, int]


def changed(act: Act, form: Form, before: Record | None, after: Record | None) -> Record | None:
    """Bring up to date what depends on a record; None before is a new one, None after is gone.

    Returns the record as it stands now: something may have come back to it.
    """
    if form.code not in form.siblings.graph.forms_read:
        return after
    wave = _Wave(act, form.siblings)
    wave.begin(form, before, after)
    wave.run()
    if after is None:
        return None
    now = wave.now[form.code, after.id]
    return now and replace(after, values=now.values, lines=now.lines)


def made(act: Act, form: Form, records: Sequence[Record]) -> None:
    """The same for many new records in one go."""
    wave = _Wave(act, form.siblings)
    for record in records:
        wave.begin(form, None, record)
    wave.run()


@dataclass
class _Wave:
    """One write and everything that follows from it."""

    act: Act
    forms: Siblings
    # What has to be computed again: by field, the ids of the records.
    pending: dict[Node, set[int]] = field(default_factory=dict)
    # What has to be added up again: by roll-up or figure, the records that feed it.
    feeding: dict[Node, set[_Key]] = field(default_factory=dict)
    # Records as they stand, and as roll-ups and aggregate tables know them.
    now: dict[_Key, Record | None] = field(default_factory=dict)
    told: dict[str, dict[_Key, Record | None]] = field(
        default_factory=lambda: {"rollup": {}, "aggregate": {}}
    )
    searched: set[_Key] = field(default_factory=set)
    left: int = field(default_factory=lambda: MOST_COMPUTED)

    def begin(self, form: Form, before: Record | None, after: Record | None) -> None:
        """Note what was written. Its own record was computed as a whole before it was."""
        self._note(form, before, after, is_first=True)

    def run(self) -> None:
        """Follow it, until nothing changes any more; the graph has no circle, so that ends."""
        while self.pending or self.feeding:
            node = min({*self.pending, *self.feeding}, key=self._turn)
            if node in self.feeding:
                self._feed(node)
            else:
                self._compute(node)
        self._write_search_texts()

    def _turn(self, node: Node) -> tuple[bool, int]:
        """Aggregate tables last: what they check has to be final."""
        return self.forms[node.form].aggregate is not None, self.forms.graph.rank[node]

    # -- what follows from a change

    def _note(
        self, form: Form, before: Record | None, after: Record | None, *, is_first: bool = False
    ) -> None:
        record = after or before
        assert record is not None, "something was written"
        key = form.code, record.id
        for known in self.told.values():
            known.setdefault(key, before)
        self.now[key] = after
        for edge in self.forms.graph.readers_of.get(form.code, ()):
            if not (is_first and edge.how == "record") and _is_touched(edge, before, after):
                self._follow(edge, form, before, after)

    def _follow(self, edge: Edge, form: Form, before: Record | None, after: Record | None) -> None:
        record = after or before
        assert record is not None, "something was written"
        if edge.how in self.told:
            self.feeding.setdefault(edge.node, set()).add((form.code, record.id))
            return
        if program_of(self.forms[edge.node.form], edge.node) is None:
            return
        if edge.how == "record":
            self.pending.setdefault(edge.node, set()).add(record.id)
            return
        self._reach(edge, [each for each in (before, after) if each])

    def _reach(self, edge: Edge, rows: Sequence[Record]) -> None:
        """Note which records an edge leads to; too many of them are left to a job."""
        connection, target = self.act.connection, self.forms[edge.node.form]
        try:
            if edge.how == "table":
                counting = [row for row in rows if row.form.counts(row.status)]
                most = MOST_REACHED if edge.narrow else MOST_OF_ALL
                ids = affected.asking(connection, target, edge, counting, most)
            else:
                ids = {row.id for row in rows}
                ids = affected.pointing(connection, target, edge, ids, MOST_REACHED)
        except TooManyError:
            recompute.ask(self.act, target, [edge.node])
            return
        self.pending.setdefault(edge.node, set()).update(ids)

    # -- roll-ups and aggregate tables

    def _feed(self, node: Node) -> None:
        how = "rollup" if self.forms[node.form].aggregate is None else "aggregate"
        for key in sorted(self.feeding.pop(node)):
            was, now = self.told[how][key], self.now[key]
            if was is now:
                continue
            self.told[how][key] = now
            form = self.forms[key[0]]
            if how == "rollup":
                self._rolled_up(rollups.apply(self.act, form, was, now))
            elif aggregates.apply(self.act, form, was, now):
                self._added_up(form, was, now)

    def _rolled_up(self, changes: rollups.Changed) -> None:
        for code in sorted({form for form, _ in changes}):
            form = self.forms[code]
            ids = [key for owner, key in changes if owner == code]
            for record in stored.lock_several(self.act, form, ids):
                values = {**record.values, **changes[code, record.id]}
                self._note(form, replace(record, values=values), record)

    def _added_up(self, form: Form, was: Record | None, now: Record | None) -> None:
        """Let those follow who read a group to which the record belonged or belongs."""
        for table, feed in feeds_of(form):
            assert table.aggregate is not None, "a feed is of an aggregate table"
            groups = {
                key for record in (was, now) for key, _ in aggregates.brought(table, feed, record)
            }
            codes = [each.code for each in table.aggregate.dimensions]
            records = [_group(table, dict(zip(codes, key, strict=True))) for key in groups]
            for edge in self.forms.graph.readers_of.get(table.code, ()) if records else ():
                if program_of(self.forms[edge.node.form], edge.node) is not None:
                    self._reach(edge, records)

    # -- computing

    def _compute(self, node: Node) -> None:
        """Compute one field of some records again, and write it where it is different."""
        form = self.forms[node.form]
        program = program_of(form, node)
        assert program is not None, "only what has a program is computed"
        records = self._rows(node, self.pending.pop(node))
        self.left -= len(records)
        if self.left < 0:
            raise Conflict("too_much_follows", {"most": MOST_COMPUTED})
        found = Computing.of(self.act, form, records).computed(records, (program,))
        changes: list[Change] = []
        try:
            for record, values in found:
                after = with_value(record, node, values)
                if differs(node, record, after):
                    changes.append((record, after))
        except ValidationFailed as error:
            raise Conflict("too_large_elsewhere", {"label": label_of(self.forms, node)}) from error
        write(self.act, form, node, changes)
        for before, after in changes:
            if node.lines is None and node.field in form.search_fields:
                self.searched.add((form.code, after.id))
            self._note(form, before, after)

    def _rows(self, node: Node, ids: set[int]) -> list[Record]:
        """The records, locked, as they stand: those whose value of the field still changes."""
        form = self.forms[node.form]
        unknown = [key for key in ids if (form.code, key) not in self.now]
        for record in stored.lock_several(self.act, form, unknown):
            self.now[form.code, record.id] = record
        known = (self.now.get((form.code, key)) for key in sorted(ids))
        follows = node in self.forms.graph.of_rollups
        return [each for each in known if each and (follows or form.may_change(each.status))]

    def _write_search_texts(self) -> None:
        """What a record is found by follows the values it is made of."""
        for code in sorted({form for form, _ in self.searched}):
            found = (self.now[key] for key in sorted(self.searched) if key[0] == code)
            write_search_texts(self.act, self.forms[code], [each for each in found if each])


def _is_touched(edge: Edge, before: Record | None, after: Record | None) -> bool:
    """Whether what an edge reads is different now for the one who reads it."""
    if edge.how in ("record", "via", "live"):
        return before is not None and after is not None and differs(edge.reads, before, after)
    did, does = (each is not None and each.form.counts(each.status) for each in (before, after))
    if did != does or before is None or after is None:
        return did or does
    return did and differs(edge.reads, before, after)


def _group(table: Form, values: Mapping[str, Any]) -> Record:
    """A row of an aggregate table, as far as its dimensions go."""
    moment = datetime.min.replace(tzinfo=UTC)
    return Record(table, 0, 0, "", values, {}, None, moment, None, moment)
