"""What many new records of one form need to be prepared, read once for all of them.

Nothing is written while they are prepared, so what was read stays true; what two of them claim at
once the first one gets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from runtime.compile import validate
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.compile.programs import wanted_references
from runtime.documents import references
from runtime.documents.references import Loaded, Referenced
from runtime.documents.related import Far, far
from runtime.documents.taken import unique_fields
from runtime.infra.act import Act
from runtime.infra.errors import Problem

CHUNK: Final = 500
_Claim = tuple[tuple[str, ...], tuple[Any, ...]]
Read = tuple[dict[str, Any], list[Problem]]


@dataclass
class Crowd:
    """The records they point to, the values others have, the columns formulas read."""

    act: Act
    form: Form
    loaded: dict[str, dict[int, Referenced]] = field(default_factory=dict)
    asked: dict[str, set[int]] = field(default_factory=dict)
    # By the code of a field that is unique by itself: which of the values sent others have.
    known: dict[str, set[Any]] = field(default_factory=dict)
    held: dict[str, set[Any]] = field(default_factory=dict)
    claims: set[_Claim] = field(default_factory=set)
    columns: dict[Any, Any] = field(default_factory=dict)
    # What the validator made of each that was sent, by the identity of what was sent.
    checked: dict[int, Read] = field(default_factory=dict)

    @classmethod
    def of(cls, act: Act, form: Form, sent: Sequence[Mapping[str, Any]]) -> "Crowd":
        """Read what they need."""
        crowd = cls(act, form)
        crowd.checked = {id(values): validate(form, values) for values in sent}
        clean = [values for values, _problems in crowd.checked.values()]
        wanted: dict[str, set[int]] = {}
        for values in clean:
            for code, ids in wanted_references(form, values).items():
                wanted.setdefault(code, set()).update(ids)
        crowd._load(wanted)
        for fields in unique_fields(form):
            if len(fields) == 1:
                crowd._look(fields[0], {values.get(fields[0].code) for values in clean} - {None})
        return crowd

    def read(self, sent: Mapping[str, Any]) -> Read:
        """What the validator makes of one of them; kept once, for it is written in afterwards."""
        found = self.checked.pop(id(sent), None)
        return validate(self.form, sent) if found is None else found

    def load(self, values: Mapping[str, Any]) -> Loaded:
        """The records the values of one point to."""
        wanted = wanted_references(self.form, values)
        rest = {code: ids - self.asked.get(code, set()) for code, ids in wanted.items()}
        self._load({code: ids for code, ids in rest.items() if ids})
        return {
            code: {key: self.loaded[code][key] for key in ids if key in self.loaded.get(code, ())}
            for code, ids in wanted.items()
        }

    def far(self, loaded: Loaded) -> Far:
        """What formulas read beyond a record; columns of other forms are read once."""
        found = far(self.act, self.form, loaded)
        found.held = self.columns
        return found

    def is_claimed(self, fields: Sequence[Field], wanted: Sequence[Any]) -> bool:
        """Whether an earlier one of them has these values."""
        return _claim(fields, wanted) in self.claims

    def may_be_held(self, fields: Sequence[Field], wanted: Sequence[Any]) -> bool:
        """Whether a record that is there may have these values: then who it is has to be asked."""
        code, value = fields[0].code, wanted[0]
        if len(fields) > 1 or value not in self.known.get(code, ()):
            return True
        return value in self.held[code]

    def claim(self, values: Mapping[str, Any]) -> None:
        """Keep what is unique for one that is going to be written."""
        for fields in unique_fields(self.form):
            wanted = [values.get(item.code) for item in fields]
            if not any(value is None for value in wanted):
                self.claims.add(_claim(fields, wanted))

    def _load(self, wanted: Mapping[str, set[int]]) -> None:
        for code, found in references.load_wanted(self.act, self.form, wanted).items():
            self.loaded.setdefault(code, {}).update(found)
        for code, ids in wanted.items():
            self.asked.setdefault(code, set()).update(ids)

    def _look(self, item: Field, values: set[Any]) -> None:
        column, wanted = item.column, sorted(values, key=str)
        assert column is not None, "what is unique is kept"
        found: set[Any] = set()
        for start in range(0, len(wanted), CHUNK):
            query = select(column).where(column.in_(wanted[start : start + CHUNK]))
            found.update(self.act.connection.execute(query).scalars())
        self.known[item.code], self.held[item.code] = values, found


def _claim(fields: Sequence[Field], wanted: Sequence[Any]) -> _Claim:
    return tuple(item.code for item in fields), tuple(wanted)
