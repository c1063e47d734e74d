"""A file in a line is as much the record's as one in the header."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from runtime import query
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.documents import comments
from runtime.documents.attachments import may_read
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.files import StoredFile
from runtime.query import LineRecord, Record
from runtime.workflow import timeline

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FILE = StoredFile(3, "k", "a.txt", "text/plain", 1, "0", 7, NOW, "demo.note", 1)


def files(code: str) -> dict[str, Any]:
    return {"code": code, "kind": "attachment", "label": code}


FORM = compile_app(
    load_app(
        {
            "format": "dajian-app/1",
            "code": "demo",
            "label": "演示",
            "forms": [
                {
                    "code": "note",
                    "label": "记录",
                    "type": "record",
                    "fields": [
                        {"code": "name", "kind": "text", "label": "名称"},
                        files("papers"),
                        {"code": "lines", "kind": "lines", "label": "明细",
                         "options": {"fields": [files("photos")]}},
                    ],
                }
            ],
        }
    ),
    1,
).forms["note"]  # fmt: skip


@dataclass
class Held:
    """What the query finds."""

    record: Record | None = None

    def __call__(self, *_: Any) -> Record | None:
        return self.record


def record(papers: tuple[int, ...] | None, photos: tuple[int, ...] | None) -> Record:
    lines = {"lines": (LineRecord(1, 1, {"photos": photos}),)}
    return Record(FORM, 1, 1, "active", {"papers": papers}, lines, None, NOW, None, NOW)


CASES = [
    # files of the header, of the line, may be read
    ((3,), None, True),
    (None, (2, 3), True),
    ((4,), (5,), False),
    (None, None, False),
]


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody commented or answered: the files of both have tests of their own."""
    monkeypatch.setattr(comments, "files_of", lambda *_: frozenset())
    monkeypatch.setattr(timeline, "files_of", lambda *_: frozenset())


@pytest.mark.parametrize(("papers", "photos", "may"), CASES)
def test_may_read(monkeypatch: pytest.MonkeyPatch, papers: Any, photos: Any, may: bool) -> None:
    held = Held(record(papers, photos))
    monkeypatch.setattr(query, "record", held)
    act = Act(None, SYSTEM, NOW)  # type: ignore[arg-type]
    assert may_read(act, FILE, lambda _app, _form: FORM) is may
    held.record = None
    assert not may_read(act, FILE, lambda _app, _form: FORM)


def test_may_read__nobody_elses_until_a_record_takes_it() -> None:
    loose = replace(FILE, form=None, record_id=None)
    for user_id, may in ((7, True), (8, False)):
        act = Act(None, Actor(user_id, "x"), NOW)  # type: ignore[arg-type]
        assert may_read(act, loose, lambda _app, _form: FORM) is may
