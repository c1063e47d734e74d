"""Tabs of a form: what an author may not write."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from builder.checks import check_app
from runtime.definitions import read_app
from tests.structured import SOURCE

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
