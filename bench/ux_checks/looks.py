"""What is sent before anything can be read: the weight of a list and of a form."""

from collections.abc import Iterator
from typing import Any, Final

from bench.ux_checks.room import FORM, NEW, Check, Room


def _weights(room: Room) -> Iterator[Check]:
    for name, path in (("list", FORM), ("form", NEW)):
        yield _weight(room, name, path)


def _weight(room: Room, name: str, path: str) -> Check:
    with room.page("/preferences") as page:
        sent: dict[str, list[Any]] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.responseReceived", lambda e: sent.update({e["requestId"]: [e, 0]}))

        def loaded(event: dict[str, Any]) -> None:
            if event["requestId"] in sent:
                sent[event["requestId"]][1] = event["encodedDataLength"]

        session.on("Network.loadingFinished", loaded)
        page.goto(room.url + path, wait_until="networkidle")
        html = sum(size for event, size in sent.values() if event["type"] == "Document") / 1024
        kinds = {"Script", "Stylesheet"}
        assets = sum(size for event, size in sent.values() if event["type"] in kinds) / 1024
    figure = f"{assets:.1f} + {html:.1f} KB"
    is_met = assets <= 60 and html <= 25
    return Check("5", f"{name}: scripts and styles + page, cold", figure, "<= 60 + 25 KB", is_met)


CHECKS: Final = (_weights,)
