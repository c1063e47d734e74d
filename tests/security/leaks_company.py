"""Two people and their secrets: an app, policies for it, and what each of them may read by one.

What may be read is worked out here, by hand and without the product: which records a scope reaches,
what is computed from what. Every value stands in one place only, so that one found in an answer
tells where it came from. A field hidden in its own form is hidden where others take it from there;
from which records they take it the author of the app decides.
"""

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Final

import hypothesis.strategies as st
import openpyxl
from sqlalchemy import select

from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import App, Field
from runtime.infra import notices, users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.notices import Place
from runtime.platform import Platform, set_up
from tests.prepared import opened
from tests.screens.conftest import NOW
from tests.screens.person import PASSWORD

PARTNER: Final = {
    "code": "partner",
    "label": "伙伴",
    "type": "record",
    "search": ["name", "secret"],
    "fields": [
        {"code": "name", "kind": "text", "label": "名称", "required": True},
        {"code": "grade", "kind": "text", "label": "等级"},
        {"code": "secret", "kind": "text", "label": "底细"},
    ],
}
LINES: Final = [
    {"code": "what", "kind": "text", "label": "项目"},
    {"code": "qty", "kind": "number", "label": "数量"},
    {"code": "rate", "kind": "money", "label": "单价"},
    {"code": "part", "kind": "formula", "label": "小计",
     "options": {"formula": "=qty*rate", "result": "money"}},
]  # fmt: skip
DEAL: Final = {
    "code": "deal",
    "label": "交易",
    "type": "record",
    "list": ["title", "partner", "price", "cost", "margin", "peek"],
    "search": ["title", "note"],
    "fields": [
        {"code": "title", "kind": "text", "label": "标题", "required": True},
        {"code": "note", "kind": "text", "label": "备注"},
        {"code": "side", "kind": "text", "label": "方向"},
        {"code": "partner", "kind": "reference", "label": "伙伴",
         "options": {"form": "partner", "columns": ["name", "grade", "secret"]}},
        {"code": "price", "kind": "money", "label": "售价"},
        {"code": "cost", "kind": "money", "label": "底价"},
        {"code": "margin", "kind": "formula", "label": "毛利",
         "options": {"formula": "=price-cost", "result": "money"}},
        {"code": "double", "kind": "formula", "label": "两倍",
         "options": {"formula": "=margin*2", "result": "money"}},
        {"code": "peek", "kind": "lookup", "label": "底细",
         "options": {"reference": "partner", "field": "secret"}},
        {"code": "far", "kind": "formula", "label": "等级",
         "options": {"formula": '=partner.grade&"y"', "result": "text"}},
        {"code": "lines", "kind": "lines", "label": "明细", "options": {"fields": LINES}},
        {"code": "total", "kind": "formula", "label": "合计",
         "options": {"formula": "=SUM(lines.part)", "result": "money"}},
    ],
}  # fmt: skip
# What each computed field is made of: (form, path).
MADE_OF: Final[Mapping[tuple[str, str], tuple[tuple[str, str], ...]]] = {
    ("deal", "margin"): (("deal", "price"), ("deal", "cost")),
    ("deal", "double"): (("deal", "margin"),),
    ("deal", "peek"): (("deal", "partner"), ("partner", "secret")),
    ("deal", "far"): (("deal", "partner"), ("partner", "grade")),
    ("deal", "lines.part"): (("deal", "lines.qty"), ("deal", "lines.rate")),
    ("deal", "total"): (("deal", "lines.part"),),
}
PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "partner": ("name", "grade", "secret"),
    "deal": (
        *(str(each["code"]) for each in DEAL["fields"]),  # type: ignore[index, union-attr]
        *(f"lines.{each['code']}" for each in LINES),
    ),
}
# After everything that has happened.
LATER: Final = "2026-11-22T00:00:00Z"
SIDES: Final = ("left", "right")
ROLES: Final = ("one", "two", "three")
PEOPLE: Final = {"ann": ("one", "two"), "ben": ("two", "three")}


