"""Six things taken back: a line, a field, a step, a record, a bulk update, an import.

Each is changed and taken back through the doors of the screens; what lies in the database before
and after is compared byte for byte, without who wrote it last and when.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from playwright.sync_api import Page
from sqlalchemy import select

from bench.ux_checks.furnish import HEADINGS, doors, hand_in
from bench.ux_checks.room import CODES, Check, Room, header, press, rows, settled
from builder import drafts
from runtime.catalogue import Catalogue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.query.record import records_by_id

FIELD_FORM: Final = "/design/jxc/forms/customer"
FLOW: Final = "/design/jxc/forms/purchase_receipt/flows/receipt_approval"
REV: Final = "Number(document.querySelector('#rev').dataset.rev)"
POST: Final = """async ([path, body, token]) => {
  const answer = await fetch(path, {method: 'POST', body: JSON.stringify(body),
    headers: {'Content-Type': 'application/json', 'X-CSRFToken': token}});
  return [answer.status, await answer.text()]; }"""


def _undone(room: Room) -> Iterator[Check]:
    ways: tuple[tuple[str, Callable[[Room], bool]], ...] = (
        ("line", _line),
        ("field", _field),
        ("step of a flow", _step),
        ("record", _record),
        ("bulk update", _bulk),
        ("import", _import),
    )
    done = []
    for name, way in ways:
        is_same = way(room)
        done.append(is_same)
        what = f"taken back, a {name} is what it was, byte for byte"
        yield Check("31", what, "yes" if is_same else "no", "yes", is_same)
    figure = f"{sum(done)}/{len(ways)}"
    yield Check("31", "kinds of change that can be taken back", figure, "6/6", all(done))


def _line(room: Room) -> bool:
    with room.page() as page:
        header(page)
        for code in CODES[:3]:
            press(page, code, "Enter", "3", "Enter")
        settled(page)
        page.wait_for_timeout(300)
        before = rows(page)
        page.focus("#f-lines-1-qty")
        press(page, "Control+Delete")
        is_gone = rows(page) != before
        press(page, "Control+z")
        return is_gone and rows(page) == before


def _field(room: Room) -> bool:
    op = {"op": "delete", "form": "customer", "field": "phone"}
    return _designed(room, FIELD_FORM, op)


def _step(room: Room) -> bool:
    op = {"op": "delete_step", "flow": "receipt_approval", "step": "n_lead"}
    return _designed(room, FLOW, op)


def _designed(room: Room, address: str, op: dict[str, Any]) -> bool:
    """Send an operation as the designer does, and take it back."""
    with room.page(address, who="admin") as page:
        before = _draft(room)
        for path, sent in ((f"{address}/ops", {"ops": [op]}), (f"{address}/undo", {})):
            page.goto(room.url + address)
            page.wait_for_selector("#rev", state="attached")
            body = {"base_rev": page.evaluate(REV), **sent}
            status, text = page.evaluate(POST, [path, body, token_of(page)])
            assert status == 200, text[:500]
            if sent:
                changed = _draft(room)
        return changed != before and _draft(room) == before


def token_of(page: Page) -> str:
    """What a page sends along so that it is believed."""
    found = re.search(r'csrf[_-]token"[^>]*?(?:value|content)="([^"]+)"', page.content())
    assert found, "the page has no token"
    return found[1]


def _record(room: Room) -> bool:
    with doors(room) as admin:
        key = max(_records(room, "customer"))
        before, path = _records(room, "customer")[key], f"/a/jxc/customer/{key}"
        version = re.search(r'name="version" value="(\d+)"', admin.text(path))
        assert version, "a record has a version"
        admin.post(path, f"{path}/deletion", version=version[1])
        is_gone = key not in _records(room, "customer")
        back = f"/a/jxc/customer/bin/{key}"
        admin.post(back, f"{back}/restoration")
        return is_gone and _records(room, "customer")[key] == before


def _bulk(room: Room) -> bool:
    with doors(room) as admin:
        before = _records(room, "item")
        ids = ",".join(str(key) for key in before)
        sent = {"action": "update", "ids": ids, "field": "specification", "specification": "改"}
        told = admin.post("/a/jxc/item", "/a/jxc/item/batches", **sent)
        is_changed = _records(room, "item") != before
        page = told.url.removeprefix(room.url)
        undo = re.search(r'action="([^"]+/undoing)"', admin.text(page))
        assert undo, f"{page} can be taken back"
        admin.post(page, undo[1])
        return is_changed and _records(room, "item") == before


def _import(room: Room) -> bool:
    """Five new items and five that are there are written, and taken back."""
    with room.page("/imports/jxc?form=item", who="admin") as page:
        before = _records(room, "item")
        new = [(f"UN-{n}", f"新商品 {n}", "紧固件", "盒", n) for n in range(1, 6)]
        hand_in(page, [[HEADINGS, *new]])
        page.get_by_text("下一步：对应字段").first.click()
        page.get_by_text("下一步：检查").first.click()
        page.wait_for_url("**/check")
        page.locator("form[action$='/run'] button").first.click()
        page.wait_for_selector(".imp-done:not(.is-busy)")
        is_changed = len(_records(room, "item")) == len(before) + len(new)
        page.locator("form[action$='/undoing'] button").click()
        page.wait_for_function(
            "() => !document.querySelector('.is-busy, form[action$=\"/undoing\"]')"
        )
        page.wait_for_timeout(500)
        return is_changed and _records(room, "item") == before


def _draft(room: Room) -> str:
    """The draft of the app as it is kept."""
    database = Database(room.database)
    with database.reading() as connection:
        act = Act(connection, SYSTEM, room.now())
        source = drafts.read(act, "jxc").source
    database.dispose()
    return json.dumps(source, ensure_ascii=False)


def _records(room: Room, code: str) -> dict[int, str]:
    """Every record of a form with its lines, by its key."""
    database = Database(room.database)
    with database.reading() as connection:
        form = Catalogue().app(connection, "jxc").forms[code]
        keys = list(connection.execute(select(form.table.c.id)).scalars())
        found = records_by_id(connection, form, keys)
    database.dispose()
    return {key: _text(record) for key, record in found.items()}


def _text(record: Any) -> str:
    lines = {code: [row.values for row in each] for code, each in record.lines.items()}
    return json.dumps([record.status, record.values, lines], ensure_ascii=False, default=str)


CHECKS: Final = (_undone,)
