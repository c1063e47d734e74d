"""Hostile definitions of the catalogue through a draft: refused, or a problem that forbids them."""

from typing import Any

import pytest

from builder.drafts.model import Draft
from builder.drafts.ops import carry_out
from builder.drafts.problems import errors_of
from builder.drafts.shape import require_shape
from builder.drafts.working import Surroundings, opened
from runtime.infra import strict_json
from runtime.infra.errors import AppError
from tests.unit.definitions.test_attacks import CASES, GROUPS, HARMLESS, _source, adapted

OURS = [case for case in CASES if case["group"] in GROUPS]
EMPTY: dict[str, Any] = {"format": "dajian-app/1", "code": "demo", "label": "Demo", "forms": []}


def form_of(case: dict[str, Any]) -> Any:
    source = _source(case)
    return adapted(source.get("form") if isinstance(source, dict) else source)


def replaced(case: dict[str, Any]) -> bool:
    """Whether a draft that is replaced as a whole could be published with it."""
    source = {**EMPTY, "forms": [form_of(case)]}
    require_shape(source, "demo")
    return not errors_of(source)


def added(case: dict[str, Any]) -> bool:
    """Whether a draft to which it is added field by field could be published with it."""
    form = form_of(case)
    if not isinstance(form, dict) or not isinstance(form.get("fields"), list):
        return False
    bare = {name: value for name, value in form.items() if name != "fields"}
    work = opened(Draft("demo", 1, 0, EMPTY), Surroundings())
    code = carry_out(work, [{"op": "add_form", "form": bare}])[0].created
    fields = [{"op": "add_field", "form": code, "field": field} for field in form["fields"]]
    carry_out(work, fields)
    strict_json.loads(strict_json.dumps(work.source))
    return not errors_of(work.source)


@pytest.mark.parametrize("way", [replaced, added])
@pytest.mark.parametrize("case", OURS, ids=lambda case: case["id"])
def test_hostile_definition__through_a_draft(case: dict[str, Any], way: Any) -> None:
    try:
        is_publishable = way(case)
    except AppError:
        is_publishable = False
    if case["expect"] == "reject" and case["id"] not in HARMLESS:
        assert not is_publishable, case["why"]


def test_hostile_definition__most_are_harmless_ones_that_pass() -> None:
    """The test above would pass if nothing ever could be published."""
    accepted = [case for case in OURS if case["expect"] != "reject"]
    passed = 0
    for case in accepted:
        try:
            passed += replaced(case)
        except AppError:
            continue
    assert passed > 0