@dataclass(frozen=True)
class Grant:
    """What a role may do with a form."""

    form: str
    verbs: tuple[str, ...]
    rows: str
    hidden: tuple[str, ...]

    def source(self) -> dict[str, Any]:
        """The grant as a definition has it."""
        rule = {"rows": "rule", "condition": f'side = "{self.rows}"'}
        rows = rule if self.rows in SIDES else {"rows": self.rows}
        return {"form": self.form, "verbs": list(self.verbs), "hidden": list(self.hidden), **rows}


def grants_on(form: str) -> st.SearchStrategy[Grant]:
    verbs = st.sets(st.sampled_from(["create", "update", "export", "print", "import", "bulk"]))
    scopes = ["all", "own", *(SIDES if form == "deal" else ())]
    return st.builds(
        Grant,
        form=st.just(form),
        verbs=verbs.map(lambda more: ("view", *sorted(more))),
        rows=st.sampled_from(scopes),
        hidden=st.sets(st.sampled_from(PATHS[form]), max_size=5).map(
            lambda each: tuple(sorted(each))
        ),
    )


POLICIES: Final = st.fixed_dictionaries(
    {
        role: st.lists(st.one_of(grants_on("deal"), grants_on("partner")), max_size=3)
        for role in ROLES
    }
)


def definition(policy: Mapping[str, list[Grant]]) -> dict[str, Any]:
    roles = [
        {"code": code, "label": code, "grants": [grant.source() for grant in grants]}
        for code, grants in policy.items()
    ]
    head = {"format": "dajian-app/1", "code": "leak", "label": "漏"}
    return {**head, "forms": [PARTNER, DEAL], "printouts": _printouts(), "roles": roles}


# Of a form everything there is, and what stands behind its references.
BEHIND: Final = ("partner.name", "partner.grade", "partner.secret")


