"""A field gets another code: everything that names it by its code follows.

Formulas are not touched: they name fields by their ids.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from builder.drafts.conversion_fields import follow_in_conversions
from builder.drafts.printout_fields import follow_in_printouts
from builder.drafts.view_fields import follow_in_views
from builder.drafts.working import Object, Working, every_field

_GROUPED: Final = re.compile(r"(month|year)\((.+)\)")
# Texts of a posting rule that are no paths.
_WORDS: Final = frozenset({"command", "purpose"})


@dataclass(frozen=True)
class Renaming:
    """The field that gets another code: `lines` is its line table, None of the header."""

    form: str
    lines: str | None
    old: str
    new: str

    def code(self, value: Any) -> Any:
        """A code that stands where only fields beside the renamed one are meant."""
        return self.new if value == self.old else value

    def path(self, value: Any) -> Any:
        """A path in the form: `qty`, `lines.qty`, `month(date)`."""
        if not isinstance(value, str):
            return value
        grouped = _GROUPED.fullmatch(value)
        if grouped:
            return f"{grouped[1]}({self.path(grouped[2])})"
        at = "" if self.lines is None else f"{self.lines}."
        before, after = at + self.old, at + self.new
        is_under = value == before or value.startswith(f"{before}.")
        return after + value.removeprefix(before) if is_under else value

    def codes(self, holder: Object, *names: str) -> None:
        """Follow in lists of codes."""
        for name in names:
            if name in holder:
                holder[name] = [self.code(each) for each in holder[name]]

    def paths(self, holder: Object, *names: str) -> None:
        """Follow in paths and lists of paths."""
        for name in names:
            if isinstance(holder.get(name), list):
                holder[name] = [self.path(each) for each in holder[name]]
            elif name in holder:
                holder[name] = self.path(holder[name])


def rename(work: Working, what: Renaming) -> None:
    """Follow the new code wherever the old one stands; flows do before the field has it."""
    own = work.form(what.form)
    if what.lines is None:
        _in_layout(own, what)
    follow_in_views(work, what)
    for holder in (*own.get("rules", ()), *own.get("checks", ())):
        _in_condition(holder, what)
    if "posting" in own:
        own["posting"] = _all_paths(own["posting"], what)
    # All are looked at before any is changed: what a name means depends on the others.
    told = [(field, _beside(own, at, field, what)) for at, field in every_field(own)]
    for field, options in told:
        _follow(field, options)
    for each in list(work.source["forms"]):
        if any(_points_at(field, each, what.form) for _, field in every_field(each)):
            for _, field in every_field(work.form(each["code"])):
                _in_pointing(field, each, what)
    _in_grants(work, what)
    _in_aggregates(work, what)
    follow_in_conversions(work, what)
    follow_in_printouts(work, what)
    _in_stock(work, what)


def _in_layout(form: Object, what: Renaming) -> None:
    for section in form.get("sections", ()):
        what.codes(section, "fields")
    what.codes(form, "list", "search")
    if "title" in form:
        form["title"] = what.code(form["title"])
    for index, group in enumerate(form.get("unique_together", ())):
        form["unique_together"][index] = [what.code(each) for each in group]


def _in_condition(holder: Object, what: Renaming) -> None:
    """A rule or a check: of the renamed field, or of the rows of the renamed line table."""
    if holder.get("lines") == what.lines:
        what.codes(holder, "fields")
        if "field" in holder:
            holder["field"] = what.code(holder["field"])
    if what.lines is None and "lines" in holder:
        holder["lines"] = what.code(holder["lines"])


def _beside(form: Object, at: str | None, field: Mapping[str, Any], what: Renaming) -> Object:
    """The options of a field of the same form, with what they say about the renamed one."""
    options: Object = dict(field.get("options", {}))
    if field["kind"] == "lines" and what.lines == field["code"]:
        what.codes(options, "stops")
        if "stock" in options:
            options["stock"] = {name: what.code(each) for name, each in options["stock"].items()}
    reference = options.get("reference")
    if field["kind"] == "lookup" and reference and _means(form, at, reference, what):
        options["reference"] = what.code(reference)
    if field["kind"] == "reference" and "fill" in options and at == what.lines:
        options["fill"] = {what.code(name): each for name, each in options["fill"].items()}
    return options


def _follow(field: Any, options: Object) -> None:
    if options:
        field["options"] = options


def _means(form: Object, at: str | None, name: Any, what: Renaming) -> bool:
    """Whether a name in a row (or the header) means a field beside the renamed one.

    A row means the header's field where its own table has none of that name.
    """
    if at == what.lines:
        return True
    return what.lines is None and all(
        field["code"] != name for table, field in every_field(form) if table == at
    )


def _points_at(field: Mapping[str, Any], form: Mapping[str, Any], target: str) -> bool:
    if field["kind"] == "lookup":
        return _looks_at(field, form) == target
    is_pointing = field["kind"] in {"reference", "rollup"}
    return is_pointing and field.get("options", {}).get("form") == target


def _in_pointing(field: Any, form: Mapping[str, Any], what: Renaming) -> None:
    """What a field of any form says about fields of the form it points at."""
    if not _points_at(field, form, what.form):
        return
    options = field["options"]
    if field["kind"] == "reference":
        what.paths(options, "columns")
        if "fill" in options:
            options["fill"] = {name: what.path(each) for name, each in options["fill"].items()}
    elif field["kind"] == "rollup":
        what.paths(options, "reference", "field")
    else:
        what.paths(options, "field")


def _looks_at(field: Mapping[str, Any], form: Mapping[str, Any]) -> str | None:
    wanted = field.get("options", {}).get("reference")
    for _, each in every_field(form):
        if each["code"] == wanted and each["kind"] == "reference":
            found: str | None = each.get("options", {}).get("form")
            return found
    return None


def _in_grants(work: Working, what: Renaming) -> None:
    grants = (grant for role in work.source.get("roles", ()) for grant in role["grants"])
    if any(grant["form"] == what.form for grant in grants):
        for role in work.part("roles"):
            for grant in role["grants"]:
                if grant["form"] == what.form:
                    what.paths(grant, "hidden", "readonly")


def _in_aggregates(work: Working, what: Renaming) -> None:
    tables = work.source.get("aggregates", ())
    if any(source["form"] == what.form for table in tables for source in table["sources"]):
        sources = (source for table in work.part("aggregates") for source in table["sources"])
        for source in sources:
            if source["form"] == what.form:
                told = source["dimensions"].items()
                source["dimensions"] = {name: what.path(each) for name, each in told}
                what.paths(source, "lines")


def _in_stock(work: Working, what: Renaming) -> None:
    stock = work.source.get("stock")
    if stock and stock["item"]["form"] == what.form:
        item = {name: each for name, each in stock["item"].items() if name != "form"}
        told = {"form": what.form, **_all_paths(item, what)}
        work.source["stock"] = {**stock, "item": told}


def _all_paths(rule: Mapping[str, Any], what: Renaming) -> Object:
    """A posting rule or stock settings: every text in it but some words is a path."""
    followed: Iterator[tuple[str, Any]] = (
        (name, _all_paths(each, what) if isinstance(each, Mapping) else _path(name, each, what))
        for name, each in rule.items()
    )
    return dict(followed)


def _path(name: str, value: Any, what: Renaming) -> Any:
    return value if name in _WORDS else what.path(value)
