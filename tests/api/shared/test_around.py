"""Around records, for programs: the next document, versions, the bin, the past, figures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from runtime.platform import Platform
from tests.api.conftest import Api, Masters
from tests.api.shared.conftest import NOW
from tests.api.test_records import ITEMS, RECEIPTS, receipt

Way = Callable[..., Api]
FORMS = "/apps/jxc/forms"
RETURN = f"{FORMS}/purchase_receipt/conversions/receipt_to_return"
UOMS = f"{FORMS}/uom"


@dataclass
class Clock:
    """The clock of the application, to be set."""

    app: Flask

    def at(self, hours: int) -> str:
        """Let it be so many hours later; returns the moment as programs write it."""
        here: Platform = self.app.extensions["dajian"]
        moment: datetime = NOW + timedelta(hours=hours)
        object.__setattr__(here, "clock", lambda: moment)
        return (moment + timedelta(minutes=1)).isoformat()


@pytest.fixture
def clock(app: Flask) -> Any:
    found = Clock(app)
    yield found
    found.at(0)


def posted(api: Way, masters: Masters, qty: str) -> Any:
    body = receipt(masters, qty) | {"submit": True}
    made = api("li").post(RECEIPTS, body)
    path = f"{RECEIPTS}/{made['id']}/decision"
    return api("wang").post(path, {"decision": "approve"})


def test_conversion__open_lines_and_drafts_of_them(api: Way, masters: Masters) -> None:
    wang = api("wang")
    source = posted(api, masters, "10")
    (offered,) = [
        each
        for each in wang.get(f"{FORMS}/purchase_receipt")["conversions"]
        if each["code"] == "receipt_to_return"
    ]
    assert offered["to"] == "purchase_return"
    (line,) = wang.get(f"{RETURN}?records={source['id']}")["lines"]
    assert (line["record"], line["open"], line["taken"]) == (source["id"], "10", "0")
    taken = {"record": source["id"], "line": line["line"]}
    body = {"lines": [{**taken, "quantity": "4"}]}
    answers = [wang.send("POST", RETURN, body, Idempotency_Key="next") for _ in range(2)]
    made, again = answers
    assert made.status_code == 201, made.get_data(as_text=True)
    assert again.get_json() == made.get_json(), "the same request is the same draft"
    place = made.headers["Location"].removeprefix("/api/v1")
    assert place == f"{FORMS}/purchase_return/records/{made.get_json()['id']}"
    draft = wang.get(place)
    assert (draft["status"], Decimal(draft["values"]["lines"][0]["qty"])) == ("draft", 4)
    (line,) = wang.get(f"{RETURN}?records={source['id']}")["lines"]
    assert (line["open"], line["taken"]) == ("6", "4")
    much = wang.send("POST", RETURN, {"lines": [{**taken, "quantity": "6.5"}]}, Idempotency_Key="m")
    (problem,) = much.get_json()["errors"]
    assert (problem["pointer"], problem["code"]) == ("/lines/0/quantity", "over_converted")
    # Without a quantity it is what is left.
    rest = wang.post(RETURN, {"lines": [taken]})
    assert Decimal(rest["values"]["lines"][0]["qty"]) == 6


STRANGE: tuple[Any, ...] = (
    {"lines": "x"}, {"lines": [1]}, {"lines": [{}]}, {"lines": [{"record": True}]},
    {"lines": [{"record": 1, "line": "1"}]}, {"lines": [{"record": 1, "quantity": "1e2"}]},
    {"lines": [{"record": 1, "quantity": "NaN"}]}, {"lines": [{"record": 1, "all": True}]},
    {"lines": [{"record": 1}] * 2001}, {"takes": []}, {"lines": [{"record": 10**18}]},
)  # fmt: skip


def test_conversion__that_is_not_theirs_or_no_request(api: Way, masters: Masters) -> None:
    source = posted(api, masters, "1")
    body = {"lines": [{"record": source["id"]}]}
    for name, path, status in (
        ("zhou", RETURN, 403),
        ("wang", RETURN.replace("return", "nothing"), 404),
        ("wang", RETURN, 422),
    ):
        answer = api(name).send("POST", path, body, Idempotency_Key=f"{name}{status}")
        assert answer.status_code == status, answer.get_data(as_text=True)
    for number, strange in enumerate(STRANGE):
        answer = api("wang").send("POST", RETURN, strange, Idempotency_Key=f"s{number}")
        assert answer.status_code == 400, (strange, answer.get_data(as_text=True))
    for query in ("", "?records=", "?records=x", "?records=1,,2", "?records=-1", "?ids=1"):
        assert api("wang").send("GET", RETURN + query).status_code == 400, query
    assert api("wang").send("GET", f"{RETURN}?records=999999").status_code == 404


def test_versions__told_looked_at_and_brought_back(api: Way) -> None:
    admin = api("admin")
    made = admin.post(ITEMS, {"values": {"item_no": "V1", "name": "一", "base_uom": 1}})
    path = f"{ITEMS}/{made['id']}"
    admin.send("PATCH", path, {"values": {"name": "二"}}, If_Match='"1"')
    later, first = admin.get(f"{path}/versions")["versions"]
    assert (later["action"], later["changed"], first["action"]) == ("update", 1, "create")
    then = admin.get(f"{path}/versions/{first['id']}")
    assert then["record"]["values"]["name"] == "一"
    assert [(each["then"], each["now"]) for each in then["differences"]] == [("一", "二")]
    back = f"{path}/versions/{first['id']}/restoration"
    stale = admin.send("POST", back, If_Match='"1"', Idempotency_Key="v1")
    assert (stale.status_code, stale.get_json()["code"]) == (409, "version_conflict")
    done = admin.post(back, None, If_Match='"2"')
    assert (done["version"], done["values"]["name"]) == (3, "一")
    # An act that is none of this record's is after all of them: it is as it is.
    assert admin.get(f"{path}/versions/999999999")["differences"] == []
    # Who reads items does not change them, back neither.
    refused = api("zhou").send("POST", back, If_Match='"3"', Idempotency_Key="v2")
    assert refused.status_code == 403


def test_bin__looked_into_emptied_and_taken_from(api: Way) -> None:
    admin = api("admin")
    ids = [admin.post(f"{UOMS}/records", {"values": {"name": name}})["id"] for name in ("筐", "篓")]
    for key in ids:
        gone = admin.send("DELETE", f"{UOMS}/records/{key}", If_Match='"1"')
        assert gone.status_code == 204
    assert {each["id"] for each in admin.get(f"{UOMS}/bin")["records"]} >= set(ids)
    assert admin.get(f"{UOMS}/bin/{ids[0]}")["values"]["name"] == "筐"
    back = admin.post(f"{UOMS}/bin/{ids[0]}/restoration", None)
    assert (back["id"], back["values"]["name"]) == (ids[0], "筐")
    assert admin.get(f"{UOMS}/records/{ids[0]}")["values"]["name"] == "筐"
    assert api("wang").send("DELETE", f"{UOMS}/bin/{ids[1]}").status_code == 403
    statuses = [admin.send("DELETE", f"{UOMS}/bin/{ids[1]}").status_code for _ in range(2)]
    assert statuses == [204, 404]
    assert admin.send("GET", f"{UOMS}/bin/{ids[1]}").status_code == 404


def listed(way: Api, path: str) -> list[Any]:
    """Every record of a list, page by page."""
    found: list[Any] = []
    cursor = ""
    while True:
        page = way.get(f"{path}&cursor={cursor}")
        found += page["records"]
        cursor = page["next"]
        if not cursor:
            return found


def test_list_as_of__the_records_there_were_as_they_were(api: Way, clock: Clock) -> None:
    admin, path = api("admin"), f"{UOMS}/records"
    moments: list[str] = []
    states: list[dict[int, str]] = []
    there: dict[int, str] = {}

    def remember(hours: int) -> None:
        moments.append(clock.at(hours))
        states.append(dict(there))
        clock.at(hours + 1)

    clock.at(1)
    ids = [admin.post(path, {"values": {"name": name}})["id"] for name in ("戊", "己", "庚")]
    there = dict(zip(ids, ("戊", "己", "庚"), strict=True))
    remember(1)
    admin.send("PATCH", f"{path}/{ids[0]}", {"values": {"name": "戊二"}}, If_Match='"1"')
    there[ids[0]] = "戊二"
    remember(3)
    for key in ids[1:]:
        admin.send("DELETE", f"{path}/{key}", If_Match='"1"')
        del there[key]
    remember(5)
    admin.post(f"{UOMS}/bin/{ids[1]}/restoration", None)
    admin.send("DELETE", f"{UOMS}/bin/{ids[2]}")
    there[ids[1]] = "己"
    remember(7)
    for moment, state in zip(moments, states, strict=True):
        asked = moment.replace("+", "%2B")
        rows = listed(admin, f"{path}?as_of={asked}&limit=2&columns=name")
        found = {row["id"]: row["values"]["name"] for row in rows if row["id"] in ids}
        assert found == state, moment


def test_list_as_of__asked_in_vain(api: Way) -> None:
    admin, path = api("admin"), f"{UOMS}/records"
    early = listed(admin, f"{path}?as_of=2020-01-01T00:00:00Z")
    assert early == []
    for query in ("as_of=2026-11-20", "as_of=2026-11-20T00:00:00Z&sort=name",
                  "as_of=2026-11-20T00:00:00Z&search=x"):  # fmt: skip
        assert admin.send("GET", f"{path}?{query}").status_code == 400, query
    hidden = "as_of=2026-11-20T00:00:00Z&columns=standard_cost"
    assert api("zhou").send("GET", f"{ITEMS}?{hidden}").status_code == 422
    assert api("zhou").send("GET", f"{RECEIPTS}?as_of=2026-11-20T00:00:00Z").status_code == 403


def test_summary__counts_and_totals_of_records_and_of_aggregates(api: Way) -> None:
    admin = api("admin")
    for number, (name, price) in enumerate((("甲", "1.10"), ("甲", "2.20"), ("乙", "0.30"))):
        values = {"item_no": f"SUM{number}", "name": name, "base_uom": 1, "price_sale": price}
        admin.post(ITEMS, {"values": values})
    path = f"{FORMS}/item/summary"
    where = {"field": "item_no", "op": "starts", "values": ["SUM"]}
    totals = [{"field": "price_sale", "fn": fn} for fn in ("sum", "avg", "max")]
    answer = admin.send("POST", path, {"where": where, "totals": totals, "group": "name"})
    found = answer.get_json()
    assert answer.status_code == 200, found
    assert (found["count"], found["capped"], found["cut"]) == (3, False, False)
    assert [one["value"].rstrip("0") for one in found["totals"]] == ["3.6", "1.2", "2.2"]
    told = {each["value"]: (each["count"], each["totals"][0]["value"]) for each in found["groups"]}
    assert {key: (n, value.rstrip("0")) for key, (n, value) in told.items()} == {
        "甲": (2, "3.3"),
        "乙": (1, "0.3"),
    }
    for body, status in (
        ({"totals": [{"field": "name", "fn": "sum"}]}, 422),
        ({"totals": [{"field": "name", "fn": "median"}]}, 400),
        ({"totals": ["name"]}, 400),
        ({"group": "remark_that_is_not"}, 422),
        ({"sort": ["name"]}, 400),
    ):
        assert admin.send("POST", path, body).status_code == status, body
    # What one may not see is not added up either.
    cost = {"totals": [{"field": "standard_cost", "fn": "sum"}]}
    assert api("zhou").send("POST", path, cost).status_code == 422
    assert api("zhou").send("POST", f"{FORMS}/purchase_receipt/summary", {}).status_code == 403
    aggregate = admin.send("POST", f"{FORMS}/monthly_summary/summary", {})
    assert aggregate.status_code == 200, "an aggregate table is read like a form"
