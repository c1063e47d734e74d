"""Rules and read-only grants at the door of programs: they are told what people are told."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Api

Way = Callable[..., Api]
DEFINITION = "/apps/jxc/definition"
CUSTOMERS = "/apps/jxc/forms/customer/records"
RULES = [
    {"code": "big", "effect": "require", "when": '=note="大客户"', "fields": ["contact"]},
    {"code": "shut", "effect": "readonly", "when": '=note="停用"', "fields": ["phone"]},
    {"code": "home", "effect": "hide", "when": '=note="线上"', "fields": ["address"]},
]


@pytest.fixture
def ruled(api: Way) -> Way:
    """Customers have rules, and sellers may read `contact` without writing it."""
    designer = api("admin", "design")
    definition = designer.get(DEFINITION)
    form = next(form for form in definition["forms"] if form["code"] == "customer")
    form["rules"] = RULES
    role = next(role for role in definition["roles"] if role["code"] == "sales")
    grant = next(grant for grant in role["grants"] if grant["form"] == "customer")
    grant["readonly"] = ["contact"]
    version = designer.send("GET", DEFINITION).headers["ETag"]
    answer = designer.send("PUT", DEFINITION, definition, If_Match=version)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return api


def problems(answer: Any) -> list[str]:
    if answer.status_code < 400:
        return []
    return [f"{each['pointer']} {each['code']}" for each in answer.get_json()["errors"]]


# who      what they send for a new customer           what is refused
SENT: list[tuple[str, dict[str, Any], list[str]]] = [
    ("admin", {"note": "大客户"}, ["/values/contact value_missing"]),
    ("admin", {"note": "大客户", "contact": "李"}, []),
    ("admin", {"note": "停用", "phone": "139"}, ["/values/phone field_readonly"]),
    ("admin", {"note": "停用", "phone": None}, []),
    ("admin", {"note": "线上", "address": "某地"}, []),
    ("zhou", {"contact": "李"}, ["/values/contact field_readonly"]),
    ("zhou", {"contact": None, "phone": "139"}, []),
    # What one may not write is asked for all the same: somebody else has to.
    ("zhou", {"note": "大客户"}, ["/values/contact value_missing"]),
]  # fmt: skip


def test_create__obeys_rules_and_grants(ruled: Way) -> None:
    for number, (who, values, wanted) in enumerate(SENT):
        sent = {"customer_no": f"K{number}", "name": "客户", **values}
        answer = ruled(who).send("POST", CUSTOMERS, {"values": sent}, Idempotency_Key=f"n{number}")
        assert problems(answer) == wanted, (who, values)
        if "address" in values:
            assert answer.get_json()["values"]["address"] is None, "hidden: left out, not written"


def test_update__keeps_what_is_shut(ruled: Way) -> None:
    admin, seller = ruled("admin"), ruled("zhou")
    values = {"customer_no": "K", "name": "客户", "contact": "李", "phone": "138", "note": "停用"}
    made = admin.post(CUSTOMERS, {"values": {**values, "phone": None}})
    path = f"{CUSTOMERS}/{made['id']}"
    table: list[tuple[Api, dict[str, Any], list[str]]] = [
        (admin, {"phone": "139"}, ["/values/phone field_readonly"]),
        (seller, {"contact": "王"}, ["/values/contact field_readonly"]),
        # Sending everything back as it was read refuses nothing.
        (seller, {"contact": "李", "phone": None, "note": "停用"}, []),
        (admin, {"phone": "139", "note": ""}, []),
    ]
    for who, sent, wanted in table:
        etag = who.send("GET", path).headers["ETag"]
        answer = who.send("PATCH", path, {"values": sent}, If_Match=etag)
        assert problems(answer) == wanted, sent
    assert (
        admin.get(path)["values"] | {"contact": "李", "phone": "139"} == admin.get(path)["values"]
    )
