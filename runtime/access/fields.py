"""Which fields somebody may read, and which they may not write.

What is computed from something hidden is hidden as well: a formula over it, a lookup of it, a
picture of it. What is summed over records of other forms (roll-ups, columns of forms) is as the
author of the app decides, who says so by building it.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from runtime.access.grants import grants_by, grants_of
from runtime.compile.field import Field
from runtime.compile.graph import Node
from runtime.compile.model import Form, LineTable
from runtime.infra.act import Actor, Rights

# How what is read shows in what reads it: in the same record, or of one that is pointed to.
_SHOWING: Final = frozenset({"record", "via", "live", "lookup"})


def visible_fields(actor: Actor, form: Form) -> tuple[Field, ...]:
    """The fields of the header that somebody may read; `fixed_fields` says what they may not write.

    Every list, filter, search, export, print and history takes its fields from here.
    """
    hidden = hidden_fields(actor, form)
    if not hidden:
        return form.fields
    return tuple(field for field in form.fields if field.code not in hidden)


def visible_line_fields(actor: Actor, form: Form, lines: LineTable) -> tuple[Field, ...]:
    """The fields of a line table that somebody may read: `lines.price` hides one."""
    hidden = hidden_fields(actor, form)
    if not hidden:
        return lines.fields
    if lines.code in hidden:
        return ()
    return tuple(field for field in lines.fields if f"{lines.code}.{field.code}" not in hidden)


def fixed_fields(actor: Actor, form: Form, verb: str) -> frozenset[str]:
    """The paths (`price`, `lines.price`, `lines`) somebody may not fill in when they do this.

    A field may be filled in by whoever has a grant to do so that neither hides nor locks it.
    """
    if actor.is_admin:
        return frozenset()
    grants = [grant.readonly | grant.hidden for grant in grants_of(actor, verb, form)]
    return frozenset.intersection(*grants) if grants else frozenset()


def sees(actor: Actor, form: Form, path: str) -> bool:
    """Whether somebody may read the field at a path."""
    hidden = hidden_fields(actor, form)
    return bool(path) and path not in hidden and path.partition(".")[0] not in hidden


def hidden_fields(actor: Actor, form: Form) -> frozenset[str]:
    """The paths somebody may not read, what is computed from them among them."""
    own = frozenset[str]() if actor.is_admin else _hidden(actor.rights, form)
    return own | _with_computed(form, _veiled(actor, form)) if actor.veiled else own


def named_hidden(actor: Actor, form: Form) -> frozenset[str]:
    """The paths that every grant to view the form hides."""
    own = frozenset[str]() if actor.is_admin else _named(actor.rights, form)
    return own | _veiled(actor, form) if actor.veiled else own


def path_of(lines: str | None, code: str) -> str:
    """The path of a field: `price`, or `lines.price`."""
    return code if lines is None else f"{lines}.{code}"


def _veiled(actor: Actor, form: Form) -> frozenset[str]:
    name = f"{form.app_code}.{form.code}"
    return frozenset(path for place, path in actor.veiled if place == name)


def _with_computed(form: Form, paths: frozenset[str]) -> frozenset[str]:
    """These paths, and all that would show what stands there: what is computed from it."""
    found = _computed_from(form, set(_nodes(form, paths)))
    return paths | {path_of(node.lines, node.field) for node in found if node.form == form.code}


# A form is compiled anew when its app is published, and rights are what they are made of.
@lru_cache(maxsize=4096)
def _hidden(rights: Rights, form: Form) -> frozenset[str]:
    named = _named(rights, form)
    begun = set(_nodes(form, named))
    for home in form.siblings.values():
        # Who may not view a form at all sees of it what the author takes from it.
        if home is not form and any(grants_by(rights, "view", home)):
            begun.update(_nodes(home, _named(rights, home)))
    found = _computed_from(form, begun)
    drawn = {
        path_of(lines, field.code)
        for lines, field in _every_field(form)
        if field.drawn_from is not None and Node(form.code, lines, field.drawn_from) in found
    }
    own = {path_of(node.lines, node.field) for node in found if node.form == form.code}
    return named | own | drawn


@lru_cache(maxsize=4096)
def _named(rights: Rights, form: Form) -> frozenset[str]:
    hiding = [grant.hidden for grant in grants_by(rights, "view", form)]
    if not hiding:
        return frozenset(form.by_code)
    return frozenset.intersection(*hiding)


def _computed_from(form: Form, begun: set[Node]) -> set[Node]:
    """These fields, and all that is computed from them in a record or through a reference."""
    found, waiting = set(begun), list(begun)
    readers: dict[Node, list[Node]] = {}
    for edge in form.siblings.graph.edges:
        if edge.how in _SHOWING:
            readers.setdefault(edge.reads, []).append(edge.node)
    while waiting:
        for node in readers.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


def _nodes(form: Form, paths: frozenset[str]) -> Iterator[Node]:
    """The fields at these paths; a line table stands for all its columns."""
    for lines, field in _every_field(form):
        if lines in paths or path_of(lines, field.code) in paths:
            yield Node(form.code, lines, field.code)


def _every_field(form: Form) -> Iterator[tuple[str | None, Field]]:
    yield from ((None, field) for field in form.fields)
    for table in form.lines:
        yield from ((table.code, field) for field in table.fields)
