"""The designers and the import wizard: clicks, weight, round trips, references, faults, rows."""

import json
import re
import statistics
import time
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, Final

from playwright.sync_api import Page

from bench.ux_checks.furnish import hand_in
from bench.ux_checks.room import LATENCY, SLOWER, Check, Room, devtools
from bench.ux_checks.undone import POST, REV, token_of
from builder import drafts
from builder.publish import publish
from runtime import documents
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import AppError

STUDIO: Final = "/design/jxc/forms/delivery"
THING: Final = "/design/uxf/forms/thing"
FLOW: Final = "/design/jxc/forms/purchase_receipt/flows/receipt_approval"
APP: Final[dict[str, Any]] = {
    "format": "dajian-app/1", "code": "uxf", "label": "公式",
    "forms": [{"code": "thing", "label": "东西", "type": "record", "title": "name",
               "fields": [{"code": "name", "kind": "text", "label": "名称"}]}],
}  # fmt: skip
FORMULAS: Final = {"twice": "=qty*2", "more": "=qty+1", "many": "=IF(qty>5,1,0)"}
OPS: Final = {"quick": 30, "full": 100}
SIXTY: Final = 60
ROLE: Final = {"by": "role", "role": "warehouse_lead"}
STEP: Final[dict[str, Any]] = {"id": "n_more", "type": "approve", "who": ROLE}
# Each is what somebody forgets, in a flow that is right without it.
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "a role that is not there": STEP | {"who": {"by": "role", "role": "nobody"}},
    "no role": STEP | {"who": {"by": "role"}},
    "nobody named": STEP | {"who": {"by": "users", "users": []}},
    "no department": STEP | {"who": {"by": "department", "departments": []}},
    "more votes than people": STEP
    | {"mode": "count", "count": 3, "who": {"by": "users", "users": ["chenli"]}},
    "a deputy nobody is": STEP | {"empty": "deputy"},
    "a way without a condition": {"id": "b_1", "type": "branch", "branches": [
        {"id": "c_1", "steps": []}, {"id": "c_2", "else": True, "steps": []}]},
    "the rest before the last": {"id": "b_1", "type": "branch", "branches": [
        {"id": "c_2", "else": True, "steps": []}, {"id": "c_1", "when": "{qty_total}>1",
                                                 "steps": []}]},
    "a condition on no field": {"id": "b_1", "type": "branch", "branches": [
        {"id": "c_1", "when": "{nothing}>1", "steps": []},
        {"id": "c_2", "else": True, "steps": []}]},
    "an id twice": STEP | {"id": "n_lead"},
}  # fmt: skip
ROWS: Final = {"quick": 2_000, "full": 20_000}
COLUMNS: Final = ("text", "number", "date", "boolean", "choice")
WAIT_FOR_ROWS: Final = 600_000


def _weight(room: Room) -> Check:
    with room.page("/preferences", who="admin") as page:
        sizes: dict[str, int] = {}
        kinds: dict[str, str] = {}
        tools = devtools(page)
        tools.send("Network.enable")
        tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        tools.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
        tools.on(
            "Network.loadingFinished",
            lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}),
        )
        page.goto(room.url + STUDIO, wait_until="networkidle")
    sent = {
        kind: sum(size for key, size in sizes.items() if kinds.get(key) == kind) / 1024
        for kind in ("Script", "Stylesheet", "Document")
    }
    assets = sent["Script"] + sent["Stylesheet"]
    figure = f"{assets:.1f} + {sent['Document']:.1f} KB"
    what = "form designer: scripts and styles + page, cold"
    return Check("6", what, figure, "<= 90 KB", assets <= 90)


