"""Files through the API: sent, attached, given out by the rights of their record."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Api, Masters
from tests.api.test_records import RECEIPTS, receipt

Way = Callable[..., Api]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def send(way: Api, name: str, content: bytes, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {way.token}", **headers}
    return way.client.post(
        "/api/v1/files", query_string={"name": name}, data=content, headers=sent,
        content_type="application/octet-stream",
    )  # fmt: skip


def content(way: Api, path: str) -> bytes:
    """What comes back: always a download, never a page."""
    with way.send("GET", path) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return answer.data


def test_file__belongs_to_its_sender_then_to_its_record(api: Way, masters: Masters) -> None:
    li, wang, zhou = api("li"), api("wang"), api("zhou")
    kept = send(li, "合同.png", PNG)
    assert kept.status_code == 201
    file = kept.get_json()
    assert (file["name"], file["media_type"], file["size"]) == ("合同.png", "image/png", len(PNG))
    assert file["sha256"] == hashlib.sha256(PNG).hexdigest()
    path = f"/files/{file['id']}"
    assert content(li, path) == PNG
    assert wang.send("GET", path).status_code == 404
    values = receipt(masters)
    values["values"]["attachments"] = [file["id"]]
    record = li.post(RECEIPTS, values)
    assert record["values"]["attachments"] == [file["id"]]
    assert content(wang, path) == PNG
    # Sales see no receipts, so they get none of their files.
    assert zhou.send("GET", path).status_code == 404


def test_file__same_key_keeps_it_once(api: Way) -> None:
    li = api("li")
    first = send(li, "a.txt", b"one", **{"Idempotency-Key": "k1"})
    again = send(li, "a.txt", b"one", **{"Idempotency-Key": "k1"})
    other = send(li, "a.txt", b"two", **{"Idempotency-Key": "k1"})
    assert first.get_json() == again.get_json()
    assert other.status_code == 422


REFUSED = [
    # name, size, scope, status
    ("", 3, "write", 400),
    ("a.txt", 20_000_001, "write", 413),
    ("a.txt", 3, "read", 403),
]


@pytest.mark.parametrize(("name", "size", "scope", "status"), REFUSED)
def test_file__refused(api: Way, name: str, size: int, scope: str, status: int) -> None:
    answer = send(api("li", scope), name, b"x" * size)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
