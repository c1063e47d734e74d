"""A print template is of a form that is there, and its placeholders mean fields that are there."""

from collections.abc import Iterator

from runtime.definitions import AppDef, PrintoutDef
from runtime.infra.errors import Problem
from runtime.printing.names import is_known


def printouts(definition: AppDef) -> Iterator[Problem]:
    """Yield what a print template names wrongly."""
    codes = [each.code for each in definition.printouts]
    defaults: set[str] = set()
    for index, each in enumerate(definition.printouts):
        pointer = f"/printouts/{index}"
        if each.code in codes[:index]:
            yield Problem(f"{pointer}/code", "code_twice", {"code": each.code})
        if each.is_default and each.form in defaults:
            yield Problem(f"{pointer}/default", "print_default_twice", {"name": each.label.zh})
        if each.is_default:
            defaults.add(each.form)
        for problem in _problems(definition, each):
            yield problem.under(pointer)


def _problems(definition: AppDef, printout: PrintoutDef) -> Iterator[Problem]:
    roles = {role.code for role in definition.roles}
    for code in sorted(printout.roles - roles):
        yield Problem("/roles", "role_unknown", {"name": code})
    form = definition.form(printout.form)
    if form is None:
        yield Problem("/form", "form_unknown", {"name": printout.form})
        return
    for key, path in printout.places.items():
        if not is_known(definition, form, path):
            params = {"name": printout.label.zh, "text": key}
            yield Problem(f"/places/{_escaped(key)}", "print_field_gone", params)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