def _clicks(room: Room) -> Check:
    """Five fields, one of them moved and required, published; nothing is dragged."""
    with room.page("/design", who="admin") as page:
        page.fill("#app-label", "报修应用")
        page.get_by_role("button", name="新建应用").click()
        page.fill("#form-label", "报修")
        page.get_by_text("档案", exact=True).first.click()
        page.get_by_role("button", name="新建表单").click()
        page.wait_for_selector("#library .chip")
        page.evaluate(
            "() => { window.clicks = 0; window.drags = 0;"
            " addEventListener('click', e => { clicks += e.isTrusted; }, true);"
            " addEventListener('dragstart', () => { drags += 1; }, true); }"
        )
        for number, kind in enumerate(("text", "number", "money", "date", "choice"), start=1):
            page.locator(f'#library .chip[data-kind="{kind}"]').click()
            page.wait_for_function(
                "n => document.querySelectorAll('#canvas .cf').length === n", arg=number
            )
        before = _labels(page)
        page.locator("#tools [data-tool=earlier]").click()
        page.locator("#tools [data-tool=required]").click()
        page.locator("#publish").click()
        page.locator("#publish-go").click()
        page.wait_for_selector("#dlg-publish", state="hidden")
        clicks, drags = page.evaluate("[clicks, drags]")
        is_done = _labels(page) == [*before[:3], before[4], before[3]] and not drags
    what = "clicks for five fields, another order, one required, published; no drag"
    return Check("32", what, str(clicks), "<= 20", is_done and clicks <= 20)


def _labels(page: Page) -> list[str]:
    found: list[str] = page.locator("#canvas .cf").evaluate_all(
        "all => all.map(each => each.dataset.label)"
    )
    return found


def _round_trips(room: Room) -> Iterator[Check]:
    """A field used in three formulas is renamed; then the form grows to sixty fields."""
    _installed(room)
    with room.page(THING, who="admin") as page:
        _ready(room, page)
        made = [_field("qty", "number", "数量")]
        made += [
            _field(code, "formula", code, {"formula": formula, "result": "number"})
            for code, formula in FORMULAS.items()
        ]
        _send(page, made)
        uses = page.request.get(f"{room.url}{THING}/uses?path=qty&why=delete").text()
        listed = len(re.findall(r"<li", uses.partition("us-list")[2]))
        what = "references shown before a field of three formulas is deleted"
        yield Check("34", what, str(listed), "3", listed == 3)
        _send(page, [{"op": "recode", "form": "thing", "field": "qty", "code": "pieces"}])
        what = "a field of three formulas renamed, published: they compute"
        found = _computed(room)
        yield Check("34", what, found, "14, 8, 1", found == "14, 8, 1")
        _ready(room, page)
        fields = [_field(f"f{n}", "text", f"字段 {n}") for n in range(SIXTY - 5)]
        _send(page, fields)
        devtools(page, slower=SLOWER, latency=LATENCY)
        taken = []
        for number in range(OPS[room.size]):
            op = {"op": "set", "form": "thing", "field": "f3", "name": "label"}
            began = time.perf_counter()
            _send(page, [op | {"value": f"第 {number} 次"}])
            taken.append((time.perf_counter() - began) * 1000)
        soon = statistics.quantiles(taken, n=20)[-1]
        what = f"an operation of the designer there and back, {SIXTY} fields, p95 ms"
        yield Check("33", what, f"{soon:.0f}", "<= 200", soon <= 200)


def _ready(room: Room, page: Page) -> None:
    """The designer as it stands now: what is published moves the draft on."""
    page.goto(room.url + THING)
    page.wait_for_selector("#rev", state="attached")
    page.evaluate("given => { window.uxToken = given; }", token_of(page))


def _field(code: str, kind: str, label: str, options: Any = None) -> dict[str, Any]:
    field = {"code": code, "kind": kind, "label": label} | ({"options": options} if options else {})
    return {"op": "add_field", "form": "thing", "field": field}


def _send(page: Page, ops: list[dict[str, Any]]) -> None:
    """Operations as the designer sends them; the page goes on from what comes back."""
    body = {"base_rev": page.evaluate(f"() => window.uxRev ?? {REV}"), "ops": ops}
    path, token = f"{THING}/ops", page.evaluate("() => window.uxToken")
    status, text = page.evaluate(POST, [path, body, token])
    assert status == 200, f"{status} {text[-800:]}"
    rev = re.search(r'data-rev="(\d+)"', text)
    assert rev, "the answer says where the draft stands"
    page.evaluate("given => { window.uxRev = given; }", int(rev[1]))


