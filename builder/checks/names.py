"""Codes of forms, workflows and roles are unique and free."""

from collections.abc import Iterator, Sequence

from runtime.definitions import AppDef
from runtime.infra.errors import Problem

# Words that stand in URLs where a form's code would.
RESERVED = frozenset(
    "new stock imports api static files jobs inbox admin users user sessions login logout "  # noqa: SIM905
    "palette preferences design public healthz readyz".split()
)


def names(definition: AppDef) -> Iterator[Problem]:
    """Yield codes that stand twice or are reserved."""
    yield from _twice("forms", [form.code for form in definition.forms])
    yield from _aggregates(definition)
    yield from _twice("workflows", [flow.code for flow in definition.workflows])
    yield from _twice("roles", [role.code for role in definition.roles])
    groups = {
        "forms": [form.code for form in definition.forms],
        "aggregates": [table.code for table in definition.aggregates],
    }
    for group, codes in groups.items():
        for index, code in enumerate(codes):
            if code in RESERVED:
                yield Problem(f"/{group}/{index}/code", "code_reserved", {"code": code})


def _aggregates(definition: AppDef) -> Iterator[Problem]:
    """An aggregate table is read at the address of a form, so it may not be called like one."""
    taken = [form.code for form in definition.forms]
    for index, table in enumerate(definition.aggregates):
        if table.code in taken:
            yield Problem(f"/aggregates/{index}/code", "code_twice", {"code": table.code})
        taken.append(table.code)


def _twice(group: str, codes: Sequence[str]) -> Iterator[Problem]:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield Problem(f"/{group}/{index}/code", "code_twice", {"code": code})
