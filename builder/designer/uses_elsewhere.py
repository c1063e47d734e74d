"""Uses of a field outside its form's formulas: views, conversions, conditions of roles."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from builder.designer.formula_words import labelled
from builder.designer.use import Use, Wanted
from builder.formula_places import formula_at, row_rule_places
from builder.stored_formulas import references
from runtime.compile import App
from runtime.definitions.conversion import HEADER
from runtime.definitions.view import fields_of_where
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
# What a view loses with a field, and what it cannot do without.
LOST: Final = ("columns", "sort", "totals")
PLACED: Final = ("date", "until", "lane", "cover", "title")


def by_views(source: Json, wanted: Wanted) -> Iterator[Use]:
    """Yield the views that show, sort, group or count a field, or rest a condition on it."""
    for form in source.get("forms", ()):
        through = _references(form, wanted.form) if wanted.lines is None else frozenset()
        for view in form.get("views", ()):
            name = label(view.get("label")) or view["code"]
            if _is_asked(form, view, wanted, through):
                said = _("视图的条件 · %(what)s", what=name)
                yield Use("view", said, form["code"], tab="lists")
            if form["code"] != wanted.form or wanted.lines is not None:
                continue
            if any(view.get(part) == wanted.code for part in PLACED):
                said = _("视图的版面 · %(what)s", what=name)
                yield Use("view", said, form["code"], tab="lists")
            elif wanted.code in _lost(view):
                said = _("视图 · %(what)s", what=name)
                yield Use("view", said, form["code"], tab="lists", blow=False)


def by_conversions(source: Json, wanted: Wanted) -> Iterator[Use]:
    """Yield the conversions that take from a field or fill it."""
    for each in source.get("conversions", ()):
        name = label(each.get("label")) or each["code"]
        if each["from"] == wanted.form and _takes(each, wanted):
            said = _("单据转换的来源 · %(what)s", what=name)
            yield Use("conversion", said, wanted.form, tab="conversions")
        if each["to"] == wanted.form and _fills(each, wanted):
            said = _("单据转换填入它 · %(what)s", what=name)
            yield Use("conversion", said, wanted.form, tab="conversions")


def by_printouts(source: Json, wanted: Wanted) -> Iterator[Use]:
    """Yield the print templates with a placeholder that means a field, or leads through it."""
    for each in source.get("printouts", ()):
        form = next((one for one in source["forms"] if one["code"] == each["form"]), None)
        paths = each.get("places", {}).values()
        if form is not None and any(_prints(source, form, path, wanted) for path in paths):
            said = _("打印模板 · %(what)s", what=label(each.get("label")) or each["code"])
            yield Use("printout", said, each["form"], tab="prints")


def by_row_rules(source: Json, app: App, wanted: Wanted) -> Iterator[Use]:
    """Yield the roles whose records a condition over a field decides."""
    for place in row_rule_places(source):
        form, formula = app.forms.get(place.form), formula_at(app, place)
        if form is None or formula is None:
            continue
        if any(wanted.is_read_by(each, place.form) for each in references(formula)):
            role = label(place.note)
            said = _("查看范围 · %(role)s %(what)s", role=role, what=labelled(form, formula))
            yield Use("access", said, place.form, tab="access")


def _is_asked(form: Json, view: Json, wanted: Wanted, through: frozenset[str]) -> bool:
    paths = fields_of_where(view.get("where"))
    if form["code"] == wanted.form and any(wanted.holds(path) for path in paths):
        return True
    return any(f"{code}.{wanted.code}" in paths for code in through)


def _references(form: Json, target: str) -> frozenset[str]:
    return frozenset(
        each["code"]
        for each in form["fields"]
        if each["kind"] == "reference" and each.get("options", {}).get("form") == target
    )


def _lost(view: Json) -> Sequence[str]:
    return [
        *(item["field"] for part in LOST for item in view.get(part, ())),
        *view.get("group", ()),
    ]


def _prints(source: Json, form: Json, path: str, wanted: Wanted) -> bool:
    """Whether a placeholder's path passes the field."""
    at, lines = form, ""
    for code in path.split("."):
        here = f"{lines}.{code}" if lines else code
        if at["code"] == wanted.form and here == wanted.path:
            return True
        field = next((one for one in _fields(at, lines) if one["code"] == code), None)
        if field is None:
            return False
        if field["kind"] == "lines":
            lines = code
            continue
        target = field.get("options", {}).get("form")
        found = next((one for one in source["forms"] if one["code"] == target), None)
        if found is None:
            return False
        at, lines = found, ""
    return False


def _fields(form: Json, lines: str) -> Sequence[Json]:
    if not lines:
        return form["fields"]  # type: ignore[no-any-return]
    table = next(each for each in form["fields"] if each["code"] == lines)
    return table.get("options", {}).get("fields", ())  # type: ignore[no-any-return]


def _takes(conversion: Json, wanted: Wanted) -> bool:
    """Whether the source side names the field: a line of its own, or by `header.` its document."""
    lines: Json = conversion.get("lines", {})
    paths = list(lines.get("map", {}).values())
    if "quantity" in lines:
        paths.append(lines["quantity"]["from"])
    if wanted.lines is not None:
        return wanted.lines == lines.get("from") and wanted.code in paths
    plain = [] if "from" in lines else paths
    return (
        wanted.code in (*conversion.get("map", {}).values(), *plain, lines.get("from"))
        or HEADER + wanted.code in paths
    )


def _fills(conversion: Json, wanted: Wanted) -> bool:
    lines: Json = conversion.get("lines", {})
    if wanted.lines is None:
        return wanted.code in conversion.get("map", {}) or wanted.code == lines.get("to")
    filled = [*lines.get("map", {}), *lines.get("keep", ()), lines.get("quantity", {}).get("to")]
    return wanted.lines == lines.get("to") and wanted.code in filled
