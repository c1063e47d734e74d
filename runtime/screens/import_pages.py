"""What the pages of the import wizard draw: the sheet as in Excel, the columns, the problems."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from runtime import access
from runtime.compile import App, Form
from runtime.exchange import batches
from runtime.exchange.adoption import NEW, SKIP
from runtime.exchange.adoption import target_of as place_in
from runtime.exchange.batches import Batch
from runtime.exchange.cells import PICTURE, column_letters, split_range
from runtime.exchange.matching import NUMBER, match, places
from runtime.infra.act import Act
from runtime.screens.i18n import _, label, said

Json = dict[str, Any]
KINDS: Final = (
    "text", "long_text", "number", "quantity", "money", "percent", "date", "datetime", "boolean",
    "choice", "email", "phone", "url", "id_card", "time", "image",
)  # fmt: skip
_SURE: Final = Decimal("0.9")
_LIKELY: Final = Decimal("0.7")


@dataclass(frozen=True)
class GridCell:
    """One cell of the preview; `span` and `rows` for merged ones."""

    text: str
    css: str
    column: int
    span: int = 1
    rows: int = 1
    is_picture: bool = False


@dataclass(frozen=True)
class GridRow:
    """One row of the preview and what it was taken for."""

    number: int
    css: str
    sign: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True)
class SheetGrid:
    """The first rows of a sheet as they look in Excel."""

    letters: tuple[str, ...]
    rows: tuple[GridRow, ...]


@dataclass(frozen=True)
class Option:
    """One choice of a select."""

    value: str
    text: str
    is_chosen: bool = False
    kind: str = ""
    group: str = ""


@dataclass(frozen=True)
class ColumnRow:
    """One column of the workbook and what may become of it."""

    col: str
    name: str
    samples: tuple[str, ...]
    filled: int
    takes: tuple[Option, ...]
    kinds: tuple[Option, ...]
    kind_text: str
    why: str
    against: tuple[str, ...]
    sureness: str
    tone: str
    notes: tuple[str, ...]
    is_reference: bool
    create_missing: bool


def kind_names() -> Mapping[str, str]:
    """Return what kinds of fields are called."""
    return {
        "text": _("文本"),
        "long_text": _("多行文本"),
        "number": _("数字"),
        "quantity": _("数量"),
        "money": _("金额"),
        "percent": _("百分比"),
        "date": _("日期"),
        "datetime": _("日期时间"),
        "boolean": _("是/否"),
        "choice": _("单选"),
        "multi_choice": _("多选"),
        "reference": _("关联"),
        "user": _("成员"),
        "email": _("邮箱"),
        "phone": _("电话"),
        "url": _("网址"),
        "id_card": _("身份证号"),
        "time": _("时间"),
        "image": _("图片"),
    }


def sheet_grid(preview: Json, table: Json | None) -> SheetGrid:
    """Return the preview of a sheet with its title, header, data and total rows told apart."""
    width = int(preview["columns"])
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    hidden: set[tuple[int, int]] = set()
    last = max((int(row) for row in preview["rows"]), default=0)
    for top, left, bottom, right in preview["merges"]:
        low, far = min(bottom, last), min(right, width)
        if left <= width:
            covered[top, left] = (far - left + 1, low - top + 1)
            spots = {(r, c) for r in range(top, low + 1) for c in range(left, far + 1)}
            hidden |= spots - {(top, left)}
    inside = _columns_of(table)
    rows = []
    for number in range(1, last + 1):
        shown = preview["rows"].get(str(number), {})
        css, sign = _row_role(number, table)
        cells = tuple(_grid_cells(number, shown, width, covered, hidden, inside))
        rows.append(GridRow(number, css, sign, cells))
    return SheetGrid(tuple(column_letters(n) for n in range(1, width + 1)), tuple(rows))


def _grid_cells(
    number: int,
    shown: Json,
    width: int,
    covered: Mapping[tuple[int, int], tuple[int, int]],
    hidden: set[tuple[int, int]],
    inside: frozenset[int],
) -> Iterator[GridCell]:
    for column in range(1, width + 1):
        if (number, column) in hidden:
            continue
        cell = shown.get(str(column), {})
        marks = {
            "r": cell.get("kind") == "n",
            "b": bool(cell.get("bold")),
            "is-pic": cell.get("kind") == PICTURE,
            "is-off": bool(inside) and column not in inside,
        }
        span, rows = covered.get((number, column), (1, 1))
        css = " ".join(name for name, holds in marks.items() if holds)
        yield GridCell(cell.get("text", ""), css, column, span, rows, marks["is-pic"])


def _columns_of(table: Json | None) -> frozenset[int]:
    """The columns between the first and the last of a table."""
    if table is None:
        return frozenset()
    _, left, _, right = split_range(table["range"])
    return frozenset(range(left, right + 1))


def _row_role(number: int, table: Json | None) -> tuple[str, str]:
    if table is None:
        return "is-out", ""
    if number in table["header_rows"]:
        return "is-head", _("表头")
    if number in table["total_rows"]:
        return "is-total", _("合计")
    if number in table["skip_rows"]:
        return "is-out", _("跳过")
    inside = table["first_row"] <= number <= table["last_row"]
    return ("is-data", "") if inside else ("is-out", "")


def columns_of(
    act: Act, batch: Batch, table: Json, form: Form | None, *, kinds: Mapping[str, str]
) -> tuple[ColumnRow, ...]:
    """Return the columns with what is proposed for each, or was chosen before."""
    chosen = _chosen(batch, table["sheet"], form)
    matched: Mapping[str, str] = {}
    if form is not None:
        known = batches.remembered(act, form.app_code, form.code)
        matched = match(table["columns"], form, known)
    return tuple(
        _column_row(act, column, form, chosen.get(column["col"]), matched, kinds)
        for column in table["columns"]
    )


def _chosen(batch: Batch, sheet: str, form: Form | None) -> Mapping[str, Json]:
    choices = batch.choices
    same = choices.get("sheet") == sheet and choices.get("form", "") == (form.code if form else "")
    return {column["col"]: column for column in choices.get("columns", ())} if same else {}


def _column_row(
    act: Act,
    column: Json,
    form: Form | None,
    chosen: Json | None,
    matched: Mapping[str, str],
    kinds: Mapping[str, str],
) -> ColumnRow:
    col = str(column["col"])
    take = chosen["take"] if chosen else _first_take(column, form, matched)
    kind = chosen["kind"] if chosen else kinds[col]
    names = kind_names()
    target = place_in(form, col, take) if form is not None else None
    field = None if target is None else target.field
    tone, sure = sureness(column)
    return ColumnRow(
        col=col,
        name=chosen["name"] if chosen else str(column["name"]),
        samples=tuple(column["samples"]),
        filled=int(column["filled"]),
        takes=tuple(_takes(act, form, take)),
        kinds=tuple(Option(code, names[code], code == kind) for code in KINDS),
        kind_text=names.get(field.kind.kind, "") if field is not None else "",
        why=str(column["why"]),
        against=tuple(column.get("against", ())),
        sureness=sure,
        tone=tone,
        notes=tuple(_column_notes(column)),
        is_reference=field is not None and field.kind.kind == "reference",
        create_missing=bool(chosen["create_missing"]) if chosen else True,
    )


def sureness(column: Json) -> tuple[str, str]:
    """Return how sure a guess is, as a tone and in words."""
    sure = Decimal(column["confidence"])
    tone = "ok" if sure >= _SURE else "warn" if sure >= _LIKELY else "low"
    return tone, f"{sure:.0%}"


def _first_take(column: Json, form: Form | None, matched: Mapping[str, str]) -> str:
    if form is not None:
        return matched.get(column["col"], SKIP)
    return NEW if column["filled"] or not column.get("unnamed") else SKIP


def _takes(act: Act, form: Form | None, take: str) -> Iterator[Option]:
    if form is None or act.actor.is_admin:
        yield Option(NEW, _("新字段"), take == NEW)
    yield Option(SKIP, _("不导入"), take == SKIP)
    if form is None:
        return
    names = kind_names()
    is_open = open_places(act, form)
    for place in places(form):
        if place.path in is_open:
            sign = " *" if place.field.required else ""
            text = f"{label(place.field.label)}{sign}"
            kind, group = names.get(place.field.kind.kind, ""), is_open[place.path]
            yield Option(place.path, text, take == place.path, kind, group)


def open_places(act: Act, form: Form) -> Mapping[str, str]:
    """The places the actor may write to, each with the line table it belongs to."""
    fixed = access.fixed_fields(act.actor, form, "create")
    found = {
        field.code: ""
        for field in access.visible_fields(act.actor, form)
        if not field.definition.readonly and field.code not in fixed
    }
    for table in form.lines:
        for field in access.visible_line_fields(act.actor, form, table):
            path = f"{table.code}.{field.code}"
            if not field.definition.readonly and not {path, table.code} & fixed:
                found[path] = label(table.label)
    return found


def titles(act: Act, form: Form, most: int) -> tuple[str, ...]:
    """Return what the records of a form are called, those the actor may refer to."""
    access.require(act.actor, "view", form)
    title = form.by_code[form.title]
    if title.column is None or title.target or title not in access.visible_fields(act.actor, form):
        return ()
    query = select(title.column).where(form.table.c.status != "cancelled").limit(most)
    mine = access.row_condition(act.actor, form)
    found = act.connection.execute(query if mine is None else query.where(mine)).scalars()
    return tuple(dict.fromkeys(text for value in found if (text := title.format(value))))


def key_options(form: Form, rows: Sequence[ColumnRow], chosen: Sequence[str]) -> tuple[Option, ...]:
    """What records may be found by: the record's own fields; one that is unique is proposed."""
    taken = {option.value for row in rows for option in row.takes if option.is_chosen}
    offered = {option.value: option for row in rows for option in row.takes}
    own = [each for each in offered.values() if each.value in form.by_code]
    unique = {
        field.code for field in form.fields if field.definition.unique or field.kind.kind == NUMBER
    }
    first = next((each.value for each in own if each.value in unique & taken), "")
    picked = set(chosen) or {first}
    return tuple(
        Option(each.value, each.text.removesuffix(" *"), each.value in picked & taken)
        for each in own
    )


