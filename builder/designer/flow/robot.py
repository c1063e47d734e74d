"""The secret a robot wants its calls signed with: given here, never shown, no part of the draft."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.flow.view import flow_in
from builder.designer.flow.words import step_name
from builder.designer.studio_frame import form_in
from builder.drafts.flow_steps import spots
from runtime.definitions.label import read_label
from runtime.documents.flows import robots
from runtime.infra import egress
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound, ValidationFailed
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.i18n import label, said
from runtime.screens.render import go, render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
Place = tuple[str, str, str, str]


@permission("admin")
def flow_robot(app_code: str, form_code: str, flow_code: str, step_code: str) -> Response:
    """Show whether calls to the robot of a step are signed; the secret is not shown."""
    return _page((app_code, form_code, flow_code, step_code))


@permission("admin")
def change_robot(app_code: str, form_code: str, flow_code: str, step_code: str) -> AnyResponse:
    """Keep a secret for the robot's address, or forget the one there is (`do`)."""
    place = (app_code, form_code, flow_code, step_code)
    do = request.form.get("do", "")
    if do not in {"keep", "forget"}:
        raise BadRequest("form_incomplete")

    def work(act: Act) -> None:
        url = _url(_step(act, place)[1])
        if do == "keep":
            robots.keep(act, platform().settings, url, request.form.get("secret", ""))
        else:
            robots.forget(act, url)

    try:
        carry_out(work)
    except ValidationFailed as refused:
        return _page(place, problem=said(refused.problems[0].code), status=422)
    return go("designer.flow_robot", **_named(place))


def _named(place: Place) -> dict[str, Any]:
    names = ("app_code", "form_code", "flow_code", "step_code")
    return dict(zip(names, place, strict=True))


def _step(act: Act, place: Place) -> tuple[Json, Json, str]:
    """The flow and the step of the draft, and what the app is called."""
    app_code, form_code, flow_code, step_code = place
    draft = drafts.read(act, app_code)
    flow = flow_in(draft, form_in(draft, form_code), flow_code)
    if flow is None:
        raise NotFound
    found = (each.node for each in spots(flow["steps"]) if each.node["id"] == step_code)
    step = next(found, None)
    if step is None or "dingtalk" not in step.get("by", ()) or not _url(step):
        raise NotFound
    return flow, step, label(read_label(draft.source.get("label"), app_code))


def _url(step: Json) -> str:
    return str(step.get("url", "")).strip()


def _page(place: Place, *, problem: str = "", status: int = 200) -> Response:
    app_code, form_code, flow_code, _step_code = place
    with reading() as act:
        flow, step, app_name = _step(act, place)
        kept_at = robots.kept_at(act, _url(step))
    flow_page = url_for(
        "designer.one_flow", app_code=app_code, form_code=form_code, flow_code=flow_code
    )
    return render(
        "designer/flow_robot.html",
        status=status,
        app_code=app_code,
        app_name=app_name,
        flow_page=flow_page,
        flow_name=step_name({"id": flow_code, **flow}),
        step_name=step_name(step),
        host=egress.host_of(_url(step)),
        to=url_for("designer.change_robot", **_named(place)),
        kept_at=kept_at,
        problem=problem,
    )