def _installed(room: Room) -> None:
    database = Database(room.database)
    with database.transaction() as connection:
        publish(Act(connection, SYSTEM, room.now()), APP, "benchmark")
    database.dispose()


def _computed(room: Room) -> str:
    """What the formulas make of seven pieces, once the draft is live."""
    database = Database(room.database)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, room.now())
        form = drafts.publish(act, "uxf", drafts.read(act, "uxf").rev, "renamed").app.forms["thing"]
        made = documents.create(act, form, {"name": "x", "pieces": "7"})
    database.dispose()
    return ", ".join(f"{made.values[code]:f}".rstrip(".0") for code in FORMULAS)


def _faults(room: Room) -> Check:
    """Each fault alone in a flow that has none without it."""
    with room.page(FLOW, who="admin") as page:
        database = Database(room.database)
        with database.reading() as connection:
            right = drafts.read(Act(connection, SYSTEM, room.now()), "jxc").source
        before = _listed(room, page)
        missed = []
        for name, step in FAULTS.items():
            source = deepcopy(json.loads(json.dumps(right)))
            flow = next(one for one in source["workflows"] if one["code"] == "receipt_approval")
            flow["steps"].append(deepcopy(step))
            if _replaced(room, database, source) and _listed(room, page) <= before:
                missed.append(name)
        _replaced(room, database, right)
        database.dispose()
    figure = f"{len(FAULTS) - len(missed)}/{len(FAULTS)}"
    what = f"faults of a flow listed before it is published; missed: {missed or 'none'}"
    return Check("36", what, figure, "10/10", not missed and len(FAULTS) == 10)


def _replaced(room: Room, database: Database, source: Any) -> bool:
    """Whether the draft takes it; what it refuses has been told as well."""
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, room.now())
        try:
            drafts.replace(act, "jxc", drafts.read(act, "jxc").rev, source, "benchmark")
        except AppError:
            return False
    return True


def _listed(room: Room, page: Page) -> int:
    return page.request.get(f"{room.url}{FLOW}/problems").text().count("<li")


def _import(room: Room) -> Iterator[Check]:
    """Twenty columns of five kinds become a form; the tab is closed on the way."""
    count = ROWS[room.size]
    names = [f"{kind} {n}" for n in range(1, 5) for kind in COLUMNS]
    with room.page("/imports/jxc", who="admin") as page:
        page.set_default_timeout(WAIT_FOR_ROWS)
        began = time.perf_counter()
        hand_in(page, [[("二十列的表",), tuple(names), *_cells(count)]])
        page.wait_for_url(re.compile(r"/imports/jxc/\d+"))
        is_found = f"{count:,} 行" in page.content() or f"{count} 行" in page.content()
        page.get_by_text("下一步：对应字段").first.click()
        page.wait_for_load_state("networkidle")
        kinds = page.locator("select[name^=kind]").evaluate_all("all => all.map(e => e.value)")
        right = sum(a == b for a, b in zip(kinds, COLUMNS * 4, strict=False))
        page.get_by_text("下一步：检查").first.click()
        page.wait_for_url("**/check")
        page.locator("form[action$='/run'] button").first.click()
        page.wait_for_url("**/run")
        address = page.url
        page.goto("about:blank")
        page.goto(address)
        page.wait_for_selector(".imp-done:not(.is-busy)")
        seconds = time.perf_counter() - began
        is_there = f"{count:,}" in page.locator("main").inner_text()
    what = f"header found and types right of 20 columns: {'header' if is_found else 'no header'}"
    yield Check("37", what, f"{right}/20", ">= 19/20", is_found and right >= 19)
    what = f"{count:,} rows of 20 columns, from the file to the end, the tab closed between, s"
    yield Check("37", what, f"{seconds:.0f}", "<= 60", is_there and seconds <= 60)


def _cells(count: int) -> Iterator[tuple[Any, ...]]:
    first = date(2024, 1, 1)
    for n in range(count):
        day, state = first + timedelta(days=n % 700), ("待定", "进行", "完成")[n % 3]
        yield (f"内容 {n} 号", n * 7 % 1000 + 1, day, ("是", "否")[n % 2], state) * 4


CHECKS: Final = (_weight, _clicks, _round_trips, _faults, _import)
