"""The API asked everything its own description allows, and much that it does not."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from runtime.api.openapi.operations import OPERATIONS
from tests.api.conftest import Api, Masters
from tests.api.test_records import RECEIPTS, receipt
from tests.conftest import depth

Way = Callable[..., Api]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OURS = "/apps/jxc/openapi.json"
EXAMPLES = {"quick": 3, "full": 25}
SHARE = 0.05


def test_documents__are_valid_and_say_what_one_may(api: Way, app: Flask) -> None:
    validate(app.test_client().get("/api/v1/openapi.json").get_json())
    theirs = api("zhou").get(OURS)
    validate(theirs)
    place = "/api/v1/apps/jxc/forms"
    # Sales deliver and see no receipts; an item they read and do not change.
    assert f"{place}/delivery/records" in theirs["paths"]
    assert not any(path.startswith(f"{place}/purchase_receipt") for path in theirs["paths"])
    assert set(theirs["paths"][f"{place}/item/records"]) == {"get"}
    seen = theirs["components"]["schemas"]["jxc.item"]["properties"]
    assert "name" in seen
    assert "standard_cost" not in seen
    sent = theirs["paths"][f"{place}/delivery/records"]["post"]["requestBody"]["content"]
    values = sent["application/json"]["schema"]["properties"]["values"]
    assert values == {"$ref": "#/components/schemas/jxc.delivery.sent"}
    known = {view.__name__ for view in app.view_functions.values()}
    assert set(OPERATIONS) <= known, "what is described is there"


def test_everything_described__is_answered_as_described_and_never_a_fault(
    app: Flask, api: Way, masters: Masters, sample: Any
) -> None:
    admin = api("admin")
    made = admin.post(RECEIPTS, receipt(masters))
    schema = schemathesis.openapi.from_dict(admin.get(OURS))
    schema.app = app
    operations = [found.ok() for found in schema.get_all_operations()]
    statuses: Counter[int] = Counter()
    for operation in sample(operations, SHARE):
        for aimed in (False, True):
            _ask(operation, admin.token, statuses, made["id"] if aimed else None)
    assert len(operations) > 300
    assert len(statuses) > 3, statuses
    assert statuses[200] > 0, statuses


def _ask(operation: Any, token: str, statuses: Counter[int], record_id: int | None) -> None:
    """Make requests of one kind; with `record_id` they are aimed at records that are there."""

    @how(
        max_examples=EXAMPLES[depth()],
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        if record_id is not None:
            for name in case.path_parameters:
                case.path_parameters[name] = record_id
            if case.headers and "If-Match" in case.headers:
                case.headers["If-Match"] = '"1"'
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    asked()
