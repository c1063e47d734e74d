"""How a person wants to see things, what they want to be told, which keys they use."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, request

from runtime.infra import mailboxes, notices, preferences, users
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.infra.users import Preferences
from runtime.screens import i18n
from runtime.screens.acting import carry_out, reading
from runtime.screens.entrance import language_names
from runtime.screens.i18n import _
from runtime.screens.render import go, render
from runtime.screens.routes import permission
from runtime.screens.shell import apps_of, role_names
from runtime.screens.waiting import LETTER_KEYS

FIRST_STEPS: Final = "first_steps"
SWITCHED: Final = ("on", "off")


@permission("signed_in")
def show_preferences() -> Response:
    """Show how the person wants to see things."""
    with reading() as act:
        chosen = preferences.chosen(act)
        return render(
            "desk/preferences.html",
            themes=[
                ("auto", _("跟随系统")),
                ("light", _("浅色")),
                ("dark", _("深色")),
                ("contrast", _("高对比")),
            ],
            densities=[
                ("compact", _("紧凑")),
                ("comfortable", _("标准")),
                ("cozy", _("宽松")),
            ],
            languages=[("auto", _("跟随浏览器")), *language_names()],
            switches=[("on", _("开")), ("off", _("关"))],
            letter_keys=chosen.get(LETTER_KEYS, "on"),
            first_steps=chosen.get(FIRST_STEPS, "on"),
            kinds=_kinds(chosen),
            mail=chosen.get(mailboxes.ADDRESS, ""),
            mail_wanted=chosen.get(mailboxes.SWITCH, "on"),
            person=g.session.user,
            roles=role_names(act, apps_of(act)),
            is_saved="saved" in request.args,
        )


@permission("signed_in")
def save_preferences() -> Any:
    """Remember it with the person, not with the browser."""
    sent, before = request.form, i18n.preferences()
    wanted = Preferences(
        theme=sent.get("theme", before.theme),
        density=sent.get("density", before.density),
        language=sent.get("language", before.language),
    )
    switched = {
        name: sent[name] for name in (LETTER_KEYS, FIRST_STEPS, mailboxes.SWITCH) if name in sent
    }
    if not set(switched.values()) <= set(SWITCHED):
        raise BadRequest
    if "kinds" in sent:
        heard = set(sent.getlist("kind"))
        offered = {kind.code for kind in notices.KINDS} - notices.ALWAYS
        switched |= {notices.switch(code): SWITCHED[code not in heard] for code in offered}
    carry_out(lambda act: _save(act, wanted, switched))
    return go("screens.preferences", saved=1)


@permission("signed_in")
def hide_first_steps() -> Any:
    """Take the first steps off the workbench; the settings bring them back."""
    carry_out(lambda act: preferences.choose(act, FIRST_STEPS, "off"))
    return go("screens.home")


def _save(act: Act, wanted: Preferences, switched: Mapping[str, str]) -> None:
    users.set_preferences(act, wanted)
    for name, value in sorted(switched.items()):
        preferences.choose(act, name, None if value == "on" else value)


def _kinds(chosen: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """What one may be told of; what is about safety is not asked."""
    words = {
        "mention": _("有人提到我"),
        "comment": _("我的单据有新评论"),
        "approved": _("我的单据通过审批"),
        "rejected": _("我的单据被驳回"),
        "flow": _("流程的催办、抄送和提醒"),
        "job": _("我的后台任务做完"),
    }
    offered = [kind.code for kind in notices.KINDS if kind.code not in notices.ALWAYS]
    return [(code, words[code], chosen.get(notices.switch(code)) != "off") for code in offered]
