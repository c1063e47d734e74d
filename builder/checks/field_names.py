"""Codes and ids of fields are unique and no system column's."""

from collections.abc import Iterator, Sequence

from runtime.definitions import AggregateDef, AppDef, FieldDef
from runtime.infra.errors import Problem

# What every record has of its own, what a database calls its own, and what lists and page forms
# are steered by: a field of that name would be taken for it.
SYSTEM = frozenset(
    "id version status created_by created_at updated_by updated_at search_text parent_id "  # noqa: SIM905
    "line_no csrf_token tenant_id deleted_at deleted_by is_deleted posted posted_at approved "
    "approved_by owner_id company_id rowid oid ctid xmin xmax cmin cmax tableoid".split()
)
STEERING = frozenset(
    "q sort page after before filter filters search cursor offset submit reset action method "  # noqa: SIM905
    "elements attributes children metadata query registry".split()
)
# Words that mean something in a formula or in SQL.
WORDS = frozenset(
    "true false null none and or not if in is as by on to from where select insert update "  # noqa: SIM905
    "delete drop alter create table index order group having union join values default check "
    "primary foreign references user all any case when then else end for with class def "
    "import lambda return global".split()
)
RESERVED = SYSTEM | STEERING | WORDS


def field_names(definition: AppDef) -> Iterator[Problem]:
    """Yield field codes that stand twice, are the system's, or are words of formulas."""
    for index, form in enumerate(definition.forms):
        yield from _named(form.fields, f"/forms/{index}/fields")
        for place, field in enumerate(form.fields):
            if field.kind == "lines":
                if len(field.code) > 20:
                    pointer = f"/forms/{index}/fields/{place}/code"
                    yield Problem(pointer, "property_too_long", {"wanted": "20"})
                yield from _named(field.columns, f"/forms/{index}/fields/{place}/options/fields")
    for index, table in enumerate(definition.aggregates):
        yield from _told(table, f"/aggregates/{index}")


def _told(table: AggregateDef, pointer: str) -> Iterator[Problem]:
    seen: set[str] = set()
    groups = {
        "dimensions": [each.code for each in table.dimensions],
        "measures": [each.code for each in table.measures],
    }
    for group, codes in groups.items():
        for index, code in enumerate(codes):
            at, params = f"{pointer}/{group}/{index}/code", {"code": code}
            if code in RESERVED:
                yield Problem(at, "code_reserved", params)
            if code in seen:
                yield Problem(at, "code_twice", params)
            seen.add(code)


def _named(fields: Sequence[FieldDef], pointer: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, field in enumerate(fields):
        if field.code in RESERVED:
            yield Problem(f"{pointer}/{index}/code", "code_reserved", {"code": field.code})
        if field.code in seen:
            yield Problem(f"{pointer}/{index}/code", "code_twice", {"code": field.code})
        if field.id != field.code and field.id in seen:
            yield Problem(f"{pointer}/{index}/id", "code_twice", {"code": field.id})
        seen |= {field.code, field.id}
