"""Rules have codes of their own and decide on something."""

from collections.abc import Iterator

from runtime.definitions import AppDef, FormDef
from runtime.infra.errors import Problem


def rules(definition: AppDef) -> Iterator[Problem]:
    """Yield rules that share a code and rules that decide on nothing."""
    for index, form in enumerate(definition.forms):
        for problem in _named(form):
            yield problem.under(f"/forms/{index}/rules")


def _named(form: FormDef) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, rule in enumerate(form.rules):
        if rule.code in seen:
            yield Problem(f"/{place}/code", "code_twice", {"code": rule.code})
        if not rule.fields and not rule.sections:
            yield Problem(f"/{place}/fields", "rule_decides_nothing")
        seen.add(rule.code)
