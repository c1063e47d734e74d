"""What the API says of the books: the figures of the screens, and to nobody more than those.

10 @ 2.50 received on the 2nd, 4 issued on the 4th for 10.00; 10 @ 3.50 entered later for the 3rd
make 20 for 60.00, so the 4 cost 12.00 and 16 for 48.00 remain.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.api.conftest import Api, Masters

Way = Callable[..., Api]
FORMS, STOCK = "/apps/jxc/forms", "/apps/jxc/stock"


def posted(admin: Api, masters: Masters, form: str, day: str, **line: str) -> int:
    values = {
        "warehouse": masters.warehouse,
        "document_date": day,
        "lines": [{"item": masters.item, **line}],
    }
    made = admin.post(f"{FORMS}/{form}/records", {"values": values, "submit": True})
    assert made["status"] == "posted"
    key: int = made["id"]
    return key


def test_books__every_figure_and_its_reason(api: Way, masters: Masters) -> None:
    admin, wang = api("admin"), api("wang")
    posted(admin, masters, "misc_receipt", "2026-11-02", qty="10", price="2.50")
    issue = posted(admin, masters, "misc_issue", "2026-11-04", qty="4")
    late = posted(admin, masters, "misc_receipt", "2026-11-03", qty="10", price="3.50")
    here = f"item={masters.item}&warehouse={masters.warehouse}"

    def figures(path: str) -> list[dict[str, Any]]:
        (found,) = wang.get(path).values()
        return list(found)

    (row,) = figures(f"{STOCK}?{here}&as_of=2026-11-02")
    assert (row["qty"], Decimal(row["value"]), row["owner"]) == ("10", 25, "")
    (status,) = figures(f"{STOCK}/status?items={masters.item}")
    assert (status["on_hand"], status["reserved"], status["available"]) == ("16", "0", "16")
    assert figures(f"{STOCK}/available?{here}")[-1]["qty"] == "16"
    (layer,) = figures(f"{STOCK}/layers?{here}")
    assert (layer["qty"], Decimal(layer["value"])) == ("16", 48)
    steps = figures(f"{STOCK}/chain?{here}")
    assert sum(Decimal(step["value"]) for step in steps) == 48
    (moved,) = figures(f"{STOCK}/summary?first=2026-11-03&last=2026-11-30&{here}")
    assert [moved[name] for name in ("opening_qty", "in_qty", "out_qty", "closing_qty")] == [
        "10", "10", moved["out_qty"], "16",
    ]  # fmt: skip
    first, later = figures(f"{FORMS}/misc_issue/records/{issue}/why")
    assert (first["kind"], Decimal(first["amount"])) == ("original", -10)
    assert (later["cause_form"], later["cause_document"]) == ("misc_receipt", late)


def test_books__what_was_booked_and_by_which_rules(api: Way, masters: Masters) -> None:
    admin = api("admin")
    posted(admin, masters, "misc_receipt", "2026-11-02", qty="10", price="2.50")
    issue = posted(admin, masters, "misc_issue", "2026-11-04", qty="4")
    booked = admin.get(f"{FORMS}/misc_issue/records/{issue}/journal")["journal"]
    assert sum(Decimal(line["amount"]) for line in booked) == 0
    rows = admin.get(f"{STOCK}/balances")["balances"]
    balances = {row["role"]: Decimal(row["amount"]) for row in rows}
    assert balances == {"stock": 15, "receipt": -25, "issue": 10}
    for path in ("places", "places?by=serial", "reservations", "trace?key=none"):
        assert list(admin.get(f"{STOCK}/{path}").values()) == [[]]
    (period,) = admin.get(f"{STOCK}/periods")["periods"]
    assert (period["ym"], period["state"]) == ("2026-11", "open")
    rules = admin.get(f"{STOCK}/rules")
    assert (rules["rules"]["negative"], rules["accounts"]) == ("forbid", [])
    (policy,) = admin.get(f"{STOCK}/policies?item={masters.item}")["policies"]
    assert policy["method"] == "moving_average"


def test_books__cost_and_rules_are_kept_from_others(api: Way, masters: Masters) -> None:
    admin, wang, zhou = api("admin"), api("wang"), api("zhou")
    made = posted(admin, masters, "misc_receipt", "2026-11-02", qty="10", price="2.50")
    here = f"item={masters.item}&warehouse={masters.warehouse}"
    cost = (
        f"{STOCK}/layers?{here}",
        f"{STOCK}/chain?{here}",
        f"{STOCK}/balances",
        f"{FORMS}/misc_receipt/records/{made}/why",
        f"{FORMS}/misc_receipt/records/{made}/journal",
    )
    rules = (f"{STOCK}/periods", f"{STOCK}/rules", f"{STOCK}/policies?item={masters.item}")
    for path in cost + rules:
        assert zhou.send("GET", path).status_code == 403, path
    for path in rules:
        assert wang.send("GET", path).status_code == 403, path
    (row,) = zhou.get(f"{STOCK}?{here}")["stock"]
    assert set(row) == {"item", "warehouse", "qty", "owner"}
    (moved,) = zhou.get(f"{STOCK}/summary?first=2026-11-01&last=2026-11-30")["summary"]
    assert not [name for name in moved if name.endswith("value")]
    path = f"{FORMS}/misc_receipt/records/999999/why"
    assert wang.send("GET", path).status_code == 404


RUBBISH = (
    "layers",
    "layers?item=1",
    "chain?item=x&warehouse=1",
    "available?item=0&warehouse=1",
    "status",
    "status?items=1,x",
    "status?items=" + "9" * 20,
    "summary?first=2026-11-01",
    "summary?first=soon&last=2026-11-01",
    "places?by=colour",
    "trace",
    "trace?key=x&direction=sideways",
    "policies",
    "?as_of=2026-13-01",
    "?known_at=0",
    "balances?x=1",
)


def test_books__what_cannot_be_understood(api: Way) -> None:
    admin = api("admin")
    for path in RUBBISH:
        address = f"{STOCK}{path}" if path.startswith("?") else f"{STOCK}/{path}"
        assert admin.send("GET", address).status_code == 400, path
