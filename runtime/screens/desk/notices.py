"""The bell: what somebody has been told, in the words they may read today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request, url_for

from runtime.infra import notices
from runtime.infra.act import Act
from runtime.infra.notices import PAGE, Notice
from runtime.screens.acting import carry_out, reading
from runtime.screens.i18n import _, said
from runtime.screens.places import href_of, name_of, seen
from runtime.screens.render import go, is_fragment_wanted, render
from runtime.screens.routes import permission

BOXES = ("unread", "all")


@dataclass(frozen=True)
class Line:
    """One notice as it is read; `href` is empty where there is nothing left to see."""

    id: int
    icon: str
    text: str
    said: str
    href: str
    at: datetime
    is_unread: bool


@permission("signed_in")
def show_notices() -> Response:
    """Show what the actor has been told, the latest first."""
    return _page()


@permission("signed_in")
def read_notices() -> Any:
    """Note that the actor has read one of them (`notice`), or all."""
    chosen = request.form.get("notice", type=int)
    ids = None if "notice" not in request.form else [chosen or 0]
    carry_out(lambda act: notices.mark_read(act, ids))
    return _page() if is_fragment_wanted() else go("screens.notices")


def lines(act: Act, found: Sequence[Notice]) -> Iterator[Line]:
    """Put notices into words; who may not view a record any more is told nothing of it."""
    known = seen(act, [each.place for each in found if each.place])
    for each in found:
        brief = known.get(each.place._replace(anchor="")) if each.place else None
        is_gone = each.place is not None and brief is None
        words = dict(each.params) | ({"what": name_of(brief)} if brief else {})
        yield Line(
            id=each.id,
            icon=each.kind.icon,
            text=said("notice_gone") if is_gone else said(f"notice_{each.kind.code}", words),
            said="" if is_gone else str(words.get("text", "")),
            href="" if is_gone else href_of(each.place) if each.place else each.href,
            at=each.at,
            is_unread=each.read_at is None,
        )


def _page() -> Response:
    box = request.values.get("box", BOXES[0])
    is_unread = box != "all"
    with reading() as act:
        before = request.args.get("before", type=int)
        found = notices.mine(act, before=before, is_unread=is_unread)
        last = found[-1].id if len(found) == PAGE else None
        return render(
            "desk/notices.html",
            "notices",
            lines=tuple(lines(act, found)),
            box="unread" if is_unread else "all",
            boxes={"unread": _("未读"), "all": _("全部")},
            unread=notices.count_unread(act),
            more=url_for("screens.notices", box=box, before=last) if last else "",
            is_fragment=is_fragment_wanted(),
        )