def modes(chosen: str) -> tuple[Option, ...]:
    """What may become of records that are there already."""
    texts = {
        "add": _("全部新增"),
        "both": _("有的更新，没有的新增"),
        "update": _("只更新已有的"),
        "skip": _("跳过已有的，只新增"),
    }
    return tuple(Option(code, text, code == chosen) for code, text in texts.items())


def _column_notes(column: Json) -> Iterator[str]:
    if column.get("unnamed"):
        yield _("没有列名")
    if column.get("formula_cells"):
        yield _("公式，按值导入")
    if column.get("bad_cells"):
        yield _("%(n)s 个单元格是错误值，按空白导入", n=column["bad_cells"])


def targets(act: Act, app: App, chosen: str) -> tuple[Option, ...]:
    """Return where the rows may go: a new form, or one the actor may import into."""
    new = [Option("", _("新建表单"), not chosen)] if act.actor.is_admin else []
    forms = [
        Option(form.code, label(form.label), form.code == chosen)
        for form in importable_forms(act, app)
    ]
    return (*new, *forms)


def importable_forms(act: Act, app: App) -> Iterator[Form]:
    """Yield the forms the actor may import into."""
    for form in app.forms.values():
        if access.may(act.actor, "import", form) and access.may(act.actor, "create", form):
            yield form


def unmatched_required(form: Form, takes: Sequence[str]) -> tuple[str, ...]:
    """Return what a form demands and no column gives."""
    return tuple(one.text for one in demanded(form, takes) if not one.is_chosen)


def demanded(form: Form, takes: Sequence[str]) -> tuple[Option, ...]:
    """Return what a form demands of every row; chosen is what a column gives."""
    return tuple(
        Option(field.code, label(field.label), field.code in takes)
        for field in form.fields
        if field.required
        and not field.is_computed
        and not field.is_lines
        and field.definition.default is None
    )


def problem_rows(errors: Sequence[Json]) -> tuple[tuple[str, str], ...]:
    """Return address and sentence of each problem."""
    return tuple((error["cell"], said(error["code"], error["params"])) for error in errors)
