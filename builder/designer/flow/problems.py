"""What still stands in the way of publishing, as the page of a flow lists it; and publishing."""

from flask import Response

from builder import drafts
from builder.designer.flow.page import answer_of
from builder.designer.ops import sent
from builder.designer.studio_frame import form_in
from builder.designer.studio_problems import BODY, asked_to_publish, listed
from builder.drafts import Draft
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.users import User
from runtime.screens.acting import carry_out, reading
from runtime.screens.routes import permission


@permission("admin")
def flow_problems(app_code: str, form_code: str, flow_code: str) -> Response:
    """List what is wrong with the draft, this flow's problems first."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form_in(draft, form_code)
        return listed(act, draft, ("flow", flow_code))


@permission("admin", body=BODY)
def publish_flow(app_code: str, form_code: str, flow_code: str) -> Response:
    """Publish the draft as this page shows it."""
    rev, note = asked_to_publish(sent())
    people: list[User] = []

    def work(act: Act) -> Draft:
        drafts.publish(act, app_code, rev, note)
        people.extend(users.everybody(act.connection))
        return drafts.read(act, app_code)

    return answer_of(carry_out(work), (form_code, flow_code), tuple(people))
