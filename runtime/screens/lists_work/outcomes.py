"""The page of a batch: how many went through, which did not and why, the way back."""

from dataclasses import dataclass
from typing import Any, Final

from flask import request

from runtime.compile import Form
from runtime.documents.batch import store, undo
from runtime.documents.batch.store import Batch, BatchRow
from runtime.infra.act import Act
from runtime.screens.form_fields import record_url
from runtime.screens.i18n import _, label
from runtime.screens.lists_work.asked import batch_address, list_address
from runtime.screens.lists_work.boxes import sentence

SHOWN: Final = 100


@dataclass(frozen=True)
class Line:
    """One record of the page."""

    title: str
    href: str
    words: tuple[str, ...]


def page_of(act: Act, form: Form, batch: Batch) -> dict[str, Any]:
    """Return what the template needs."""
    after = request.args.get("after", 0, type=int)
    refused = store.rows(act.connection, batch.id, "refused", limit=SHOWN + 1, after=after)
    done = store.rows(act.connection, batch.id, "done", limit=SHOWN)
    last = refused[SHOWN - 1].record_id if len(refused) > SHOWN else 0
    may_undo = undo.may_undo(act, batch)
    gone = batch.action == "delete"
    return {
        "form": form,
        "title": _title(batch),
        "batch": batch,
        "counts": store.counts(act.connection, batch.id),
        "refused": [_line(form, row) for row in refused[:SHOWN]],
        "done": [_line(form, row, is_gone=gone) for row in done],
        "more": batch_address(form, batch.id, after=last) if last else "",
        "list_url": list_address(form),
        "list_label": label(form.label),
        "undo_url": batch_address(form, batch.id, "undo_batch") if may_undo else "",
        "undone_by": store.undone_by(act.connection, batch.id),
    }


def _title(batch: Batch) -> str:
    words = {
        "update": _("批量修改"),
        "submit": _("批量提交"),
        "delete": _("批量删除"),
        "undo": _("撤销批量操作"),
    }
    return words[batch.action]


def _line(form: Form, row: BatchRow, *, is_gone: bool = False) -> Line:
    words = tuple(
        sentence(form, each["pointer"], each["code"], each["params"]) for each in row.problems
    )
    return Line(
        row.title or f"#{row.record_id}", "" if is_gone else record_url(form, row.record_id), words
    )
