"""The tab of print templates: upload a file, see what is wrong with it, try it, say who gets it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.studio_frame import form_in, frame_of
from builder.designer.studio_texts import studio_texts
from builder.drafts import Draft
from builder.drafts.naming import free_code
from runtime.definitions import read_app
from runtime.definitions.label import read_label, write_label
from runtime.definitions.printout import read_printout
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound
from runtime.printing import filling, store
from runtime.printing.names import offered, understood
from runtime.printing.parts import LARGEST
from runtime.printing.placeholders import SYSTEM
from runtime.printing.starter import Layout, starter
from runtime.query import matching
from runtime.query.page import PageRequest
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label, said
from runtime.screens.printing import file_answer, reader
from runtime.screens.render import go, render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
BODY: Final = LARGEST + 200_000
LONGEST_NAME: Final = 40
MOST_ROWS: Final = 200
# How formats are spelt in the list of what may be written.
FORMATS: Final = ("大写", "合计", "条码", "二维码", "图片", "年月日", "文本")


@dataclass(frozen=True)
class Card:
    """One template of the form."""

    code: str
    name: str
    english: str
    file: str
    format: str
    kilobytes: int
    placeholders: int
    fill_rows: int
    is_default: bool
    roles: frozenset[str]
    address: str


@permission("admin")
def form_prints(app_code: str, form_code: str) -> Response:
    """Show the print templates of a form of the draft."""
    return _page(app_code, form_code)


@permission("admin")
def starter_template(app_code: str, form_code: str) -> Response:
    """Answer a workbook to begin with: the form as a plain sheet of paper."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form_in(draft, form_code)
        form = read_app(draft.source).form(form_code)
        assert form is not None, "a form of the draft is one of its app"
        return file_answer(starter(form, Layout()), "xlsx", f"{label(form.label)} {_('打印模板')}")


@permission("admin", body=BODY)
def upload_printout(app_code: str, form_code: str) -> AnyResponse:
    """Take a template in, as a new one or in place of one; what it gets wrong is shown at once."""
    base, sent = _base(), request.files.get("file")
    content = sent.read(LARGEST + 1) if sent else b""
    if not sent or not content:
        return _page(app_code, form_code, (_("请选择一个 .xlsx 或 .docx 文件"),))
    name = files.plain_name(sent.filename or "")
    try:
        seen = filling.inspect(content, name)
    except AppError as error:
        return _page(app_code, form_code, tuple(texts(error)))
    with reading() as act:
        draft = drafts.read(act, app_code)
        form_in(draft, form_code)
        app = read_app(draft.source)
        form = app.form(form_code)
        assert form is not None, "a form of the draft is one of its app"
        places, problems = understood(app, form, seen.found, seen.format)
        source = draft.source
    if problems or not places:
        told = tuple(said(each.code, each.params) for each in problems)
        return _page(app_code, form_code, told or (_("文件里没有占位符，例如 ${客户}"),), file=name)
    code = request.form.get("code", "")
    kept = _of_code(source, form_code, code) if code else {}

    def work(act: Act) -> None:
        digest = store.keep(act, seen.content)
        file = {"name": name, "format": seen.format, "sha256": digest, "size": len(seen.content)}
        value = {**(kept or _new(source, form_code, name)), "file": file, "places": places}
        drafts.apply(act, app_code, base, [_set(value)])

    return _done(app_code, form_code, work)


@permission("admin")
def change_printout(app_code: str, form_code: str, printout_code: str) -> AnyResponse:
    """Keep what was said about a template, or delete it."""
    base, told = _base(), request.form
    with reading() as act:
        source = drafts.read(act, app_code).source
        kept = _of_code(source, form_code, printout_code)
    if told.get("do") == "delete":
        ops = [{"op": "set_part", "part": "printouts", "code": printout_code, "value": None}]
    else:
        ops = list(_changed(source, kept, form_code))

    def work(act: Act) -> None:
        drafts.apply(act, app_code, base, ops)

    return _done(app_code, form_code, work)


@permission("admin")
def printout_file(app_code: str, form_code: str, printout_code: str) -> Response:
    """Answer the file of a template, to be changed and uploaded again."""
    with reading() as act:
        source = drafts.read(act, app_code).source
        kept = _of_code(source, form_code, printout_code)
        content = store.content_of(act.connection, kept["file"]["sha256"])
    name = str(kept["file"]["name"]).rpartition(".")[0]
    return file_answer(content, kept["file"]["format"], name)


