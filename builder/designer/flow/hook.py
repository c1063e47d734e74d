"""The address other systems begin an automation under: switched on, renewed, its secret once."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.flow.view import flow_in
from builder.designer.flow.words import step_name
from builder.designer.studio_frame import form_in
from runtime.compile import App
from runtime.definitions.label import read_label
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import label
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.webhooks import incoming
from runtime.webhooks.incoming import Hook


@permission("admin")
def flow_hook(app_code: str, form_code: str, flow_code: str) -> Response:
    """Show whether calls are let in; the address and the secret are not shown again."""
    with reading() as act:
        hook = incoming.hook_of(act, platform().settings, _app(act, app_code), flow_code)
    return _page((app_code, form_code, flow_code), hook, is_told=False)


@permission("admin")
def change_hook(app_code: str, form_code: str, flow_code: str) -> AnyResponse:
    """Let calls in, or not any more, or give another address and secret (`do`)."""
    do = request.form.get("do", "")
    if do not in {"on", "off", "renew"}:
        raise BadRequest("form_incomplete")

    def work(act: Act) -> tuple[Hook, bool]:
        settings, app = platform().settings, _app(act, app_code)
        if do == "renew":
            return incoming.renew(act, settings, app, flow_code), True
        # Who switches it on for the first time has never seen the secret.
        is_new = incoming.hook_of(act, settings, app, flow_code).id == 0
        hook = incoming.switch(act, settings, app, flow_code, is_active=do == "on")
        return hook, is_new

    hook, is_told = carry_out(work)
    return _page((app_code, form_code, flow_code), hook, is_told=is_told)


def _app(act: Act, app_code: str) -> App:
    return platform().catalogue.app(act.connection, app_code)


def _page(place: tuple[str, str, str], hook: Hook, *, is_told: bool) -> Response:
    app_code, form_code, flow_code = place
    with reading() as act:
        draft = drafts.read(act, app_code)
        own = flow_in(draft, form_in(draft, form_code), flow_code)
        if hook.form != form_code:
            raise NotFound
    public = request.host_url.rstrip("/")
    return render(
        "designer/flow_hook.html",
        app_code=app_code,
        form_code=form_code,
        flow_code=flow_code,
        app_name=label(read_label(draft.source.get("label"), app_code)),
        flow_name=step_name({"id": flow_code, **own}) if own else flow_code,
        hook=hook,
        address=f"{public}{hook.address}" if is_told and hook.address else "",
        is_told=is_told,
    )
