"""Everything in a draft that uses a field: asked before it is deleted, retyped or renamed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from builder.designer.formula_words import labelled
from builder.designer.panel_spot import columns_of, every_field, form_at, path_of
from builder.designer.posting_fields import parts_of
from builder.designer.rules_words import read
from builder.designer.use import Use, Wanted
from builder.designer.uses_elsewhere import by_conversions, by_printouts, by_row_rules, by_views
from builder.designer.uses_flows import by_flows
from builder.formula_places import (
    CHECK,
    DEFAULT,
    FORMULA,
    RULE,
    SOURCE,
    WHERE,
    formula_at,
    formula_places,
)
from builder.stored_formulas import references
from runtime.compile import App
from runtime.kinds.bounds import SIDES, is_formula
from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
# What the schema of an option says of one that is the code of a field beside it.
NAMING: Final = frozenset({"field", "amount_field", "reference"})


def uses_in(source: Json, app: App | None, form_code: str, path: str) -> tuple[Use, ...]:
    """Return what uses a field; of a line table also what uses its columns."""
    form = form_at(source, form_code)
    if form is None:
        return ()
    lines, _dot, code = path.rpartition(".")
    wanted = Wanted(form_code, lines or None, code)
    found = [
        *(_by_formulas(source, app, wanted) if app else ()),
        *(_by_bounds(source, app, wanted) if app else ()),
        *(by_row_rules(source, app, wanted) if app else ()),
        *_by_rules(form, wanted),
        *_by_fields(source, wanted),
        *_by_aggregates(source, wanted),
        *_by_books(source, form, wanted),
        *_by_form(form, wanted),
        *by_views(source, wanted),
        *by_conversions(source, wanted),
        *by_flows(source, app, wanted),
        *by_printouts(source, wanted),
        *_by_roles(source, wanted),
        *_by_tests(source, wanted),
    ]
    return tuple(dict.fromkeys(found))


def _by_formulas(source: Json, app: App, wanted: Wanted) -> Iterator[Use]:
    sorts = {
        FORMULA: "formula",
        DEFAULT: "formula",
        CHECK: "check",
        WHERE: "rollup",
        SOURCE: "aggregate",
    }
    for place in formula_places(source):
        named, formula = app.forms.get(place.names[0]), formula_at(app, place)
        if formula is None or named is None:
            continue
        own = (place.form, place.lines, place.field)
        if own == (wanted.form, wanted.lines, wanted.code) and place.part != DEFAULT:
            continue
        if not any(wanted.is_read_by(each, named.code) for each in references(formula)):
            continue
        text = _placed(source, place.form, place.lines, place.field)
        yield Use(
            sorts.get(place.part, "rule"),
            f"{_part_text(place.part)} · {text} {labelled(named, formula)}",
            place.form,
            place.path if place.field else "",
        )


def _part_text(part: str) -> str:
    words = {
        DEFAULT: _("默认值"),
        CHECK: _("校验"),
        RULE: _("显示规则"),
        WHERE: _("汇总条件"),
        SOURCE: _("聚合表"),
    }
    return words.get(part, _("公式"))


def _by_bounds(source: Json, app: App, wanted: Wanted) -> Iterator[Use]:
    """Least and most values that are computed from it."""
    for form in source.get("forms", ()):
        compiled = app.forms.get(form["code"])
        for lines, field in every_field(form) if compiled else ():
            for side in SIDES:
                text, table = field.get("options", {}).get(side), lines["code"] if lines else None
                formula = read(compiled, table, text) if compiled and is_formula(text) else None
                if formula and any(
                    wanted.is_read_by(each, form["code"]) for each in references(formula)
                ):
                    place = _placed(source, form["code"], table, field["code"])
                    said = _("最小值和最大值 · %(what)s", what=place)
                    yield Use("formula", said, form["code"], path_of(lines, field))


def _by_rules(form: Json, wanted: Wanted) -> Iterator[Use]:
    for rule in form.get("rules", ()):
        if rule.get("lines") == wanted.lines and wanted.code in rule.get("fields", ()):
            text = label(rule.get("label")) or rule["code"]
            yield Use("rule", _("显示规则 · %(what)s", what=text), form["code"])
    for check in form.get("checks", ()):
        if check.get("lines") == wanted.lines and check.get("field") == wanted.code:
            yield Use("check", _("校验 · %(what)s", what=label(check["message"])), form["code"])


def _by_fields(source: Json, wanted: Wanted) -> Iterator[Use]:
    for form in source.get("forms", ()):
        for lines, field in every_field(form):
            how = _taken(form, lines, field, wanted)
            if how:
                text = _placed(
                    source, form["code"], lines["code"] if lines else None, field["code"]
                )
                sort = "rollup" if field["kind"] == "rollup" else "lookup"
                yield Use(sort, f"{how} · {text}", form["code"], path_of(lines, field))


def _taken(form: Json, lines: Json | None, field: Json, wanted: Wanted) -> str:
    """In which way a field takes from the wanted one, in words; empty where it does not."""
    options: Json = field.get("options", {})
    if field["kind"] == "rollup":
        paths = (options.get("reference"), options.get("field"))
        return _("汇总") if options.get("form") == wanted.form and wanted.path in paths else ""
    here = form["code"] == wanted.form and (lines["code"] if lines else None) == wanted.lines
    if field["kind"] == "lookup":
        if here and options.get("reference") == wanted.code:
            return _("引用经过它")
        target = _target(form, lines, options.get("reference"))
        return _("引用") if wanted.lines is None and (target, options.get("field")) == (
            wanted.form, wanted.code) else ""  # fmt: skip
    if field["kind"] != "reference":
        named = here and _names_it(field, wanted.code)
        return _("明细设置") if _is_set(field, form, wanted) else _("取它的值") * named
    fill = options.get("fill", {})
    if here and isinstance(fill, Mapping) and wanted.code in fill:
        return _("选中后填入它")
    if options.get("form") != wanted.form or wanted.lines is not None:
        return ""
    if isinstance(fill, Mapping) and wanted.code in fill.values():
        return _("选中后取它的值")
    return _("选择时显示") if wanted.code in options.get("columns", ()) else ""


def _names_it(field: Json, code: str) -> bool:
    """Whether one of a field's options names another field, as the schema of its kind says."""
    known = FIELD_TYPES.get(field["kind"])
    schemas: Json = known.options.get("properties", {}) if known else {}
    options: Json = field.get("options", {})
    names = (name for name, part in schemas.items() if part.get("widget") in NAMING)
    return any(options.get(name) == code for name in names)


