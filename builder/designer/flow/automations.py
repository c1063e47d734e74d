"""The automations of an app or a form: what sets each off, how its runs went, and a new one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.flow.choices import OFFERED, triggers
from builder.designer.flow.conditions import app_of_forms
from builder.designer.flow.trigger_words import SUBMIT, sentence, trigger_word
from builder.designer.flow.words import Speaker, step_name
from builder.designer.studio_frame import form_in, frame_of
from builder.designer.studio_texts import studio_texts
from builder.drafts import Draft
from runtime.definitions.label import read_label
from runtime.documents.flows import runs
from runtime.documents.flows.runs import AutomationRow, RunRow
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label, said
from runtime.screens.render import go, render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
CALL: Final = "call"
SHOWN: Final = 30


@dataclass(frozen=True)
class Card:
    """An automation: what sets it off in a sentence, and its runs of the last seven days.

    `runs` is None for one that was not published yet.
    """

    name: str
    form: str
    says: str
    icon: str
    href: str
    steps: int
    runs: AutomationRow | None
    # Approvals and parts of other flows have no runs of their own here.
    is_approval: bool = False


@dataclass(frozen=True)
class Line:
    """A run as the list shows it: when, what, about which record, and why it failed."""

    run: RunRow
    name: str
    word: str
    tone: str
    href: str
    problem: str


@permission("admin")
def app_automations(app_code: str) -> Response:
    """Show the automations of an app, and what they did last."""
    return _page(app_code)


@permission("admin")
def form_automations(app_code: str, form_code: str) -> Response:
    """Show the automations of a form, and what they did last."""
    return _page(app_code, form_code)


@permission("admin")
def create_automation(app_code: str) -> AnyResponse:
    """Add an automation to the draft and open it: which form it is of, and what sets it off."""
    form_code, on = request.form.get("form", ""), request.form.get("on", "")
    if on not in OFFERED or on == SUBMIT or not form_code:
        raise BadRequest("form_incomplete")

    def work(act: Act) -> str:
        draft = drafts.read(act, app_code)
        trigger = triggers(form_in(draft, form_code)).get(on)
        if trigger is None:
            raise BadRequest("form_incomplete")
        op = {"op": "add_flow", "form": form_code, "trigger": dict(trigger)}
        return drafts.apply(act, app_code, draft.rev, [op]).created[0]

    try:
        code = carry_out(work)
    except AppError as error:
        return _page(app_code, refusal=tuple(texts(error)), status=error.status)
    return go("designer.one_flow", app_code=app_code, form_code=form_code, flow_code=code)


def _page(
    app_code: str, form_code: str = "", *, refusal: tuple[str, ...] = (), status: int = 200
) -> Response:
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code) if form_code else None
        forms = [form] if form else draft.source["forms"]
        shown: dict[str, Any] = (
            _framed(draft, form_code)
            if form
            else {"app_name": label(read_label(draft.source.get("label"), app_code))}
        )
        return render(
            "designer/form_automations.html" if form else "designer/automations.html",
            None,
            status=status,
            app_code=app_code,
            form_code=form_code,
            cards=tuple(_cards(act, draft, {str(each["code"]) for each in forms})),
            lines=tuple(_lines(act, draft, form_code)),
            forms=[(str(each["code"]), _called(each)) for each in forms],
            begins=[(on, trigger_word(on)) for on in OFFERED if on != SUBMIT],
            refusal=refusal,
            **shown,
        )


def _framed(draft: Draft, form_code: str) -> dict[str, Any]:
    """What the tab of a form needs beside the list."""
    frame = frame_of(draft, form_code, "automations")
    model = {"base": frame.base, "form": form_code, "app": draft.app_code}
    return {"frame": frame, "v": None, "texts": studio_texts(), "model": model}


def _cards(act: Act, draft: Draft, forms: set[str]) -> Iterator[Card]:
    app, people = app_of_forms(draft), users.everybody(act.connection)
    known = {each.code: each for each in _published(act, draft)}
    for flow in draft.source.get("workflows", ()):
        trigger = flow.get("trigger", {"on": SUBMIT})
        form = draft.form(str(flow["form"]))
        # An approval has a tab of its own on its form; of an app it stands among the others.
        is_elsewhere = trigger["on"] == SUBMIT and len(forms) == 1
        if is_elsewhere or form is None or flow["form"] not in forms:
            continue
        says = sentence(app, Speaker(draft.source, form, people), trigger)
        yield Card(
            name=step_name({"id": flow["code"], **flow}),
            form=_called(form),
            says=says or trigger_word(trigger["on"]),
            icon=_ICONS.get(trigger["on"], "bolt"),
            href=url_for(
                "designer.one_flow",
                app_code=draft.app_code,
                form_code=flow["form"],
                flow_code=flow["code"],
            ),
            steps=len(flow.get("steps", ())),
            runs=known.get(flow["code"]),
            is_approval=trigger["on"] in (SUBMIT, CALL),
        )


def _published(act: Act, draft: Draft) -> tuple[AutomationRow, ...]:
    if draft.base_version == 0:
        return ()
    return runs.every(act, platform().catalogue.app(act.connection, draft.app_code))


def _lines(act: Act, draft: Draft, form_code: str) -> Iterator[Line]:
    found = runs.listed(act, draft.app_code) if draft.base_version else ()
    wanted = [each for each in found if form_code in ("", each.form)]
    for each in wanted[:SHOWN]:
        word, tone = _states().get(each.state, (each.state, ""))
        href = (
            url_for("screens.show_record", app_code=each.app, form_code=each.form,
                    record_id=each.record_id)
            if each.record_id and each.on != "delete"
            else ""
        )  # fmt: skip
        problem = said(each.error, each.error_params) if each.error else ""
        yield Line(each, label(each.label), word, tone, href, problem)


def _states() -> Mapping[str, tuple[str, str]]:
    return {
        "running": (_("进行中"), "info"), "approved": (_("完成"), "ok"),
        "rejected": (_("中止"), "warn"), "failed": (_("失败"), "err"),
        "terminated": (_("终止"), "warn"), "withdrawn": (_("撤回"), "warn"),
    }  # fmt: skip


def _called(form: Json) -> str:
    return label(read_label(form.get("label"), str(form["code"])))


_ICONS: Final = {
    "create": "plus", "change": "pencil", "delete": "trash", "schedule": "clock",
    "date": "calendar", "webhook": "webhook", "button": "click", "call": "sitemap",
    "submit": "user-check",
}  # fmt: skip
