"""Aggregate tables: figures of several forms by common groups, drawn up on one sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.overview import draft_of
from builder.designer.parts.aggregate_codes import with_codes
from builder.designer.parts.sheets import base_of_sheet, taken_out
from builder.drafts.naming import free_code
from runtime.compile.aggregates import DIVIDING
from runtime.definitions.label import read_label, write_label
from runtime.infra import strict_json
from runtime.infra.errors import AppError, BadRequest, NotFound
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

MOST_BYTES: Final = 400_000
FIGURES: Final = ("money", "quantity", "number", "percent", "date", "datetime")
_EMPTY: Final[Mapping[str, Any]] = {
    "code": "", "label": "", "dimensions": [], "measures": [], "sources": []
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One aggregate table: by what it groups, what it counts, where from."""

    name: str
    href: str
    groups: tuple[str, ...]
    figures: tuple[str, ...]
    sources: tuple[str, ...]


@permission("admin")
def aggregates(app_code: str) -> Response:
    """List the aggregate tables of an app's draft."""
    with reading() as act:
        draft = draft_of(act, app_code)
        return render(
            "designer/aggregates.html",
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            cards=tuple(_cards(draft.source, app_code)),
        )


@permission("admin")
def new_aggregate(app_code: str) -> Response:
    """Show an empty sheet."""
    return _sheet(app_code, "", _EMPTY)


@permission("admin")
def aggregate(app_code: str, code: str) -> Response:
    """Show an aggregate table of the draft."""
    with reading() as act:
        return _sheet(app_code, code, _found(draft_of(act, app_code).source, code))


@permission("admin")
def create_aggregate(app_code: str) -> AnyResponse:
    """Keep a new aggregate table."""
    return _keep(app_code, "")


@permission("admin")
def change_aggregate(app_code: str, code: str) -> AnyResponse:
    """Keep an aggregate table as the sheet has it, or delete it."""
    if request.form.get("do") != "delete":
        return _keep(app_code, code)
    return taken_out(app_code, "aggregates", code)


def _keep(app_code: str, code: str) -> AnyResponse:
    base = base_of_sheet()
    sheet = strict_json.loads(request.form.get("sheet", ""), max_bytes=MOST_BYTES)
    if not isinstance(sheet, dict):
        raise BadRequest("form_incomplete")
    name = request.form.get("label", "").strip()[:40]
    with reading() as act:
        source = draft_of(act, app_code).source
    typed = {**sheet, "label": name}
    if not name:
        return _sheet(app_code, code, typed, (_("请填写汇总表的名称"),))
    kept = _found(source, code) if code else {}
    taken = {each["code"] for part in ("forms", "aggregates") for each in source.get(part, ())}
    named = code or free_code(name, taken, "summary")
    said = read_label(kept.get("label", name), named)
    value = {**with_codes(sheet), "code": named, "label": write_label(type(said)(name, said.en))}
    op = {"op": "set_part", "part": "aggregates", "code": named, "value": value}
    try:
        carry_out(lambda act: drafts.apply(act, app_code, base, [op]))
    except AppError as error:
        return _sheet(app_code, code, typed, tuple(texts(error)))
    return go("designer.aggregate", app_code=app_code, code=named)


def _found(source: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    for each in source.get("aggregates", ()):
        if each["code"] == code:
            found: Mapping[str, Any] = each
            return found
    raise NotFound


def _sheet(
    app_code: str, code: str, value: Mapping[str, Any], problems: tuple[str, ...] = ()
) -> Response:
    with reading() as act:
        draft = draft_of(act, app_code)
        pointer = _pointer(draft.source, code)
        found = drafts.problems(act, draft)
        return render(
            "designer/aggregate.html",
            status=422 if problems else 200,
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            draft=draft,
            code=code,
            name=label(read_label(value.get("label") or "", "")),
            value=value,
            model={"sources": list(_sources(draft.source)), "results": _results()},
            words=_words(),
            problems=problems,
            waiting=sum(f"{each.pointer}/".startswith(f"{pointer}/") for each in found),
        )


def _pointer(source: Mapping[str, Any], code: str) -> str:
    codes = [each["code"] for each in source.get("aggregates", ())]
    return f"/aggregates/{codes.index(code)}" if code in codes else "\n"


def _cards(source: Mapping[str, Any], app_code: str) -> Iterator[Card]:
    names = {form["code"]: _name(form) for form in source["forms"]}
    for each in source.get("aggregates", ()):
        yield Card(
            name=_name(each),
            href=url_for("designer.aggregate", app_code=app_code, code=each["code"]),
            groups=tuple(_name(part) for part in each["dimensions"]),
            figures=tuple(_name(part) for part in each["measures"]),
            sources=tuple(names.get(part["form"], part["form"]) for part in each["sources"]),
        )


def _sources(source: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every form, and every line table, that figures can be taken from."""
    for form in source["forms"]:
        own = [field for field in form["fields"] if field["kind"] != "lines"]
        yield _source(form["code"], "", _name(form), own, ())
        for field in form["fields"]:
            if field["kind"] == "lines":
                columns = field.get("options", {}).get("fields", ())
                text = f"{_name(form)} · {_name(field)}"
                yield _source(form["code"], field["code"], text, own, columns)


def _source(form: str, lines: str, text: str, own: Any, columns: Any) -> dict[str, Any]:
    groups = [(field["code"], field) for field in own]
    groups += [(f"{lines}.{field['code']}", field) for field in columns]
    counted = columns or own
    return {
        "form": form,
        "lines": lines,
        "text": text,
        "groups": [choice for path, field in groups for choice in _groups(path, field)],
        "figures": [
            {"value": field["code"], "text": _name(field)}
            for field in counted
            if _kind(field) in FIGURES
        ],
    }


def _groups(path: str, field: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    kind, name = _kind(field), _name(field)
    if kind in DIVIDING:
        yield {"value": path, "text": name}
    if kind == "date":
        yield {"value": f"month({path})", "text": _("%(what)s的月份", what=name)}
        yield {"value": f"year({path})", "text": _("%(what)s的年份", what=name)}


def _kind(field: Mapping[str, Any]) -> str:
    """What kind of value a field keeps; a computed one says so itself."""
    return str(field.get("options", {}).get("result") or field["kind"])


def _name(part: Mapping[str, Any]) -> str:
    return label(read_label(part.get("label"), part["code"]))


def _results() -> list[dict[str, str]]:
    words = {
        "money": _("金额"), "quantity": _("数量"), "number": _("数字"),
        "percent": _("百分比"), "date": _("日期"), "datetime": _("日期时间"),
    }  # fmt: skip
    return [{"value": value, "text": words[value]} for value in FIGURES]


def _words() -> dict[str, str]:
    """What the sheet's script says."""
    return {
        "source": _("数据来源"), "groups": _("按什么分组"), "figures": _("算什么"),
        "checks": _("提交时检查"), "more_group": _("加分组"), "more_figure": _("加指标"),
        "more_derived": _("加由指标算出的指标"), "more_source": _("加数据来源"),
        "more_check": _("加检查"), "name": _("名称"), "result": _("结果"), "remove": _("去掉"),
        "choose": _("请选择"), "where": _("只算满足条件的（公式，可不填）"), "none": _("不算"),
        "sum": _("求和"), "count": _("计数"), "min": _("最小"), "max": _("最大"),
        "average": _("平均"), "distinct": _("不同值个数"), "formula": _("公式…"),
        "of": _("对哪个字段"), "minus": _("减"), "message": _("不满足时的提示"),
    }  # fmt: skip
