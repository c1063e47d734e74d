"""Tabs of a form: what an author may not write."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from builder.checks import check_app
from runtime.compile import compile_app
from runtime.definitions import read_app
from runtime.infra.errors import ValidationFailed
from tests.structured import SOURCE


def option(code: str, **options: Any) -> Callable[[Any], None]:
    """Change options of a field of the equipment."""

    def change(form: Any) -> None:
        next(each for each in form["fields"] if each["code"] == code)["options"].update(options)

    return change


LINKS = [
    (option("report", form="none"), "options/form", "form_unknown"),
    (option("report", values={"none": "id"}), "options/values", "field_unknown"),
    (option("report", values={"remark": "none"}), "options/values", "field_unknown"),
    (option("report", action="open"), "options/field", "property_missing"),
    (option("report", action="open", field="model"), "options/field", "reference_field_unknown"),
    (option("manual", url="https://example.com/{none}"), "options/url", "field_unknown"),
    (option("manual", url="https://{model}.example.com/"), "options/url", "property_pattern"),
    (option("manual", url="javascript:alert(1)"), "options/url", "property_pattern"),
    (option("visits", where={"none": "id"}), "options/where", "field_unknown"),
    (option("visits", columns=["none"]), "options/columns", "field_unknown"),
    (option("tag", field="none"), "options/field", "field_unknown"),
    (option("tag", field="price"), "options/field", "field_unknown"),
]


@pytest.mark.parametrize(("change", "pointer", "code"), LINKS)
def test_links(change: Callable[[Any], None], pointer: str, code: str) -> None:
    source = deepcopy(SOURCE)
    change(source["forms"][0])
    with pytest.raises(ValidationFailed) as caught:
        compile_app(read_app(source), 1)
    found = [(problem.pointer, problem.code) for problem in caught.value.problems]
    assert len(found) == 1
    assert found[0][0].endswith(pointer)
    assert found[0][1] == code


WRONG = [
    # what is done to the equipment form, the pointer and the code of the problem
    (lambda f: f["sections"][1].update(tab="none"), "/forms/0/sections/1/tab", "tab_unknown"),
    (lambda f: f["tabs"].append(f["tabs"][0]), "/forms/0/tabs/2/code", "code_twice"),
    (lambda f: f["sections"][1].update(fields=[]), "", ""),
]


@pytest.mark.parametrize(("change", "pointer", "code"), WRONG)
def test_tabs(change: Callable[[Any], None], pointer: str, code: str) -> None:
    source = deepcopy(SOURCE)
    change(source["forms"][0])
    found = [(problem.pointer, problem.code) for problem in check_app(read_app(source))]
    assert found == ([(pointer, code)] if code else [])
