"""Recording a test: a form is filled in, or a record taken; what the app makes of it is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.draft_app import app_of_draft
from builder.designer.tests_made import Made, made_words
from builder.designer.tests_words import form_name, person_name, test_name
from builder.drafts import Draft
from builder.drafts.naming import free_code
from builder.testing.from_record import Preparing, is_given
from builder.testing.recording import recorded
from runtime import query
from runtime.compile import App, Form
from runtime.compile.field import Field
from runtime.definitions.app_test import START
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound
from runtime.infra.strict_json import Json
from runtime.kinds.families import KEYED, PEOPLE, PICKED
from runtime.kinds.field_type import Unreadable
from runtime.query import Record
from runtime.query.shapes import value_json
from runtime.screens.acting import app_of, carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

BODY: Final = 400_000
ROWS: Final = 3
MOST_ROWS: Final = 100
LONGEST_NAME: Final = 80


@dataclass(frozen=True)
class Box:
    """A field to fill in: its name in the request, and what stands in it."""

    name: str
    label: str
    text: str
    is_required: bool
    hint: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A line table to fill in, row by row."""

    code: str
    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Box, ...], ...]


@dataclass(frozen=True)
class Asked:
    """What was chosen beside the values themselves."""

    form: str
    record: int | None
    after: str
    by: str
    at: str
    do: str
    name: str
    with_data: bool


@permission("admin")
def new_app_test(app_code: str) -> Response:
    """Show the form to fill in, empty or with what a record has (`?form=…&record=…`)."""
    asked = _asked(request.args)
    with reading() as act:
        draft, app = _draft(act, app_code)
        form = _form(app, asked)
        found = _record(act, app_code, form, request.args.get("record", ""))
        if found is None and request.args.get("record"):
            why = (_("找不到这条记录"),)
            return _page(draft, app, replace(asked, form=form.code), {}, why)
        asked = replace(asked, form=form.code, record=found.id if found else None)
        texts_now: Mapping[str, str] = {}
        if found is not None:
            asked = replace(asked, with_data=not asked.after, at=_day(found))
            values = Preparing(act).values(found, with_data=asked.with_data)
            texts_now = dict(_as_texts(form, values))
        return _page(draft, app, asked, texts_now)


@permission("admin", body=BODY)
def record_app_test(app_code: str) -> AnyResponse:
    """Try what was filled in and show what comes of it, or keep it as a test."""
    asked, typed = _asked(request.form), dict(request.form.items())
    with reading() as act:
        draft, app = _draft(act, app_code)
        form = _form(app, asked)
        steps = _preparing(act, app_code, form, asked)
    wanted = request.form.get("action", "try")
    if wanted == "row":
        return _page(draft, app, asked, typed)
    if wanted == "save" and not asked.name:
        return _page(draft, app, asked, typed, (_("请给测试起个名字"),))
    try:
        # On a database of its own and with none of ours held: this takes seconds.
        test = recorded(draft.source, _test(draft, form, asked, typed, steps))
        if wanted == "save":
            value = {"op": "set_part", "part": "tests", "code": test["code"], "value": test}
            carry_out(lambda act: drafts.apply(act, app_code, draft.rev, [value]))
            return go("designer.app_tests", app_code=app_code)
    except AppError as error:
        return _page(draft, app, asked, typed, tuple(texts(error)), status=error.status)
    return _page(draft, app, asked, typed, made=made_words(form, test))


def _asked(sent: Mapping[str, str]) -> Asked:
    record = sent.get("record", "")
    return Asked(
        form=sent.get("form", ""),
        record=int(record) if record.isascii() and record.isdecimal() else None,
        after=sent.get("after", ""),
        by=sent.get("by", "admin"),
        at=sent.get("at", START)[:16],
        do="create" if sent.get("do") == "create" else "send",
        name=sent.get("name", "").strip()[:LONGEST_NAME],
        with_data=bool(sent.get("with_data")),
    )


def _draft(act: Act, app_code: str) -> tuple[Draft, App]:
    draft = drafts.read(act, app_code)
    app = app_of_draft(draft)
    if app is None:
        raise NotFound
    return draft, app


def _form(app: App, asked: Asked) -> Form:
    forms = [form for form in app.forms.values() if form.aggregate is None]
    if not asked.form and forms:
        return next((form for form in forms if form.is_document), forms[0])
    found = next((form for form in forms if form.code == asked.form), None)
    if found is None:
        raise NotFound
    return found


def _record(act: Act, app_code: str, form: Form, text: str) -> Record | None:
    """The record somebody means, of the app that runs: by its id, its number or its name."""
    running = app_of(act, app_code).forms.get(form.code) if text else None
    if running is None:
        return None
    key = query.resolve(act, running, [text]).get(text.strip())
    if key is None and text.strip().isdecimal():
        key = int(text)
    return None if key is None else query.record(act, running, key)


def _preparing(act: Act, app_code: str, form: Form, asked: Asked) -> list[dict[str, Any]]:
    """The steps that make what the record refers to, where they are wanted."""
    if asked.record is None or not asked.with_data:
        return []
    found = _record(act, app_code, form, str(asked.record))
    if found is None:
        return []
    preparing = Preparing(act)
    preparing.values(found, with_data=True)
    return preparing.steps


