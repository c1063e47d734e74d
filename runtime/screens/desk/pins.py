"""Pages somebody wants at hand: pinned, renamed, taken away."""

from typing import Any
from urllib.parse import urlsplit

from flask import request

from runtime.infra import desk
from runtime.infra.act import Act
from runtime.infra.desk import LONGEST_ADDRESS
from runtime.infra.errors import BadRequest
from runtime.screens.acting import carry_out, reading
from runtime.screens.render import go, is_fragment_wanted, render
from runtime.screens.routes import permission
from runtime.screens.shell import parts_of, visible_pins


@permission("signed_in")
def pin_page() -> Any:
    """Pin a page (`href`, `label`), or take it away when it is pinned already."""
    href = own_address(request.form.get("href", ""))
    label = request.form.get("label", "")
    carry_out(lambda act: _toggle(act, href, label))
    return _answer()


@permission("signed_in")
def change_pin(pin_id: int) -> Any:
    """Rename a pin; without a name it is taken away."""
    label = request.form.get("label")
    if label is None:
        carry_out(lambda act: desk.unpin(act, pin_id))
    else:
        carry_out(lambda act: desk.rename(act, pin_id, label))
    return _answer()


def own_address(text: str) -> str:
    """Return an address of one of our pages; anything else is refused."""
    parts = urlsplit(text)
    is_path = text.startswith("/") and not text.startswith("//") and "\\" not in text
    if not is_path or parts.netloc or len(text) > LONGEST_ADDRESS or not text.isprintable():
        raise BadRequest
    if parts_of(text) is None:
        raise BadRequest
    return text


def _toggle(act: Act, href: str, label: str) -> None:
    there = next((pin for pin in desk.pins(act) if pin.href == href), None)
    if there is not None:
        desk.unpin(act, there.id)
    else:
        desk.pin(act, href, label)


def _answer() -> Any:
    if not is_fragment_wanted():
        return go("screens.home")
    with reading() as act:
        return render("desk/_pins.html", pins=visible_pins(act))