@permission("admin")
def try_printout(app_code: str, form_code: str, printout_code: str) -> AnyResponse:
    """Answer a template filled with a record of the running app: the one named, or the last."""
    with reading() as act:
        source = drafts.read(act, app_code).source
        printout = read_printout(_of_code(source, form_code, printout_code))
        form = platform().catalogue.app(act.connection, app_code).forms.get(form_code)
        if form is None:
            return _page(app_code, form_code, (_("应用发布以后才有记录可以试打"),))
        wanted = request.form.get("record", type=int)
        if wanted is None:
            query = matching(act, form, PageRequest()).order_by(form.table.c.id.desc()).limit(1)
            found: Any = act.connection.execute(query).scalar()
            wanted = found
        if wanted is None:
            return _page(app_code, form_code, (_("还没有记录可以试打"),))
        asked = ([wanted], reader())
        content = filling.filled(act, platform().settings, form, printout, asked)
    return file_answer(content, printout.file.format, f"{label(printout.label)} {_('试打')}")


def _page(
    app_code: str, form_code: str, problems: tuple[str, ...] = (), *, file: str = ""
) -> Response:
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code)
        frame = frame_of(draft, form_code, "prints")
        app = read_app(draft.source)
        known = app.form(form_code)
        assert known is not None, "a form of the draft is one of its app"
        roles = draft.source.get("roles", ())
        return render(
            "designer/prints.html",
            status=422 if problems else 200,
            frame=frame,
            v=None,
            texts=studio_texts(),
            model={"base": frame.base, "form": form_code, "app": app_code},
            form=form,
            cards=tuple(_cards(draft, form_code)),
            roles=tuple((r["code"], label(read_label(r.get("label"), r["code"]))) for r in roles),
            names=tuple(dict.fromkeys(offered(app, known))),
            system=tuple(dict.fromkeys(_system_names())),
            formats=FORMATS,
            problems=problems,
            file=file,
            megabytes=LARGEST // 1_000_000,
            most_rows=MOST_ROWS,
        )


def _system_names() -> Iterator[str]:
    """The Chinese names of what the system knows."""
    yield from (name for name in SYSTEM if not name.isascii())


def _cards(draft: Draft, form_code: str) -> Iterator[Card]:
    for each in draft.source.get("printouts", ()):
        if each["form"] != form_code:
            continue
        known = read_label(each.get("label"), each["code"])
        place: dict[str, Any] = {"app_code": draft.app_code, "form_code": form_code}
        yield Card(
            code=each["code"],
            name=known.zh,
            english=known.en or "",
            file=each["file"]["name"],
            format=each["file"]["format"],
            kilobytes=-(-each["file"]["size"] // 1000),
            placeholders=len(each.get("places", {})),
            fill_rows=each.get("fill_rows", 0),
            is_default=each.get("default", False),
            roles=frozenset(each.get("roles", ())),
            address=url_for("designer.change_printout", printout_code=each["code"], **place),
        )


def _changed(source: Json, kept: Json, form_code: str) -> Iterator[dict[str, Any]]:
    """The operations that keep what was said; only one template of a form comes first."""
    told = request.form
    name = told.get("label", "").strip()[:LONGEST_NAME] or read_label(kept["label"]).zh
    english = told.get("english", "").strip()[:LONGEST_NAME]
    value = {**kept, "label": write_label(type(read_label(name))(name, english))}
    rows = told.get("fill_rows", 0, type=int)
    is_default, roles = "default" in told, told.getlist("roles")
    for key, found in (("fill_rows", min(max(rows, 0), MOST_ROWS)), ("default", is_default),
                       ("roles", roles)):  # fmt: skip
        value.pop(key, None)
        if found:
            value[key] = found
    for each in source.get("printouts", ()) if is_default else ():
        if each["form"] == form_code and each["code"] != kept["code"] and each.get("default"):
            yield _set({key: held for key, held in each.items() if key != "default"})
    yield _set(value)


def _new(source: Json, form_code: str, file_name: str) -> dict[str, Any]:
    name = request.form.get("label", "").strip()[:LONGEST_NAME]
    name = name or file_name.rpartition(".")[0][:LONGEST_NAME]
    others = source.get("printouts", ())
    code = free_code(name or "printout", {each["code"] for each in others}, "printout")
    made: dict[str, Any] = {"code": code, "label": name, "form": form_code}
    if not any(each["form"] == form_code for each in others):
        made["default"] = True
    return made


def _set(value: Json) -> dict[str, Any]:
    return {"op": "set_part", "part": "printouts", "code": value["code"], "value": dict(value)}


def _done(app_code: str, form_code: str, work: Any) -> AnyResponse:
    try:
        carry_out(work)
    except AppError as error:
        return _page(app_code, form_code, tuple(texts(error)))
    return go("designer.form_prints", app_code=app_code, form_code=form_code)


def _of_code(source: Json, form_code: str, code: str) -> Json:
    for each in source.get("printouts", ()):
        if each["code"] == code and each["form"] == form_code:
            found: Json = each
            return found
    raise NotFound


def _base() -> int:
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    return base
