"""Uses of a field by flows: conditions, people, times, rights at steps, values that are written."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from builder.designer.flow.words import step_name
from builder.designer.formula_words import labelled
from builder.designer.use import Use, Wanted
from builder.drafts.flow_steps import spots
from builder.flow_places import (
    ACCESS,
    CHECK,
    CONDITION,
    LINES,
    MATCH,
    PEOPLE,
    START,
    TEXT,
    TIME,
    TRIGGER,
    VALUE,
    WRITTEN,
    FlowFormula,
    FlowPlace,
    flow_places,
)
from builder.formula_places import formula_at, in_flow
from builder.stored_formulas import references
from runtime.compile import App
from runtime.definitions.label import read_label
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
# What goes with the field and is missed by nobody.
_GOES: Final = frozenset({ACCESS})


def by_flows(source: Json, app: App | None, wanted: Wanted) -> Iterator[Use]:
    """Yield the places of flows that read a field, write it, or say something of it."""
    for place in flow_places(source):
        formula = app and isinstance(place, FlowFormula) and formula_at(app, in_flow(place))
        if formula and app is not None:
            if any(wanted.is_read_by(each, place.form) for each in references(formula)):
                said = labelled(app.forms[place.form], formula)
                yield _use(source, place, f" {said}")
        elif not isinstance(place, FlowFormula) and any(
            each.form == wanted.form and _is_meant(wanted, each.lines, each.code)
            for each in place.fields
        ):
            yield _use(source, place, "")


def _is_meant(wanted: Wanted, lines: str | None, code: str) -> bool:
    """Whether a field is the wanted one, or a column of the line table it is."""
    return wanted.holds(f"{lines}.{code}" if lines else code)


def _use(source: Json, place: FlowPlace, said: str) -> Use:
    name = " · ".join(_named(source, place))
    what = f"{sort_words().get(place.sort, '')}{said}"
    return Use(
        "flow",
        _("流程 %(name)s：%(what)s", name=name, what=what),
        place.form,
        "" if place.step == START else place.step,
        tab="flow",
        blow=place.sort not in _GOES,
        flow=place.flow,
    )


def sort_words() -> dict[str, str]:
    """What a field is used for in a flow."""
    return {
        CONDITION: _("条件"), CHECK: _("提交校验"), PEOPLE: _("谁来处理"), TIME: _("时限"),
        ACCESS: _("字段权限"), LINES: _("明细行"), WRITTEN: _("写入的字段"), VALUE: _("写入的值"),
        MATCH: _("查找条件"), TEXT: _("消息内容"), TRIGGER: _("触发条件"),
    }  # fmt: skip


def _named(source: Json, place: FlowPlace) -> Iterator[str]:
    """The flow and the step a place is of, by name."""
    for flow in source.get("workflows", ()):
        if flow["code"] == place.flow:
            yield label(read_label(flow.get("label"), place.flow))
            for spot in spots(list(flow.get("steps", ()))):
                if spot.node["id"] == place.step:
                    yield step_name(spot.node)
