"""Why a flow goes a way: the condition that holds, in the words of the form."""

import re
from typing import Final

from runtime import access
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.screens.i18n import joined, label
from runtime.workflow.flow import Flow
from runtime.workflow.instance import Instance

_TEXT: Final = re.compile(r'("(?:[^"]|"")*")')
_NAME: Final = re.compile(r"\{([^{}]+)\}")
_SIGNS: Final = (
    (re.compile(r"\s*>=\s*"), " ≥ "),
    (re.compile(r"\s*<=\s*"), " ≤ "),
    (re.compile(r"\s*<>\s*"), " ≠ "),
    (re.compile(r"(?<![≥≤≠])\s*([<>=])\s*"), r" \1 "),
)
_LONG: Final = re.compile(r"(?<![\w.])\d{4,}(?![\w])")


def condition_words(act: Act, form: Form, formula: str) -> str:
    """A condition with the names people know; nothing where it reads what they may not see."""
    parts = _TEXT.split(formula)
    for place, part in enumerate(parts):
        if part.startswith('"'):
            continue
        for path in _NAME.findall(part):
            if not _is_seen(act, form, path):
                return ""
        worded = _NAME.sub(lambda found: _called(form, found.group(1)), part)
        for sign, shown in _SIGNS:
            worded = sign.sub(shown, worded)
        parts[place] = _LONG.sub(lambda found: f"{int(found.group()):,}", worded)
    return "".join(parts).strip()


def way_words(act: Act, form: Form, flow: Flow, branch: str, ways: tuple[str, ...]) -> str:
    """Why a branch took these ways: what each is called, and the condition that held."""
    whens = {each["id"]: each.get("when", "") for each in flow.step(branch).options["branches"]}
    found = []
    for way in ways:
        name = label(flow.labels.get(way)) or way
        when = condition_words(act, form, whens[way]) if whens.get(way) else ""
        found.append(when or name)
    return joined(found)


def reason_of(act: Act, form: Form, instance: Instance, visit: int) -> str:
    """The condition that brought a run to a visit; nothing where it stands in no branch."""
    here = instance.visit(visit)
    if here is None or not here.at.parent:
        return ""
    holder = instance.visits[here.at.parent - 1]
    if not instance.flow.has(holder.step_id):
        return ""
    if instance.flow.step(holder.step_id).kind != "branch":
        return reason_of(act, form, instance, holder.no)
    return way_words(act, form, instance.flow, holder.step_id, (here.at.way,))


def _is_seen(act: Act, form: Form, path: str) -> bool:
    """Whether the reader sees a field, and what it is taken from in another form."""
    first, _dot, rest = path.partition(".")
    field = form.by_code.get(first)
    if field is None:
        return first == "created_by"
    if not field.target or not rest:
        return access.sees(act.actor, form, path)
    target = form.target(field)
    is_open = access.may(act.actor, "view", target) and access.sees(act.actor, target, rest)
    return access.sees(act.actor, form, first) and is_open


def _called(form: Form, path: str) -> str:
    first, _dot, rest = path.partition(".")
    field = form.by_code.get(first)
    if field is None:
        return path
    if not rest:
        return label(field.label)
    inner = form.target(field).by_code if field.target else {}
    if field.is_lines:
        inner = form.lines_of(first).by_code
    within = inner.get(rest)
    return f"{label(field.label)}.{label(within.label) if within else rest}"