def _day(record: Record) -> str:
    return record.created_at.date().isoformat()


def _test(
    draft: Draft,
    form: Form,
    asked: Asked,
    typed: Mapping[str, str],
    steps: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    taken = {test["code"] for test in draft.source.get("tests", ())}
    name = asked.name or "test"
    test: dict[str, Any] = {"code": free_code(name, taken, "test"), "label": name}
    if asked.after:
        test["after"] = asked.after
    test["at"] = asked.at
    last = {"do": asked.do, "form": form.code, "by": asked.by, "expect": {}}
    last["values"] = _values(form, typed)
    if steps:
        return {**test, "steps": [*steps, last]}
    return {**test, "example": last}


def _values(form: Form, typed: Mapping[str, str]) -> dict[str, Json]:
    found = dict(_row(form.fields, typed, "v"))
    for table in form.lines:
        rows: list[Json] = []
        for place in range(_rows_of(typed, table.code)):
            row = dict(_row(table.fields, typed, f"l-{table.code}-{place}"))
            if row:
                rows.append(row)
        if rows:
            found[table.code] = rows
    return found


def _row(
    fields: Sequence[Field], typed: Mapping[str, str], prefix: str
) -> Iterator[tuple[str, Json]]:
    for field in fields:
        text = typed.get(f"{prefix}-{field.code}", "").strip()
        if text and is_given(field):
            yield field.code, _value(field, text)


def _value(field: Field, text: str) -> Json:
    """A value as a program sends it; what cannot be read is sent as it is, to see it refused."""
    kind = field.kind.kind
    if kind in PEOPLE and not text.startswith("@"):
        text = f"@{text}"
    if kind in PICKED:
        return [text]
    if kind in KEYED:
        return text
    parsed = field.kind.parse(text, field.definition)
    return text if isinstance(parsed, Unreadable) else value_json(parsed)


def _rows_of(typed: Mapping[str, str], table: str) -> int:
    text = typed.get(f"n-{table}", "")
    told = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    return min(told, MOST_ROWS)


def _as_texts(form: Form, values: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """What a record has, as it would be typed."""
    fields = {field.code: field for field in form.fields}
    tables = {table.code: table for table in form.lines}
    for code, value in values.items():
        if code not in tables and code in fields:
            yield f"v-{code}", _text(fields[code], value)
            continue
        rows = value if isinstance(value, list) and code in tables else []
        yield f"n-{code}", str(len(rows))
        for place, row in enumerate(rows):
            for name, each in row.items() if isinstance(row, Mapping) else ():
                if name in tables[code].by_code:
                    yield f"l-{code}-{place}-{name}", _text(tables[code].by_code[name], each)


def _text(field: Field, value: Json) -> str:
    if isinstance(value, list):
        return "，".join(str(each) for each in value)
    if isinstance(value, bool):
        return field.format(value)
    return str(value)


def _boxes(fields: Sequence[Field], typed: Mapping[str, str], prefix: str) -> tuple[Box, ...]:
    return tuple(
        Box(
            name=f"{prefix}-{field.code}",
            label=label(field.label),
            text=typed.get(f"{prefix}-{field.code}", ""),
            is_required=field.required,
            hint=_hint(field),
            options=tuple(
                str(each["code"])
                for each in field.options.get("options", ())
                if isinstance(each, Mapping)
            ),
        )
        for field in fields
        if is_given(field)
    )


def _hint(field: Field) -> str:
    if field.target is not None:
        return _("编号或名称")
    return _("角色或人名") if field.kind.kind in PEOPLE else ""


def _page(  # noqa: PLR0913 - what stands on the page
    draft: Draft,
    app: App,
    asked: Asked,
    typed: Mapping[str, str],
    problems: tuple[str, ...] = (),
    *,
    made: Made | None = None,
    status: int = 200,
) -> Response:
    form = _form(app, asked)
    more = int(request.form.get("action") == "row")
    tables = tuple(
        Table(
            table.code,
            label(table.label),
            tuple(label(field.label) for field in table.fields if is_given(field)),
            tuple(
                _boxes(table.fields, typed, f"l-{table.code}-{place}")
                for place in range(max(ROWS, _rows_of(typed, table.code) + more))
            ),
        )
        for table in form.lines
    )
    source = draft.source
    people = ("admin", *(role["code"] for role in source.get("roles", ())))
    return render(
        "designer/test_record.html",
        status=status,
        app_code=draft.app_code,
        asked=replace(asked, form=form.code),
        form=form,
        boxes=_boxes(form.fields, typed, "v"),
        tables=tables,
        forms=[(f.code, form_name(source, f.code)) for f in app.forms.values() if not f.aggregate],
        people=[(code, person_name(source, code)) for code in people],
        tests=[(test["code"], test_name(test)) for test in source.get("tests", ())],
        problems=problems,
        made=made,
        here=url_for("designer.record_app_test", app_code=draft.app_code),
        fresh=url_for("designer.new_app_test", app_code=draft.app_code),
    )