@cache
def _printouts() -> list[dict[str, Any]]:
    """A paper of each form that asks for all of it; written once, for files have times."""
    found = []
    for form, paths in PATHS.items():
        plain = [path for path in paths if path != "lines"]
        asked = {path: path for path in (*plain, *(BEHIND if form == "deal" else ()))}
        if form == "deal":
            asked |= {f"{path}|sum": path for path in paths if path.startswith("lines.")}
        content = _paper(asked)
        file = {"name": "x.xlsx", "format": "xlsx", "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "content": base64.b64encode(content).decode()}  # fmt: skip
        found.append(
            {"code": f"{form}_paper", "label": "x", "form": form, "file": file, "places": asked}
        )
    return found


def _paper(asked: Mapping[str, str]) -> bytes:
    """A workbook of these placeholders: lines in one row, the others below each other."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([f"${{{key}}}" for key in asked if key.startswith("lines.") and "|" not in key])
    for key in asked:
        if not key.startswith("lines.") or "|" in key:
            sheet.append([f"${{{key}}}"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def two_people_with_secrets(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, NOW)
        publish(act, definition({role: [] for role in ROLES}), "begin")
        made = [
            users.create(act, users.NewUser(name, PASSWORD, frozenset(roles)))
            for name, roles in PEOPLE.items()
        ]
        users.create(act, users.NewUser("root", PASSWORD, frozenset(), is_admin=True))
        _fill(act, Catalogue().app(connection, "leak"), [user.id for user in made])


def _fill(act: Act, app: App, makers: list[int]) -> None:
    partner, deal = app.forms["partner"], app.forms["deal"]
    for n in range(4):
        who = Actor(makers[n % 2], "x", frozenset(), "screen", is_admin=True)
        his = Act(act.connection, who, act.now)
        values = {name: f"zq{name}{n}zq" for name in ("name", "grade", "secret")}
        partner_id = documents.create(his, partner, values).id
        money = [Decimal(3_100_117 + 104_729 * (4 * n + k)) for k in range(4)]
        made = documents.create(
            his,
            deal,
            {
                "title": f"zqtitle{n}zq", "note": f"zqnote{n}zq", "side": SIDES[n // 2],
                "partner": partner_id, "price": money[0] * 3, "cost": money[1],
                "lines": [
                    {"what": f"zqwhat{n}{k}zq", "qty": Decimal(k + 2), "rate": money[2 + k]}
                    for k in range(2)
                ],
            },
        )  # fmt: skip
        # So that versions, the history and notices have something to say.
        changed = {"note": f"zqlater{n}zq"}
        documents.update(his, deal, made.id, changed, version=made.version)
        for kind in ("mention", "approved"):
            place = Place("leak", "deal", made.id)
            notices.tell(act, makers, kind, {"person": "x"}, place)


@dataclass
class Stored:
    """Every value with the places it stands in: (form, id, path)."""

    places: dict[str, set[tuple[str, int, str]]] = field(default_factory=dict)
    makers: dict[tuple[str, int], int] = field(default_factory=dict)
    sides: dict[int, str] = field(default_factory=dict)

    def note(self, value: Any, place: tuple[str, int, str]) -> None:
        text = str(int(value)) if isinstance(value, Decimal) else str(value)
        if len(text) > 5:
            self.places.setdefault(text, set()).add(place)


def stored(app: App, platform: Platform) -> Stored:
    found = Stored()
    with platform.database.reading() as connection:
        for form in app.forms.values():
            for row in connection.execute(select(form.table)).mappings():
                found.makers[form.code, row["id"]] = row["created_by"]
                found.sides |= {row["id"]: row["f_side"]} if form.code == "deal" else {}
                for path, value in _values(form.fields, row, ""):
                    found.note(value, (form.code, row["id"], path))
            for table in form.lines:
                for row in connection.execute(select(table.table)).mappings():
                    for path, value in _values(table.fields, row, f"{table.code}."):
                        found.note(value, (form.code, row["parent_id"], path))
        for row in connection.execute(select(app.forms["deal"].table.c.id)):
            # What the note was before it was changed: it stands in the history alone.
            found.note(f"zqnote{row.id - 1}zq", ("deal", row.id, "note"))
    return found


def _values(
    fields: Iterable[Field], row: Mapping[Any, Any], before: str
) -> Iterator[tuple[str, Any]]:
    for each in fields:
        if each.column is not None and each.target is None:
            yield f"{before}{each.code}", row[each.column.name]


@dataclass(frozen=True)
class Allowed:
    """What one person may read by a policy, worked out without the product."""

    grants: tuple[Grant, ...]
    user_id: int
    stored: Stored

    def of(self, form: str, verb: str = "view") -> tuple[Grant, ...]:
        return tuple(each for each in self.grants if each.form == form and verb in each.verbs)

    def sees_row(self, form: str, record_id: int) -> bool:
        return any(
            grant.rows == "all"
            or (grant.rows == "own" and self.stored.makers[form, record_id] == self.user_id)
            or (form == "deal" and grant.rows == self.stored.sides[record_id])
            for grant in self.of(form)
        )

    def rows(self, form: str) -> list[int]:
        return [key for own, key in self.stored.makers if own == form and self.sees_row(form, key)]

    def sees_field(self, form: str, path: str) -> bool:
        return not self._is_named(form, path) and all(
            # Of a form one may not view at all one sees what its author takes from it.
            self.sees_field(other, part) or (other != form and not self.of(other))
            for other, part in MADE_OF.get((form, path), ())
        )

    def _is_named(self, form: str, path: str) -> bool:
        hidden = [set(grant.hidden) for grant in self.of(form)]
        named = set.intersection(*hidden) if hidden else set(PATHS[form])
        return path in named or path.partition(".")[0] in named

    def forbidden(self) -> set[str]:
        """The values that stand nowhere this person may look, nor in anything that does."""
        shown = {value for value, places in self.stored.places.items() if self._reads_any(places)}
        return {
            value
            for value in self.stored.places.keys() - shown
            if not any(value in other for other in shown)
        }

    def added_up(self) -> set[str]:
        """Totals that may not be read, of lines whose amounts may: paper adds up what is seen."""
        return {
            value
            for value, places in self.stored.places.items()
            for form, key, path in places
            if path == "total" and self.sees_row(form, key) and self.sees_field(form, "lines.part")
        }

    def _reads_any(self, places: set[tuple[str, int, str]]) -> bool:
        return any(
            self.sees_row(form, key) and self.sees_field(form, path) for form, key, path in places
        )
