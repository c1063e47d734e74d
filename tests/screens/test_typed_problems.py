"""Boxes that were left: what the validator says of each, to those who may fill them in."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.screens.person import Person

Signed = Callable[[str], Person]


def problems(somebody: Person, address: str, fields: Mapping[str, str]) -> dict[str, Any]:
    headers = {"X-CSRFToken": somebody.token, "Accept": "application/json"}
    answer = somebody.client.post(f"{address}/problems", data=dict(fields), headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()["problems"]
    return found


def test_taken_number__is_said_at_its_box(person: Signed) -> None:
    somebody = person("admin")
    known = somebody.get("/a/jxc/item/1").soup.select_one("[name=item_no]")
    assert known is not None
    taken = str(known["value"])
    (said,) = problems(somebody, "/a/jxc/item", {"version": "0", "item_no": taken}).items()
    assert taken in said[1]
    assert problems(somebody, "/a/jxc/item", {"version": "0", "item_no": f"{taken}-9"}) == {}
    # Its own number is no other's.
    assert problems(somebody, "/a/jxc/item/1", {"version": "1", "item_no": taken}) == {}


def test_lines__by_the_box_of_the_row(person: Signed) -> None:
    typed = {"version": "0", "lines.0.qty": "-1", "lines.0.item": "1", "lines.1.qty": "2"}
    (at,) = problems(person("zhangmin"), "/a/jxc/delivery", typed)
    assert "0" in at
    assert "qty" in at


def test_who_may_not_fill_it_in__is_refused(person: Signed) -> None:
    somebody = person("chenli")
    headers = {"X-CSRFToken": somebody.token}
    answer = somebody.client.post("/a/jxc/delivery/problems", data={}, headers=headers)
    assert answer.status_code == 403
