"""Of whom the second step is asked."""

from typing import Any

from flask import Response, request

from runtime.infra import second_factor as factors
from runtime.infra.act import Act
from runtime.screens.account.identity import fresh
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

HERE = "screens.factor_rules"


@permission("admin")
def factor_rules() -> Response:
    """Show of which roles it is asked."""
    with reading() as act:
        chosen = factors.rules(act.connection)
        return render(
            "account/factor_rules.html",
            choices=[(code, text, code in chosen) for code, text in _choices(act)],
            is_saved="saved" in request.args,
        )


@permission("admin")
@fresh(HERE)
def set_factor_rules() -> Any:
    """Ask it of exactly those that are ticked."""

    def keep(act: Act) -> None:
        known = {code for code, _text in _choices(act)}
        factors.set_rules(act, known.intersection(request.form.getlist("role")))

    carry_out(keep)
    return go(HERE, saved=1)


def _choices(act: Act) -> list[tuple[str, str]]:
    roles = {
        code: label(role.label)
        for app in platform().catalogue.apps(act.connection)
        for code, role in app.roles.items()
    }
    special = [(factors.EVERYBODY, _("所有人")), (factors.ADMINISTRATORS, _("管理员"))]
    return [*special, *roles.items()]
