"""What views say about fields, when a field gets another code, goes, or comes back."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from builder.drafts.working import Object, Working

_PARTS: Final = ("columns", "sort", "totals")
_PLACED: Final = ("date", "until", "lane", "cover", "title")


class Renamed(Protocol):
    """The field that gets another code, and how codes and paths follow it."""

    @property
    def form(self) -> str:
        """The form it is of."""

    @property
    def lines(self) -> str | None:
        """Its line table, None of the header."""

    @property
    def old(self) -> str:
        """The code it had."""

    @property
    def new(self) -> str:
        """The code it gets."""

    def code(self, value: Any) -> Any:
        """What a code becomes."""

    def path(self, value: Any) -> Any:
        """What a path becomes."""

    def codes(self, holder: Object, *names: str) -> None:
        """Follow in lists of codes."""


def follow_in_views(work: Working, what: Renamed) -> None:
    """Let the views of the form follow a new code, and conditions of others that look through."""
    for each in list(work.source["forms"]):
        if not each.get("views"):
            continue
        through = _references(each, what.form) if what.lines is None else set()
        is_own = each["code"] == what.form
        if is_own or through:
            for view in work.form(each["code"])["views"]:
                _follow(view, what, through, is_own=is_own)


def _follow(view: Object, what: Renamed, through: set[str], *, is_own: bool) -> None:
    if is_own and what.lines is None:
        _follow_codes(view, what)
    for leaf in _leaves(view.get("where")):
        if is_own:
            leaf["field"] = what.path(leaf["field"])
        head, _, rest = leaf["field"].partition(".")
        if head in through and rest == what.old:
            leaf["field"] = f"{head}.{what.new}"


def _follow_codes(view: Object, what: Renamed) -> None:
    for item in (item for part in _PARTS for item in view.get(part, ())):
        item["field"] = what.code(item["field"])
    what.codes(view, "group")
    for name in _PLACED:
        if name in view:
            view[name] = what.code(view[name])


def _references(form: Mapping[str, Any], target: str) -> set[str]:
    return {
        each["code"]
        for each in form["fields"]
        if each["kind"] == "reference" and each.get("options", {}).get("form") == target
    }


def _leaves(where: Any) -> Iterator[Object]:
    if isinstance(where, dict):
        if "field" in where:
            yield where
        for inner in where.values():
            yield from _leaves(inner)
    elif isinstance(where, list):
        for inner in where:
            yield from _leaves(inner)


def out_of_views(form: Object, code: str, places: Object) -> None:
    """Take a field's columns, sort keys, totals and groups out of the views, noting where."""
    for view in form.get("views", ()):
        for part in (*_PARTS, "group"):
            for index, item in reversed(list(enumerate(view.get(part, ())))):
                if (item if part == "group" else item["field"]) == code:
                    places.setdefault("views", []).append([view["code"], part, index, item])
                    view[part].pop(index)
            if view.get(part) == []:
                view.pop(part)


def into_views(form: Object, places: Object) -> None:
    """Put back what `out_of_views` took, in the views that are still there."""
    by_code = {view["code"]: view for view in form.get("views", ())}
    for code, part, index, item in reversed(places.get("views", ())):
        if code in by_code:
            by_code[code].setdefault(part, []).insert(index, item)
