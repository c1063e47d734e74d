"""A list as a sheet: texts become values, each row for itself, what is wrong at its cell."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.screens.person import Person

Signed = Callable[[str], Person]
SHEET = "/a/jxc/item/sheet"


def saved(person: Person, rows: Any) -> tuple[int, Any]:
    answer = person.client.post(SHEET, json={"rows": rows}, headers={"X-CSRFToken": person.token})
    return answer.status_code, answer.get_json(silent=True)


def seen(person: Person) -> dict[int, tuple[int, list[str]]]:
    """Version and texts of each row by its id."""
    found = {}
    for row in person.get(SHEET).soup.select("#sheet tbody tr"):
        texts = [cell.get_text() for cell in row.select("td")]
        found[int(str(row["data-id"]))] = (int(str(row["data-version"])), texts)
    return found


def row(record_id: int, version: int, cells: Mapping[str, str]) -> dict[str, Any]:
    return {"id": record_id, "version": version, "cells": dict(cells)}


def test_save__texts_become_values_and_the_rest_waits_at_its_cells(person: Signed) -> None:
    admin = person("admin")
    before = seen(admin)
    (good, (version, texts)), (bad, (other, _)), (late, (old, _)) = list(before.items())[:3]
    unit = texts[4]
    status, answer = saved(admin, [
        row(good, version, {"specification": "新规格", "base_uom": unit, "price_sale": "1,234.5"}),
        row(bad, other, {"name": "改名", "price_sale": "很贵", "base_uom": "没有的单位"}),
        row(late, old + 1, {"specification": "旧的"}),
    ])  # fmt: skip
    assert status == 200
    assert answer["rows"][str(good)] == {"version": version + 1}
    assert set(answer["rows"][str(bad)]["problems"]) == {"price_sale", "base_uom"}
    assert "修改过" in answer["rows"][str(late)]["problems"][""]
    after = seen(admin)
    assert after[good][1][2] == "新规格"
    assert after[good][1][6] == "1,234.50"
    assert {key: after[key] for key in (bad, late)} == {key: before[key] for key in (bad, late)}
    # One save is undone as one.
    undone = admin.post(answer["undo"], script=True).response
    assert json.loads(undone.headers["HX-Trigger"])["work:done"]["text"] == "已撤销，恢复了 1 条"
    assert seen(admin)[good][1] == texts


def test_save__what_is_not_open_stays(person: Signed) -> None:
    admin = person("admin")
    key, (version, texts) = next(iter(seen(admin).items()))
    status, answer = saved(admin, [row(key, version, {"sold_qty": "9", "secret": "1"})])
    assert status == 200
    assert set(answer["rows"][str(key)]["problems"]) == {"sold_qty", "secret"}
    assert seen(admin)[key] == (version, texts)


def test_save__another_shape_or_another_person(person: Signed) -> None:
    admin, seller = person("admin"), person("zhangmin")
    for rows in ([], [{}], [row(1, 1, {})], [row(1, 1, {"name": "x"})] * 2, [{"id": "1"}], 5):
        assert saved(admin, rows)[0] == 400, rows
    assert saved(seller, [row(1, 1, {"name": "x"})])[0] == 403
    assert seller.get(SHEET).status == 403
