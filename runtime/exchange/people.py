"""People and departments in workbooks: by what they are called or sign in with."""

import re
from typing import Any, Final

from runtime.exchange.adoption import ImportPlan, Target
from runtime.infra import departments, users
from runtime.infra.act import Act
from runtime.kinds.families import DEPARTMENTS, PEOPLE, PICKED
from runtime.kinds.field_type import Unreadable

_BETWEEN: Final = re.compile(r"[,，、;；]")


class People:
    """Names -> ids for the columns of an import; a name that two have means nobody."""

    def __init__(self, act: Act, plan: ImportPlan) -> None:
        self._known: dict[str, dict[str, set[int]]] = {}
        kinds = {target.field.kind.kind for target in plan.targets}
        if kinds & PEOPLE:
            known = self._known.setdefault("people", {})
            for user in users.everybody(act.connection):
                for name in {user.name, user.display_name}:
                    known.setdefault(name, set()).add(user.id)
        if kinds & DEPARTMENTS:
            known = self._known.setdefault("departments", {})
            for department in departments.everyone(act.connection):
                known.setdefault(department.name, set()).add(department.id)

    def value_of(self, target: Target, text: str) -> Any:
        """The id a cell means, several where the field holds several; Unreadable for nobody."""
        kind = target.field.kind.kind
        known = self._known["departments" if kind in DEPARTMENTS else "people"]
        if kind not in PICKED:
            return self._one(known, text.strip())
        found = [self._one(known, each.strip()) for each in _BETWEEN.split(text)]
        wrong = next((each for each in found if isinstance(each, Unreadable)), None)
        return wrong or tuple(dict.fromkeys(each for each in found if each is not None)) or None

    @staticmethod
    def _one(known: dict[str, set[int]], text: str) -> Any:
        if not text:
            return None
        ids = known.get(text, set())
        if len(ids) == 1:
            return next(iter(ids))
        return Unreadable(text[:60], "reference_unknown")
