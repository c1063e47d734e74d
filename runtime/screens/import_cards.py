"""What the page of a whole workbook draws: every table, and what becomes of each of its columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runtime.exchange import whole
from runtime.exchange.whole import COMPUTED, PICTURE, REFERENCE, SheetPlan
from runtime.screens import import_pages as pages
from runtime.screens.i18n import _

Json = dict[str, Any]


@dataclass(frozen=True)
class ColumnCard:
    """One column and what becomes of it."""

    col: str
    name: str
    take: bool
    samples: tuple[str, ...]
    kinds: tuple[pages.Option, ...]
    why: str
    sure: str
    tone: str
    told: str
    against: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Rule:
    """What the workbook demands or marks, and whether it is taken over."""

    text: str
    is_taken: bool
    note: str


@dataclass(frozen=True)
class TableCard:
    """One table and the form it becomes."""

    key: str
    label: str
    taken: bool
    sheet: str
    range: str
    rows: int
    columns: tuple[ColumnCard, ...]
    formulas: int
    references: int
    lines: Json
    with_lines: bool
    skipped: int
    members: tuple[str, ...]
    rules: tuple[Rule, ...]


def card(plan: SheetPlan, table: Json) -> TableCard:
    """Return a table with what is planned for it."""
    columns = tuple(_column(plan, column) for column in table["columns"])
    kinds = [plan.kind(column) for column in table["columns"] if plan.takes(column)]
    return TableCard(
        plan.key,
        plan.label,
        plan.taken,
        str(table["sheet"]),
        str(table["range"]),
        int(table["n_rows"]),
        columns,
        kinds.count(COMPUTED),
        kinds.count(REFERENCE),
        dict(table.get("lines") or {}),
        plan.with_lines,
        len(table["total_rows"]) + len(table["skip_rows"]),
        tuple(str(member["label"]) for member in table.get("members", ())),
        tuple(_rules(table)),
    )


def _rules(table: Json) -> Iterator[Rule]:
    """The bounds, demands and marks of a table, with the cells that break them."""
    for column in table["columns"]:
        limits, found = column.get("limits"), []
        if limits and limits["least"] is not None:
            sign = ">" if limits["exclusive"] else "≥"
            found.append(f"{sign} {limits['least']}")
        if limits and limits["most"] is not None:
            found.append(f"≤ {limits['most']}")
        if limits:
            name = f"{column['name']} {'、'.join(found)}"
            yield _rule(_("数据有效性：%(what)s", what=name), limits)
    for each in table.get("checks", ()):
        told = _("条件格式变成提醒：%(what)s") if each["marks"] else _("数据有效性：%(what)s")
        yield _rule(told % {"what": f"{each['name']}　{each['formula']}"}, each)


def _rule(text: str, told: Json) -> Rule:
    broken = list(told["against"])
    marks = bool(told.get("marks"))
    note = _("%(n)s/%(of)s 行符合", n=told["proved"], of=told["of"])
    if broken and not marks:
        note = _("现有的行就不符合，不采用：%(cells)s", cells="、".join(broken))
    return Rule(text, marks or not broken, note)


def _column(plan: SheetPlan, column: Json) -> ColumnCard:
    chosen = plan.kind(column)
    names = pages.kind_names()
    kinds = [pages.Option(code, names[code], code == chosen) for code in pages.KINDS]
    words = {COMPUTED: _("公式"), REFERENCE: _("关联"), PICTURE: _("图片")}
    for special in whole.special_kinds(column):
        kinds.insert(0, pages.Option(special, words[special], special == chosen))
    tone, sure = pages.sureness(column)
    return ColumnCard(
        str(column["col"]),
        plan.choice(column).name,
        plan.takes(column),
        tuple(column["samples"]),
        tuple(kinds),
        str(column["why"]),
        sure,
        tone,
        _told(column),
        tuple(column.get("against", ())),
        _note(column),
    )


def _told(column: Json) -> str:
    """What a column does: its formula with the proof, or what it refers to."""
    if column.get("apart"):
        return _("记录来自哪张工作表")
    if column.get("formula"):
        proof = _("%(n)s/%(of)s 行相等", n=column["proved"], of=column["of"])
        return f"{column['formula']}　{proof}"
    if column.get("to"):
        return _("关联到 %(to)s", to=column["to"])
    return ""


def _note(column: Json) -> str:
    """Why a formula is not taken over."""
    if column.get("kept"):
        return str(column["kept"]["message"])
    offer = column.get("offer")
    if offer:
        found = _("公式 %(formula)s 有 %(n)s 行对不上，按值导入", formula=offer["formula"],
                  n=int(offer["of"]) - int(offer["proved"]))  # fmt: skip
        cells = "、".join(str(each["cell"]) for each in offer.get("differs", ())[:3])
        return f"{found}：{cells}" if cells else found
    if column.get("bad_cells"):
        return _("%(n)s 个单元格是错误值，按空白导入", n=column["bad_cells"])
    return _("没有列名") if column.get("unnamed") else ""
