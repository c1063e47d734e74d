"""Whom a step asks: from the definition's `who` to people who are here today.

Nobody approves their own document unless the step says `"self": true`. When that leaves nobody, the
step goes where `empty` says: to the administrators, to a deputy, on, or nowhere; when that leaves
nobody either, the act is refused, so that a flow never waits for nobody and never approves itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from runtime.infra.act import Act, Actor
from runtime.infra.errors import Conflict
from runtime.kinds.node_events import Approver
from runtime.kinds.node_type import Step, Visit
from runtime.workflow import delegation, directory
from runtime.workflow.instance import Instance
from runtime.workflow.world import Facts, Found

Who = Mapping[str, Any]


@dataclass(frozen=True)
class Looking:
    """Where people are looked for: the directory, the run so far, the document."""

    act: Act
    instance: Instance
    visit: Visit
    facts: Facts
    app: str = ""
    form: str = ""

    @property
    def is_own(self) -> frozenset[int]:
        """Whose document it is."""
        return self.instance.authors()


def find(looking: Looking, step: Step) -> Found:
    """The people a step asks, in the order of its definition; nobody only where that passes."""
    excluded = _excluded(step, looking)
    found = _people(looking, step.options["who"], step)
    asked = _without(found, excluded)
    if asked or step.kind == "copy":
        return Found(_lent(looking, step, asked, excluded))
    match step.options.get("empty", "admin"):
        case "pass":
            return Found((), passes=True)
        case "deputy" if "deputy" in step.options:
            deputies = _people(looking, step.options["deputy"], step)
            asked = _without((Approver(each.user_id, "deputy") for each in deputies), excluded)
        case "admin":
            admins = directory.administrators(looking.act.connection)
            asked = _without((Approver(each, "escalated") for each in admins), looking.is_own)
    if not asked:
        params = {"who": words(step.options["who"])}
        raise Conflict("no_approver", params, hint="no_approver_hint")
    return Found(asked)


def within(looking: Looking, who: Who, step: Step) -> frozenset[int]:
    """Everybody a range reaches: whom a person may choose, hand a task to, or add."""
    return frozenset(each.user_id for each in _people(looking, who, step))


def may_still_decide(act: Act, step: Step, approver: Approver, actor: Actor) -> bool:
    """Whether the reason a task reached somebody still holds, with the rights of this moment.

    Who stands in for somebody else decides with the rights of that person.
    """
    who = step.options.get("who", {})
    if approver.for_id is not None and who.get("by") == "role":
        return approver.for_id in directory.with_roles(act.connection, _roles(who))
    if approver.reason == "role":
        return bool(actor.roles & set(_roles(who)))
    if approver.reason == "escalated":
        return actor.is_admin
    return True


def words(who: Who) -> str:
    """What to call those a step asks, in a refusal."""
    named = who.get("users") or who.get("departments") or _roles(who)
    return "、".join(named) or str(who.get("field") or who.get("step") or who["by"])


def _excluded(step: Step, looking: Looking) -> frozenset[int]:
    """Authors are not asked to approve; they may well be asked to fill in, or be told."""
    if step.kind != "approve" or step.options.get("self"):
        return frozenset()
    return looking.is_own


def _people(looking: Looking, who: Who, step: Step) -> list[Approver]:
    reason, ids = _RULES[who["by"]](looking, who, step)
    if who["by"] == "several":
        nested = (each for inner in who["of"] for each in _people(looking, inner, step))
        return list(_without(nested, ()))
    here = ids if who["by"] in _HERE else directory.working(looking.act.connection, ids)
    return [Approver(user_id, reason) for user_id in here]


def _role(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    return "role", directory.with_roles(looking.act.connection, _roles(who))


def _users(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    return "user", directory.by_name(looking.act.connection, who["users"])


def _in_department(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    connection = looking.act.connection
    ids = directory.departments_called(connection, who["departments"])
    heads = bool(who.get("heads"))
    return "department", directory.department_people(connection, ids, heads=heads)


def _initiator(looking: Looking, _: Who, __: Step) -> tuple[str, Iterable[int]]:
    initiator = looking.instance.initiator_id
    return "initiator", [] if initiator is None else [initiator]


def _manager(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    level = int(who.get("level", 1))
    return "manager", islice(_above(looking), level - 1, level)


def _climb(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    """Up to a level, and no further than whoever holds the role."""
    top = (
        set(directory.with_roles(looking.act.connection, [who["until"]])) if "until" in who else ()
    )
    found: list[int] = []
    for each in islice(_above(looking), int(who.get("level", directory.HIGHEST))):
        found.append(each)
        if each in top:
            break
    return "climb", found


def _field(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    connection, found = looking.act.connection, list[int]()
    for person in looking.facts.people(who["field"], looking.visit.at.line):
        if person.kind == "user":
            found.append(person.id)
        else:
            heads = bool(who.get("heads", True))
            found += directory.department_people(connection, [person.id], heads=heads)
    return "field", found


def _chosen(looking: Looking, who: Who, step: Step) -> tuple[str, Iterable[int]]:
    """Only those the range still reaches, whatever was sent."""
    allowed = within(looking, who["within"], step)
    picked = [each for each in looking.instance.chosen.get(step.id, ()) if each in allowed]
    return "chosen", picked[: int(who.get("most", len(picked)))]


def _formula(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    text = looking.facts.text(who["formula"], looking.visit.at.line)
    names = [name.strip() for name in text.replace("，", ",").replace("、", ",").split(",")]
    return "formula", directory.by_name(looking.act.connection, filter(None, names))


def _of_step(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    answered = ("approved", "filled")
    for visit in reversed(looking.instance.visits):
        people = [task.approver.user_id for task in visit.tasks if task.state in answered]
        if visit.step_id == who["step"] and people:
            return "step", people
    return "step", []


def _several(looking: Looking, who: Who, _: Step) -> tuple[str, Iterable[int]]:
    del looking, who
    return "", []


_RULES: Final[Mapping[str, Callable[[Looking, Who, Step], tuple[str, Iterable[int]]]]] = {
    "role": _role,
    "users": _users,
    "department": _in_department,
    "initiator": _initiator,
    "manager": _manager,
    "climb": _climb,
    "field": _field,
    "chosen": _chosen,
    "formula": _formula,
    "step": _of_step,
    "several": _several,
}


# What these rules find are people who may sign in.
_HERE: Final = frozenset({"role", "users", "department", "formula"})


def _above(looking: Looking) -> Iterable[int]:
    initiator = looking.instance.initiator_id
    return () if initiator is None else directory.managers(looking.act.connection, initiator)


def _roles(who: Who) -> list[str]:
    if who["by"] == "several":
        return [role for inner in who["of"] for role in _roles(inner)]
    return [*([who["role"]] if "role" in who else ()), *who.get("roles", ())]


def _lent(
    looking: Looking, step: Step, asked: tuple[Approver, ...], excluded: frozenset[int]
) -> tuple[Approver, ...]:
    """Whoever is away has their tasks go to who stands in for them; never to an author."""
    if step.kind == "copy":
        return asked
    barred = excluded if step.kind == "approve" else frozenset[int]()
    stand_ins = delegation.stand_ins(
        looking.act, [each.user_id for each in asked], looking.app, looking.form
    )
    found = (
        Approver(stand_ins[each.user_id], "delegated", each.user_id)
        if stand_ins.get(each.user_id, each.user_id) not in barred | {each.user_id}
        else each
        for each in asked
    )
    return _without(found, ())


def _without(approvers: Iterable[Approver], excluded: Iterable[int]) -> tuple[Approver, ...]:
    """Everybody once, and nobody who may not be asked."""
    barred, found = set(excluded), dict[int, Approver]()
    for each in approvers:
        if each.user_id not in barred:
            found.setdefault(each.user_id, each)
    return tuple(found.values())
