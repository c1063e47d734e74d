"""Where a field stands on the screen, and how it is put there and taken away."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.flow_fields import into_flows, out_of_flows
from builder.drafts.view_fields import into_views, out_of_views
from builder.drafts.working import Object, Working, id_of, place, refuse

# Lists of a form that name fields of its header.
_LISTS: Final = ("list", "search")
# Lists of a grant that name fields of a form by their path.
_PATHS: Final = ("hidden", "readonly")


def put_field(form: Object, code: str, to: Mapping[str, Any]) -> None:
    """Put a field of the header into the layout: a section, and which place in it.

    A form without sections shows its fields in the order of its definition. Without `section` it is
    the last one; `"section": null` leaves the field off the screen.
    """
    sections = form.get("sections")
    if not sections:
        if to.get("section"):
            refuse("/to/section", "section_unknown", name=str(to["section"]))
        _reorder(form["fields"], code, to.get("index"))
        return
    for section in sections:
        if code in section["fields"]:
            section["fields"].remove(code)
    if "section" in to and to["section"] is None:
        return
    wanted = to.get("section") or sections[-1]["code"]
    section = next((each for each in sections if each["code"] == wanted), None)
    if section is None:
        refuse("/to/section", "section_unknown", name=str(wanted))
    _insert(section["fields"], code, to.get("index"))


def section_of(form: Mapping[str, Any], code: str) -> str | None:
    """The section a field stands in."""
    for section in form.get("sections", ()):
        if code in section["fields"]:
            return str(section["code"])
    return None


def put_column(columns: list[Any], code: str, to: Mapping[str, Any]) -> None:
    """Put a column of a line table in its place among the others."""
    if to.get("section"):
        refuse("/to/section", "section_unknown", name=str(to["section"]))
    _reorder(columns, code, to.get("index"))


def take_out(work: Working, op: Mapping[str, Any]) -> tuple[Object, Object]:
    """Take a field out of its form and of every list that names it.

    Returns its JSON, and where it stood: what `put_back` needs. Formulas, conditions and mappings
    that name it stay as they are; they are problems until the author decides.
    """
    form, lines = work.form(op["form"]), op.get("lines")
    field = work.field(op)
    fields = work.fields(op["form"], lines)
    index = fields.index(field)
    places: Object = {"index": index, "after": id_of(fields[index - 1]) if index else None}
    fields.pop(index)
    code = field["code"]
    if lines is None:
        _out_of_form(form, code, places)
    else:
        table = next(each for each in form["fields"] if each["code"] == lines)
        _out_of_list(table["options"], "stops", code, places)
    _out_of_rules(form, lines, code, places)
    path = code if lines is None else f"{lines}.{code}"
    _out_of_grants(work, op["form"], path, places)
    out_of_flows(work, op["form"], path, places)
    return field, places


def _out_of_form(form: Object, code: str, places: Object) -> None:
    for section in form.get("sections", ()):
        if code in section["fields"]:
            places["section"] = [section["code"], section["fields"].index(code)]
            section["fields"].remove(code)
    for name in _LISTS:
        _out_of_list(form, name, code, places)
    out_of_views(form, code, places)
    if form.get("title") == code:
        places["title"] = True
        form.pop("title")


def _out_of_list(holder: Object, name: str, code: str, places: Object) -> None:
    if code in holder.get(name, ()):
        places[name] = holder[name].index(code)
        holder[name].remove(code)
        if not holder[name]:
            # An empty list would show nothing; without one the product chooses.
            holder.pop(name)


def _out_of_rules(form: Object, lines: str | None, code: str, places: Object) -> None:
    for rule in form.get("rules", ()):
        if rule.get("lines") == lines and code in rule.get("fields", ()):
            places.setdefault("rules", {})[rule["code"]] = rule["fields"].index(code)
            rule["fields"].remove(code)


def _out_of_grants(work: Working, form: str, path: str, places: Object) -> None:
    """Note who could not see or not write the field, `[role, place, path]`, and forget it there."""
    if not any(_is_named(role, form, path) for role in work.source.get("roles", ())):
        return
    for role in work.part("roles"):
        for grant in role["grants"]:
            for name in _PATHS if grant["form"] == form else ():
                said = [
                    [role["code"], index, each]
                    for index, each in enumerate(grant.get(name, ()))
                    if _is_under(each, path)
                ]
                if said:
                    places.setdefault(name, []).extend(said)
                    grant[name] = [each for each in grant[name] if not _is_under(each, path)]
                    if not grant[name]:
                        grant.pop(name)


def _is_named(role: Mapping[str, Any], form: str, path: str) -> bool:
    return any(
        _is_under(each, path)
        for grant in role["grants"]
        if grant["form"] == form
        for name in _PATHS
        for each in grant.get(name, ())
    )


def _is_under(each: str, path: str) -> bool:
    return each == path or each.startswith(f"{path}.")


def put_back(work: Working, removed: Any) -> None:
    """Put a removed field back where it stood, as far as those places are still there."""
    form, lines, places = work.form(removed.form), removed.lines, removed.places
    fields = work.fields(removed.form, lines)
    field = dict(removed.source)
    fields.insert(_place_after(fields, places), field)
    code = field["code"]
    if lines is None:
        _into_form(form, code, places)
    else:
        table = next(each for each in form["fields"] if each["code"] == lines)
        _into_list(table["options"], "stops", code, places)
    for rule in form.get("rules", ()):
        if rule["code"] in places.get("rules", {}) and code not in rule.get("fields", ()):
            _insert(rule.setdefault("fields", []), code, places["rules"][rule["code"]])
    for name in _PATHS:
        for role, index, path in places.get(name, ()):
            _into_grant(work, (role, removed.form, name), path, index)
    into_flows(work, places)


def _into_grant(work: Working, at: tuple[str, str, str], path: str, index: int) -> None:
    code, form, name = at
    for role in work.part("roles"):
        for grant in role["grants"] if role["code"] == code else ():
            if grant["form"] == form and path not in grant.setdefault(name, []):
                _insert(grant[name], path, index)


def _into_form(form: Object, code: str, places: Object) -> None:
    sections = form.get("sections", ())
    if sections:
        wanted, index = places.get("section") or (sections[-1]["code"], None)
        section = next((each for each in sections if each["code"] == wanted), sections[-1])
        _insert(section["fields"], code, index)
    for name in _LISTS:
        if name in places:
            _into_list(form, name, code, places)
    into_views(form, places)
    if places.get("title") and not form.get("title"):
        place(form, "title", code, "form")


def _into_list(holder: Object, name: str, code: str, places: Object) -> None:
    if name in places:
        if name not in holder:
            place(holder, name, [], "form")
        _insert(holder[name], code, places[name])


def _place_after(fields: list[Any], places: Object) -> int:
    for index, each in enumerate(fields):
        if id_of(each) == places.get("after"):
            return index + 1
    return min(int(places.get("index", len(fields))), len(fields))


def _insert(members: list[Any], value: Any, index: int | None) -> None:
    members.insert(len(members) if index is None else index, value)


def _reorder(fields: list[Any], code: str, index: int | None) -> None:
    at = next(i for i, each in enumerate(fields) if each["code"] == code)
    _insert(fields, fields.pop(at), index)
