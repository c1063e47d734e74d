"""The gates under the table: checks of the source, a barcode on camera, thirty lines on paper."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.ux_checks.room import Check, Room
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.query.record import records_by_id

ROOT: Final = Path(__file__).resolve().parents[2]
EAN13: Final = "6901234567892"
LINES: Final = 30
SOURCES: Final = (
    ("build_tools.htmx", "the upgrade check of htmx ends with 0"),
    ("build_tools.gates", "no style=, no handler in an attribute, no hx-on in the sources"),
)
# What a camera shows: the picture of a barcode on a canvas, as a film.
CAMERA: Final = """async address => {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = Object.assign(document.createElement('canvas'), {width: 800, height: 400});
  const draw = () => {
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, 800, 400);
    pen.drawImage(picture, 100, 100, 600, 200);
  };
  setInterval(draw, 50);
  draw();
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(20);
}"""


def _sources(room: Room) -> Iterator[Check]:
    for module, what in SOURCES:
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, capture_output=True, check=False
        )
        yield Check("more", what, str(done.returncode), "0", done.returncode == 0)
    del room


def _camera(room: Room) -> Check:
    """A known number, drawn as it stands on a label, is read by the camera of a phone."""
    _labelled(room)
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with room.page("/scan/", who="admin", **phone) as page:
        page.get_by_role("link", name="销售出库").click()
        page.locator(".sc-fresh summary").click()
        for box in page.locator(".sc-form select").all():
            box.select_option(index=1)
        page.get_by_role("button", name="开始扫描").click()
        page.wait_for_selector("#code")
        page.evaluate(CAMERA, f"{room.url}/barcodes/ean13?text={EAN13}")
        page.get_by_role("button", name="摄像头").click()
        page.wait_for_selector("#flash[data-last=ok]", state="attached")
        counted = page.locator(".sc-row .num").all_inner_texts()
    what = f"the camera reads EAN-13 {EAN13} and counts it"
    return Check("more", what, " ".join(counted), "1", counted == ["1"])


def _labelled(room: Room) -> None:
    """An item goes by that number."""
    database = Database(room.database)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, room.now())
        form = Catalogue().app(connection, "jxc").forms["item"]
        item = records_by_id(connection, form, [1])[1]
        documents.update(act, form, 1, {"barcode": EAN13}, version=item.version)
    database.dispose()


def _paper(room: Room) -> Iterator[Check]:
    """Printed by the browser, and as the workbook that is the form of the company."""
    key = _thirty(room)
    with room.page(f"/a/jxc/delivery/{key}", who="admin") as page:
        rows = page.locator("table.lg tbody tr[data-line]").count()
        page.emulate_media(media="print")
        began = time.perf_counter()
        held = page.pdf(format="A4")
        seconds = time.perf_counter() - began
    what = f"a delivery of {rows} lines printed as PDF, {len(held) // 1024} KB, s"
    is_met = rows == LINES and held.startswith(b"%PDF") and seconds <= 2
    yield Check("more", what, f"{seconds:.2f}", "<= 2", is_met)


def _thirty(room: Room) -> int:
    database = Database(room.database)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, room.now())
        form = Catalogue().app(connection, "jxc").forms["delivery"]
        lines = [{"item": 1, "qty": "1", "price": "2"} for _ in range(LINES)]
        values = {"customer": 1, "warehouse": 1, "lines": lines}
        made = documents.create(act, form, values | {"document_date": room.now().date()})
    database.dispose()
    return made.id


CHECKS: Final = (_sources, _camera, _paper)
