"""Every place of a flow where a field stands: in a formula, or by its code.

The one list of them: what is checked before publishing, asked before a field goes, followed when a
field gets another code, and written by ids when a flow is kept.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

Json = Mapping[str, Any]
Step = str | int
# What a place is for.
CONDITION: Final = "condition"
CHECK: Final = "check"
PEOPLE: Final = "people"
TIME: Final = "time"
ACCESS: Final = "access"
LINES: Final = "lines"
WRITTEN: Final = "written"
VALUE: Final = "value"
MATCH: Final = "match"
TEXT: Final = "text"
TRIGGER: Final = "trigger"
START: Final = "start"


@dataclass(frozen=True)
class FieldAt:
    """A field by its code: of the header of a form, or of one of its line tables."""

    form: str
    lines: str | None
    code: str


@dataclass(frozen=True)
class FlowPlace:
    """A place of a flow: of which flow and form, at which step or branch, and what it is for.

    `step` is empty for what belongs to the flow itself. `steps` lead to `text` in the JSON of the
    app.
    """

    flow: str
    form: str
    step: str
    sort: str
    text: str
    steps: tuple[Step, ...]

    @property
    def pointer(self) -> str:
        """Where it stands in the app, as problems say it."""
        return "/" + "/".join(str(each) for each in self.steps)


@dataclass(frozen=True)
class FlowFormula(FlowPlace):
    """A formula of a flow; `lines` is the line table whose rows it reads beside the header."""

    lines: str | None = None


@dataclass(frozen=True)
class FlowField(FlowPlace):
    """A code or path in a flow; `fields` are those it names, one for each part between dots.

    `is_key`: the text is no value but the name of a member, the last of `steps`.
    """

    fields: tuple[FieldAt, ...] = ()
    is_key: bool = False


def flow_places(source: Json) -> Iterator[FlowFormula | FlowField]:
    """Yield every formula and every field of the flows of an app, in the order they are written."""
    for index, flow in enumerate(source.get("workflows", ())):
        yield from _Walk(source, flow, index).every()


@dataclass(frozen=True)
class _Here:
    """Where the walk is: the way into the JSON, the step, the line table of a loop round it."""

    steps: tuple[Step, ...]
    step: str = ""
    lines: str | None = None

    def into(self, *names: Step) -> "_Here":
        return replace(self, steps=(*self.steps, *names))


Found = Iterator[FlowFormula | FlowField]


class _Walk:
    """Goes through one flow; holds what its parts share."""

    def __init__(self, source: Json, flow: Json, index: int) -> None:
        self.source, self.flow, self.index = source, flow, index
        self.forms = {each["code"]: each for each in source.get("forms", ())}
        self.own = str(flow.get("form"))
        self.members: Mapping[str, Callable[[Any, _Here, Json], Found]] = {
            "who": self._who, "deputy": self._who, "limit": self._limit,
            "buttons": self._buttons, "check": self._checks, "access": self._access,
            "lines": self._lines, "updates": self._updates, "set": self._set,
            "send": self._values, "match": self._match, "sort": self._sort, "rows": self._rows,
            "until": self._moment, "when": self._condition, "text": self._text,
        }  # fmt: skip

    def every(self) -> Found:
        """All of the flow."""
        here = _Here(("workflows", self.index))
        yield from self._trigger(self.flow.get("trigger", {}), here.into("trigger"))
        start: Json = self.flow.get("start", {})
        inner = replace(here.into(START), step=START)
        yield from self._access(start.get("access"), inner.into("access"), start)
        yield from self._written(start.get("updates"), inner.into("updates"), self.own)
        called = _lines_called(self.source, self.flow)
        lines = called if self._columns(self.own, called) is not None else None
        yield from self._steps(self.flow.get("steps", ()), replace(here.into("steps"), lines=lines))

    def _steps(self, steps: Any, here: _Here) -> Found:
        for index, step in enumerate(steps):
            at = replace(here.into(index), step=str(step["id"]))
            for name, value in step.items():
                if name in self.members:
                    yield from self.members[name](value, at.into(name), step)
            for number, branch in enumerate(step.get("branches", ())):
                inner = replace(at.into("branches", number), step=str(branch["id"]))
                yield from self._condition(branch.get("when"), inner.into("when"), step)
                yield from self._steps(branch.get("steps", ()), inner.into("steps"))
            yield from self._steps(step.get("steps", ()), self._inside(step, at.into("steps")))

    def _inside(self, step: Json, here: _Here) -> _Here:
        """Inside a loop over lines a formula reads the line too, and in a part called for each."""
        lines = step.get("lines") if step["type"] in {"loop", "subflow"} else None
        return replace(here, lines=lines) if self._columns(self.own, lines) is not None else here

    def _trigger(self, trigger: Json, here: _Here) -> Found:
        for index, code in enumerate(trigger.get("fields", ())):
            yield self._field(TRIGGER, code, here.into("fields", index), self.own)
        for name in ("field", "key"):
            if name in trigger:
                yield self._field(TRIGGER, trigger[name], here.into(name), self.own)
        for code in trigger.get("map", ()):
            at = here.into("map", code)
            yield self._field(TRIGGER, code, at, self.own, is_key=True)
        yield from self._formula(TRIGGER, trigger.get("when"), here.into("when"))

    def _who(self, who: Any, here: _Here, step: Json) -> Found:
        if not isinstance(who, Mapping):
            return
        if who.get("field"):
            yield self._field(PEOPLE, who["field"], here.into("field"), self.own)
        yield from self._formula(PEOPLE, who.get("formula"), here.into("formula"))
        yield from self._who(who.get("within"), here.into("within"), step)
        for index, each in enumerate(who.get("of", ())):
            yield from self._who(each, here.into("of", index), step)

    def _limit(self, limit: Json, here: _Here, step: Json) -> Found:
        yield from self._moment(limit.get("until"), here.into("until"), step)
        yield from self._who(limit.get("to"), here.into("to"), step)

    def _moment(self, moment: Any, here: _Here, _step: Json) -> Found:
        if isinstance(moment, Mapping) and "field" in moment:
            yield self._field(TIME, moment["field"], here.into("field"), self.own)

    def _buttons(self, buttons: Json, here: _Here, step: Json) -> Found:
        for name, button in buttons.items():
            if isinstance(button, Mapping):
                yield from self._who(button.get("within"), here.into(name, "within"), step)

    def _checks(self, checks: Any, here: _Here, _step: Json) -> Found:
        for index, check in enumerate(checks):
            yield from self._formula(CHECK, check.get("when"), here.into(index, "when"))

    def _condition(self, text: Any, here: _Here, _step: Json) -> Found:
        yield from self._formula(CONDITION, text, here)

    def _text(self, text: Any, here: _Here, _step: Json) -> Found:
        yield from self._formula(TEXT, text, here)

    def _access(self, access: Any, here: _Here, _step: Json) -> Found:
        for path in access or ():
            yield self._field(ACCESS, path, here.into(path), self.own, is_key=True)

    def _lines(self, lines: Any, here: _Here, _step: Json) -> Found:
        """Rights to add and delete lines; of a loop or a sub-flow the lines it goes through."""
        if isinstance(lines, str):
            yield self._field(LINES, lines, here, self.own)
            return
        for code in lines:
            yield self._field(LINES, code, here.into(code), self.own, is_key=True)

    def _updates(self, updates: Json, here: _Here, _step: Json) -> Found:
        for event, values in updates.items():
            yield from self._written(values, here.into(event), self.own)

    def _set(self, values: Json, here: _Here, step: Json) -> Found:
        yield from self._written(values, here, self._target(step))

    def _rows(self, rows: Json, here: _Here, step: Json) -> Found:
        form = self._target(step)
        yield self._field(WRITTEN, rows.get("to"), here.into("to"), form)
        if "from" in rows:
            yield self._field(LINES, rows["from"], here.into("from"), self.own)
        inner = here.into("set")
        if self._columns(self.own, rows.get("from")) is not None:
            inner = replace(inner, lines=rows["from"])
        yield from self._written(rows.get("set"), inner, form, rows.get("to"))

    def _match(self, values: Any, here: _Here, step: Json) -> Found:
        """What a record is found by; of a branch it is a word that says which ways are taken."""
        for code, value in values.items() if isinstance(values, Mapping) else ():
            yield self._field(MATCH, code, here.into(code), str(step.get("form")), is_key=True)
            if _is_formula(value):
                yield from self._formula(MATCH, value, here.into(code))

    def _sort(self, sort: Any, here: _Here, step: Json) -> Found:
        yield self._field(MATCH, sort, here, str(step.get("form")))

    def _written(self, values: Any, here: _Here, form: str, lines: Any = None) -> Found:
        """Values by the codes of the fields they are written into."""
        for code in values or ():
            at = here.into(code)
            path = (FieldAt(form, lines if isinstance(lines, str) else None, code),)
            yield FlowField(*self._of(WRITTEN, code, at), path, is_key=True)
        yield from self._values(values or {}, here, {})

    def _values(self, values: Json, here: _Here, _step: Json) -> Found:
        """What is written or sent: formulas, and fields of records that steps found or made."""
        for code, value in values.items():
            at = here.into(code)
            if _is_formula(value):
                yield from self._formula(VALUE, value, at)
            elif isinstance(value, Mapping) and "field" in value:
                form = self._made(value.get("from"))
                yield self._field(VALUE, value["field"], at.into("field"), form)

    def _formula(self, sort: str, text: Any, here: _Here) -> Found:
        if isinstance(text, str) and text:
            yield FlowFormula(*self._of(sort, text, here), here.lines)

    def _field(
        self, sort: str, text: Any, here: _Here, form: str, *, is_key: bool = False
    ) -> FlowField:
        fields = tuple(self._parts(str(text).removeprefix("-"), form, here.lines))
        return FlowField(*self._of(sort, str(text), here), fields, is_key)

    def _of(
        self, sort: str, text: str, here: _Here
    ) -> tuple[str, str, str, str, str, tuple[Step, ...]]:
        return str(self.flow.get("code")), self.own, here.step, sort, text, here.steps

    def _parts(self, path: str, form: str, lines: str | None) -> Iterator[FieldAt]:
        """The fields a path names: a field, and what it refers to or holds as a column."""
        head, dot, rest = path.partition(".")
        inside = self._columns(form, lines) if form == self.own else None
        at = lines if inside and any(each["code"] == head for each in inside) else None
        yield FieldAt(form, at, head)
        if not dot:
            return
        table = self._columns(form, at) if at else self.forms.get(form, {}).get("fields", ())
        field: Json = next((each for each in table or () if each["code"] == head), {})
        if field.get("kind") == "lines":
            yield FieldAt(form, head, rest)
        else:
            yield FieldAt(str(field.get("options", {}).get("form", "")), None, rest)

    def _columns(self, form: str, lines: Any) -> Any:
        """The columns of a line table; None where there is no such table."""
        fields = self.forms.get(form, {}).get("fields", ()) if lines else ()
        tables = (each for each in fields if each["code"] == lines and each["kind"] == "lines")
        table = next(tables, None)
        return None if table is None else table.get("options", {}).get("fields", ())

    def _target(self, step: Json) -> str:
        """The form a step writes into."""
        if step["type"] == "create":
            return str(step.get("form"))
        return self._made(step.get("of", "document"))

    def _made(self, step_id: Any) -> str:
        """The form of the records a step found or made."""
        for step in every_step(self.flow) if step_id != "document" else ():
            if step["id"] == step_id and step["type"] == "convert":
                known = self.source.get("conversions", ())
                codes = (each["to"] for each in known if each["code"] == step.get("conversion"))
                return str(next(codes, ""))
            if step["id"] == step_id:
                return str(step.get("form", ""))
        return self.own


def every_step(holder: Json) -> Iterator[Json]:
    """The steps of a flow or of a branch, those inside others too, as somebody reads them."""
    for step in holder.get("steps", ()):
        yield step
        for branch in step.get("branches", ()):
            yield from every_step(branch)
        yield from every_step(step)


def _lines_called(source: Json, flow: Json) -> str | None:
    """The line table a sub-flow is called for each row of, where all who call it do so."""
    if flow.get("trigger", {}).get("on") != "call":
        return None
    callers = {
        step.get("lines")
        for each in source.get("workflows", ())
        for step in every_step(each)
        if step["type"] == "subflow" and step.get("workflow") == flow.get("code")
    }
    return callers.pop() if len(callers) == 1 else None


def _is_formula(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")
