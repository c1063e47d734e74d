"""Which records entries mean: found by the fields a person chose as the key."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select

from runtime import access
from runtime.exchange.adoption import ImportPlan
from runtime.exchange.reading import Key
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.query import Record, records_by_id

CHUNK: Final = 500


class Matches:
    """The records of some keys as they stand; the actor finds only what they may see."""

    def __init__(self, act: Act, plan: ImportPlan, keys: Iterable[Key | None]) -> None:
        wanted = {key for key in keys if key is not None} if plan.mode != "add" else set()
        self._ids = _found(act, plan, wanted)
        ids = [key for found in self._ids.values() for key in found]
        mine = access.row_condition(act.actor, plan.form)
        self._records = records_by_id(act.connection, plan.form, ids, mine) if ids else {}

    def record(self, key: Key | None) -> Record | None:
        """Return the record a key means; two of them are one too many."""
        ids = self._ids.get(key, []) if key is not None else []
        if len(ids) > 1:
            raise Conflict("import_key_ambiguous", {"count": len(ids)})
        return self._records.get(ids[0]) if ids else None

    def ids(self) -> list[int]:
        """The records that were found."""
        return list(self._records)


def _found(act: Act, plan: ImportPlan, wanted: set[Key]) -> Mapping[Key, list[int]]:
    columns = [plan.form.by_code[code].column for code in plan.key]
    if not wanted or not columns:
        return {}
    head = plan.form.table.c
    condition = access.row_condition(act.actor, plan.form)
    found: dict[Key, list[int]] = {}
    firsts = sorted({key[0] for key in wanted}, key=str)
    for start in range(0, len(firsts), CHUNK):
        first = columns[0]
        assert first is not None, "a key is kept"
        query = select(head.id, *(column for column in columns if column is not None))
        query = query.where(first.in_(firsts[start : start + CHUNK]), head.status != "cancelled")
        if condition is not None:
            query = query.where(condition)
        for record_id, *values in act.connection.execute(query):
            key: tuple[Any, ...] = tuple(values)
            if key in wanted:
                found.setdefault(key, []).append(int(record_id))
    return found
