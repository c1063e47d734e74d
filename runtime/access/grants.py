"""The grants somebody holds, and whether one of them allows an act at all."""

from collections.abc import Iterator, Mapping
from typing import Final

from runtime.compile.model import Form
from runtime.definitions import GrantDef, RoleDef
from runtime.infra.act import Actor, LinkRights, Rights
from runtime.infra.errors import Forbidden

EVERY_FORM: Final = "*"
READING: Final = frozenset({"view", "export", "print"})


def may(actor: Actor, verb: str, form: Form) -> bool:
    """Say whether somebody may do this to any record of the form at all.

    An aggregate table follows from what is done elsewhere: nobody writes it, whoever they are.
    """
    if form.aggregate is not None and verb not in READING:
        return False
    return actor.is_admin or any(grants_of(actor, verb, form))


def require(actor: Actor, verb: str, form: Form) -> None:
    """Refuse what the actor may not do; always before anything is read or written."""
    if not may(actor, verb, form):
        raise Forbidden("form_forbidden", {"verb": verb, "form": form.label.zh})


def grants_of(actor: Actor, verb: str, form: Form) -> Iterator[GrantDef]:
    """Yield the grants that let somebody do this to records of the form."""
    return grants_by(actor.rights, verb, form)


def grants_by(rights: Rights, verb: str, form: Form) -> Iterator[GrantDef]:
    """Yield the grants that rights bring, whoever holds them."""
    yield from (grant for _, grant in granted(rights, verb, form))


def granted(rights: Rights, verb: str, form: Form) -> Iterator[tuple[RoleDef | None, GrantDef]]:
    """Yield the same with the role each stands in; a public link stands for itself."""
    link = rights.link
    if link is not None and (link.app, link.form) == (form.app_code, form.code):
        if verb in link.verbs:
            yield None, _of_link(link, form, verb)
        return
    for role in held(rights.roles, form.roles):
        for grant in role.grants:
            if grant.form in (EVERY_FORM, form.code) and verb in grant.verbs:
                yield role, grant


def held(codes: frozenset[str], roles: Mapping[str, RoleDef]) -> Iterator[RoleDef]:
    """Yield the roles of an app that have these codes, and those they include, each once."""
    waiting, seen = sorted(codes), set[str]()
    while waiting:
        role = roles.get(waiting.pop(0))
        if role is not None and role.code not in seen:
            seen.add(role.code)
            waiting += role.includes
            yield role


def _of_link(link: LinkRights, form: Form, verb: str) -> GrantDef:
    """What a public link lets anybody do: the fields it names, to read the records it names."""
    condition = link.condition if verb in READING else ""
    paths = {field.code for field in form.fields}
    paths |= {f"{table.code}.{field.code}" for table in form.lines for field in table.fields}
    return GrantDef(
        form=form.code,
        verbs=link.verbs,
        rows="rule" if condition else "all",
        hidden=frozenset(paths - link.fields),
        condition=condition,
    )
