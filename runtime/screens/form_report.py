"""What is wrong with what was sent, in the words and at the places people know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flask import url_for

from runtime import access, query
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Problem, ValidationFailed
from runtime.kinds.families import SEVERAL
from runtime.screens.form_aside import Link
from runtime.screens.form_fields import Cell, cell_of, record_url
from runtime.screens.form_values import Posted, is_entered
from runtime.screens.i18n import _, label, said, said_here

LINE_DEPTH: Final = 2


@dataclass(frozen=True)
class Item:
    """One thing to put right: where (in words), what to do, and the box it is about."""

    words: str
    place: str = ""
    at: str = ""


@dataclass(frozen=True)
class Report:
    """The error summary."""

    title: str
    items: tuple[Item, ...] = ()
    hint: str = ""
    documents: tuple[Link, ...] = ()
    # What the author would have people think twice about; it stops nobody.
    warnings: tuple[Item, ...] = ()

    @property
    def is_only_warned(self) -> bool:
        """Whether nothing stands against submitting it as it is."""
        return bool(self.warnings) and not self.items

    @property
    def by_box(self) -> dict[str, str]:
        """The first words for each box."""
        found: dict[str, str] = {}
        for item in self.items:
            if item.at:
                found.setdefault(item.at, item.words)
        return found


@dataclass(frozen=True)
class Difference:
    """One field on which two people disagree."""

    place: str
    mine: str
    theirs: str
    at: str = ""
    theirs_key: str = ""


@dataclass(frozen=True)
class Clash:
    """Somebody else saved first."""

    title: str
    items: tuple[Difference, ...]
    version: int
    href: str


def report_of(
    act: Act,
    form: Form,
    error: AppError,
    posted: Posted | None = None,
    told: Sequence[Problem] = (),
) -> Report:
    """Write the summary of a refusal, what is only warned of after it."""
    items = tuple(_items(form, error.problems, posted))
    said_once = said(error.code, error.params)
    # What the title says already is not said again: a box is named, a mere place left out.
    items = tuple(item for item in items if item.at or item.words != said_once)
    if isinstance(error, ValidationFailed) and items:
        title = _("有 %(num)s 处需要修改", num=len(items))
    else:
        title = said_once
    hint = said(error.hint) if error.hint else ""
    warnings = tuple(_items(form, told, posted))
    return Report(title, items, hint, tuple(_documents(act, form, error)), warnings)


def warning_of(form: Form, told: Sequence[Problem], posted: Posted) -> Report:
    """Write the summary of what stands against nothing, but should be read first."""
    title = _("提交前请看一下这 %(num)s 处", num=len(told))
    return Report(title, warnings=tuple(_items(form, told, posted)))


def _items(form: Form, problems: Iterable[Problem], posted: Posted | None) -> Iterator[Item]:
    for problem in problems:
        place, at = where(form, problem.pointer, posted)
        at = at if posted is not None else ""
        yield Item(words=said_here(problem.code, problem.params), place=place, at=at)


def where(form: Form, pointer: str, posted: Posted | None) -> tuple[str, str]:
    """Turn `/lines/3/qty` into `商品明细 第 4 行 · 数量` and the id of the box."""
    first, *rest = [part for part in pointer.split("/") if part] or [""]
    item = form.by_code.get(first)
    if item is None:
        return "", ""
    if not item.is_lines or not rest:
        return label(item.label), f"f-{first}"
    index = int(rest[0]) if rest[0].isdigit() else 0
    rows = posted.lines.get(first, ()) if posted else ()
    key, number = rest[0], index + 1
    if index < len(rows):
        key, number = rows[index].key, rows[index].number
    row = _("%(lines)s 第 %(number)s 行", lines=label(item.label), number=number)
    columns = form.lines_of(first).by_code
    code = rest[1] if len(rest) >= LINE_DEPTH else _first_entered(form, first)
    if code not in columns:
        return row, ""
    place = f"{row} · {label(columns[code].label)}" if len(rest) >= LINE_DEPTH else row
    return place, f"f-{first}-{key}-{code}"


def _first_entered(form: Form, lines: str) -> str:
    fields = form.lines_of(lines).fields
    return next((item.code for item in fields if is_entered(item)), "")


def _documents(act: Act, form: Form, error: AppError) -> Iterator[Link]:
    """A refusal that names other documents leads to those the actor may see."""
    for found in error.params.get("blocking", ()):
        target = form.siblings.get(found["form"])
        if target is not None and access.may(act.actor, "view", target):
            yield Link(str(found["title"]), record_url(target, found["id"]), target.icon)


def clash_of(act: Act, form: Form, error: AppError, record_id: int, posted: Posted) -> Clash:
    """Compare what was typed with what somebody else has saved meanwhile."""
    latest = query.record(act, form, record_id)
    href = record_url(form, record_id)
    title = said(error.code, error.params)
    if latest is None:
        return Clash(title, (), posted.version, url_for("screens.home"))
    items = (*_header_differences(form, latest, posted), *_line_differences(form, latest, posted))
    return Clash(title, items, latest.version, href)


def _header_differences(form: Form, latest: query.Record, posted: Posted) -> Iterator[Difference]:
    for code, mine in posted.header.items():
        item = form.by_code[code]
        if posted.values[code] == latest.values.get(code):
            continue
        labels = latest.labels.get((None, code), {})
        theirs = cell_of(item, latest.values.get(code), cell_id="", name="", labels=labels)
        yield _difference(item, label(item.label), mine, theirs)


def _line_differences(form: Form, latest: query.Record, posted: Posted) -> Iterator[Difference]:
    for code, rows in posted.lines.items():
        table = form.lines_of(code)
        stored = {str(line.id): line for line in latest.lines.get(code, ())}
        for typed, row in zip(rows, posted.values[code], strict=True):
            line = stored.pop(typed.id, None)
            place = _("%(lines)s 第 %(number)s 行", lines=label(table.label), number=typed.number)
            if typed.id and line is None:
                yield Difference(place, _("保留"), _("已被删除"))
            if line is None:
                continue
            for name, mine in typed.cells.items():
                item, value = table.by_code[name], line.values.get(name)
                if row.get(name) == value:
                    continue
                labels = latest.labels.get((code, name), {})
                theirs = cell_of(item, value, cell_id="", name="", labels=labels)
                yield _difference(item, f"{place} · {label(item.label)}", mine, theirs)
        for line in stored.values():
            place = _("%(lines)s 第 %(number)s 行", lines=label(table.label), number=line.line_no)
            yield Difference(place, _("没有这一行"), _("新增的一行"))


def _difference(item: Field, place: str, mine: Cell, theirs: Cell) -> Difference:
    shown = mine.text
    if item.kind.kind in SEVERAL | {"choice", "boolean"}:
        value = item.kind.parse(",".join(mine.keys) or mine.key, item.definition)
        shown = cell_of(item, value, cell_id="", name="", labels={}).text
    simple = item.kind.kind not in SEVERAL
    return Difference(place, shown, theirs.text, mine.id if simple else "", theirs.key)