def _is_set(field: Json, form: Json, wanted: Wanted) -> bool:
    """Whether a line table names the field among its stops, or to show stock by."""
    if field["kind"] != "lines" or form["code"] != wanted.form:
        return False
    options: Json = field.get("options", {})
    stock = tuple(options.get("stock", {}).values())
    if wanted.lines == field["code"]:
        return wanted.code in (*options.get("stops", ()), *stock)
    return wanted.lines is None and wanted.code in stock and wanted.code not in {
        column["code"] for column in columns_of(field)
    }  # fmt: skip


def _target(form: Json, lines: Json | None, code: Any) -> str:
    near: Sequence[Json] = (*columns_of(lines), *form["fields"]) if lines else form["fields"]
    through = next((each for each in near if each["code"] == code), None)
    return str((through or {}).get("options", {}).get("form", ""))


def _by_aggregates(source: Json, wanted: Wanted) -> Iterator[Use]:
    for table in source.get("aggregates", ()):
        for each in table.get("sources", ()):
            if each["form"] != wanted.form:
                continue
            paths = [path[path.find("(") + 1 :].rstrip(")") for path in each["dimensions"].values()]
            paths += [str(share.get("of", "")) for share in each["measures"].values()]
            counted = each.get("lines")
            if wanted.path in paths or (
                counted and wanted.lines == counted and wanted.code in paths
            ):
                text = label(table.get("label")) or table["code"]
                yield Use("aggregate", _("聚合表 · %(what)s", what=text), wanted.form)


def _by_books(source: Json, form: Json, wanted: Wanted) -> Iterator[Use]:
    for part in parts_of(form, wanted.path):
        yield Use("posting", _("过账规则 · %(what)s", what=part), wanted.form)
    stock: Json = source.get("stock", {})
    item: Json = stock.get("item", {})
    named = [value for name, value in item.items() if name not in ("form", "units")]
    units = list(item.get("units", {}).values())
    if item.get("form") == wanted.form and wanted.path in (*named, *units):
        yield Use("stock", _("库存设置"), wanted.form)


def _by_form(form: Json, wanted: Wanted) -> Iterator[Use]:
    if wanted.lines is not None:
        return
    words = {"list": _("列表的列"), "search": _("搜索的字段")}
    for part, text in words.items():
        if wanted.code in form.get(part, ()):
            yield Use("list", text, form["code"], tab="lists", blow=False)
    if form.get("title") == wanted.code:
        yield Use("list", _("用它称呼一条记录"), form["code"], tab="lists")
    if any(wanted.code in codes for codes in form.get("unique_together", ())):
        yield Use("unique", _("组合不能重复"), form["code"])


def _by_roles(source: Json, wanted: Wanted) -> Iterator[Use]:
    for role in source.get("roles", ()):
        for grant in role.get("grants", ()):
            named = (*grant.get("hidden", ()), *grant.get("readonly", ()))
            if grant["form"] == wanted.form and any(wanted.holds(path) for path in named):
                text = label(role.get("label")) or role["code"]
                yield Use(
                    "access", _("权限 · %(role)s", role=text), wanted.form, tab="access", blow=False
                )


def _by_tests(source: Json, wanted: Wanted) -> Iterator[Use]:
    for test in source.get("tests", ()):
        if test.get("form") == wanted.form and _mentions(test, wanted.code):
            text = label(test.get("label")) or test.get("code", "")
            yield Use("test", _("测试 · %(what)s", what=text), wanted.form)


def _mentions(part: Any, code: str) -> bool:
    """Whether a field's code stands anywhere as a key or within a path."""
    if isinstance(part, Mapping):
        return code in part or any(_mentions(each, code) for each in part.values())
    return isinstance(part, list | tuple) and any(_mentions(each, code) for each in part)


def _placed(source: Json, form_code: str, lines: str | None, code: str) -> str:
    """What a field is called, with its form and line table."""
    form = form_at(source, form_code)
    if form is None:
        tables = (each for each in source.get("aggregates", ()) if each["code"] == form_code)
        return next((label(each.get("label")) for each in tables), "") or form_code
    names = [label(form["label"])]
    for table, field in every_field(form):
        if field["code"] == code and (table["code"] if table else None) == lines:
            names += [label(table["label"])] if table else []
            names.append(label(field["label"]) or code)
            break
    return ".".join(names)
