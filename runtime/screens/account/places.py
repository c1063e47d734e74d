"""Where one is signed in, and signing out from afar."""

from typing import Any, Final

from flask import Response, g

from runtime.infra import sessions
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import _, instant
from runtime.screens.render import go, render
from runtime.screens.routes import permission

# In the order in which a browser's own words about itself have to be asked.
BROWSERS: Final = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Edg", "Edge"), ("OPR", "Opera"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@permission("signed_in")
def places() -> Response:
    """Show every place one is signed in at."""
    here = platform()
    with reading() as act:
        found = sessions.places(act.connection, g.session.user, here.settings, here.clock())
        return render(
            "account/places.html",
            places=[
                {
                    "id": place.id,
                    "what": called(place.agent),
                    "is_phone": any(
                        word in place.agent for word in ("Android", "iPhone", "Mobile")
                    ),
                    "network": place.network,
                    "since": instant(place.created_at),
                    "last": instant(place.last_seen_at),
                    "is_here": place.id == g.session.id,
                }
                for place in found
            ],
        )


@permission("signed_in")
def end_place(session_id: int) -> Any:
    """Sign out at one place."""
    carry_out(lambda act: sessions.end_place(act, g.session.user.id, session_id))
    return go("screens.places")


@permission("signed_in")
def end_other_places() -> Any:
    """Sign out everywhere but here."""
    carry_out(lambda act: sessions.end_others(act, g.session.user.id, g.session.id))
    return go("screens.places")


def called(agent: str) -> str:
    """Return what a person would call a browser and its machine."""
    browser = next((name for word, name in BROWSERS if word in agent), "")
    system = next((name for word, name in SYSTEMS if word in agent), "")
    return " · ".join(filter(None, (browser, system))) or _("不认识的浏览器")
