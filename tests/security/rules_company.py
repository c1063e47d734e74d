"""A company with every kind of rule, and with a past in which none of them was there yet.

Whatever brings a past back (versions, the bin, what a batch has changed) finds values there that
break the rules of today.
"""

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile.model import Form
from runtime.documents.batch import run, store
from runtime.documents.batch.deeds import plain
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.platform import set_up
from runtime.query import PageRequest, matching
from tests.prepared import opened
from tests.screens.conftest import NOW
from tests.screens.person import PASSWORD

GOOD: Final = {"name": "fine", "no": "A0", "size": "3", "low": "1", "high": "2", "mark": "AB1"}
# rule            a change that breaks it
BREAKING: Final[dict[str, dict[str, str]]] = {
    "required": {"name": ""},
    "unique": {"no": "TAKEN"},
    "range": {"size": "99"},
    "cross-field": {"high": "0"},
    "pattern": {"mark": "ab"},
    "asked for by a rule": {"mark": ""},
    "read-only": {"fixed": "changed"},
    "hidden": {"hidden": "changed"},
    "reach": {"name": "theirs"},
}
CODES: Final = ("name", "no", "size", "low", "high", "mark", "fixed", "hidden")
LABELS: Final = ("名称", "编号", "大小", "下限", "上限", "标记", "固定", "隐藏")
NUMBERS: Final = frozenset({"size", "low", "high"})
STRICT: Final[dict[str, dict[str, Any]]] = {
    "name": {"required": True},
    "no": {"unique": True},
    "size": {"options": {"min": "1", "max": "10"}},
    "mark": {"options": {"expression": "[A-Z]{2}[0-9]"}},
}
WRITING: Final = ["create", "update", "submit", "delete", "cancel", "import", "bulk", "export"]
# What a draft may hold in a past without rules; two of one number there could not be published.
DRAFTED: Final = ("required", "range", "cross-field", "pattern", "asked for by a rule")


def _fields(*, strict: bool) -> list[dict[str, Any]]:
    kept = {"fixed": {"default": "keep"}, "hidden": {"default": "keep"}}
    return [
        {
            "code": code,
            "kind": "number" if code in NUMBERS else "text",
            "label": label,
            **kept.get(code, {}),
            **(STRICT.get(code, {}) if strict else {}),
        }
        for code, label in zip(CODES, LABELS, strict=True)
    ]


def _ruled(code: str, *, strict: bool, **more: Any) -> dict[str, Any]:
    """A form with all fields, and in strict times with all rules."""
    check = {"formula": "=low<=high", "field": "high", "message": {"zh": "上限小", "en": "high"}}
    asks = {"code": "asks", "effect": "require", "when": "=size<5", "fields": ["mark"]}
    fields = [*_fields(strict=strict), *more.pop("fields", [])]
    whole = {"code": code, "label": code, "type": "record", "fields": fields, **more}
    return {**whole, "checks": [check], "rules": [asks]} if strict else whole


def _lines(*, strict: bool) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {"code": "what", "kind": "text", "label": "什么", **({"required": True} if strict else {})},
        {"code": "qty", "kind": "number", "label": "几个",
         **({"options": {"min": "1", "max": "10"}} if strict else {})},
    ]  # fmt: skip
    return {"code": "rows", "kind": "lines", "label": "明细", "options": {"fields": cells}}


def definition(*, strict: bool) -> dict[str, Any]:
    """The app: `thing` is master data, `paper` a document, things are made of `seed`s."""
    paper_no = {"code": "paper_no", "kind": "document_number", "label": "单号",
                "options": {"prefix": "P", "width": 4, "reset": "never"}}  # fmt: skip
    limits = {
        "rows": "rule",
        "condition": 'name <> "theirs"',
        "readonly": ["fixed"],
        "hidden": ["hidden"],
    }
    grants = [
        {"form": form, "verbs": ["view", *WRITING], **(limits if strict else {})}
        for form in ("thing", "paper")
    ]
    plain = [{"form": "seed", "verbs": ["view"]}]
    return {
        "format": "dajian-app/1",
        "code": "rules",
        "label": "规则",
        "forms": [
            _ruled("thing", strict=strict),
            _ruled("paper", strict=strict, type="document", title="paper_no",
                   fields=[paper_no, _lines(strict=strict)]),
            _ruled("seed", strict=False),
        ],
        "conversions": [
            {"code": "grow", "label": "长成", "from": "seed", "to": "thing",
             "map": {code: code for code in CODES}}
        ],
        "roles": [
            {"code": "clerk", "label": "文员", "grants": [*grants, *plain]},
            {"code": "reader", "label": "读者",
             "grants": [{"form": "*", "verbs": ["view", "export"]}]},
        ],
    }  # fmt: skip


def typed(values: dict[str, str]) -> dict[str, Any]:
    """Values as the write path takes them."""
    return {
        code: (Decimal(value) if code in NUMBERS else value) if value else None
        for code, value in values.items()
    }


@dataclass
class Past:
    """What broke no rule when it happened, by the rule it would break today."""

    # A record and the act after which it was bad; it is good now.
    versions: dict[str, tuple[int, int]] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    # A batch that made a bad record good.
    batches: dict[str, int] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, int] = field(default_factory=dict)
    in_force: int = 0


def company(url: str) -> Past:
    """Fill an empty database: a past without rules, then the rules."""
    with opened(url) as database:
        with database.transaction() as connection:
            set_up(connection)
            act = Act(connection, SYSTEM, NOW)
            publish(act, definition(strict=False), "begin")
            for name in ("clerk", "reader"):
                users.create(act, users.NewUser(name, PASSWORD, frozenset({name})))
            users.create(act, users.NewUser("admin", PASSWORD, frozenset(), is_admin=True))
        past = _lived(database)
        with database.transaction() as connection:
            publish(Act(connection, SYSTEM, NOW), definition(strict=True), "rules")
    return past


def _lived(database: Database) -> Past:
    with database.transaction() as connection:
        user = users.by_name(connection, "clerk")
        assert user is not None
        system = Act(connection, SYSTEM, NOW)
        clerk = replace(system, actor=user.actor("screen"))
        app = Catalogue().app(connection, "rules")
        thing, paper, seed = (app.forms[code] for code in ("thing", "paper", "seed"))
        for name, no in (("mine", "A1"), ("other", "TAKEN"), ("theirs", "B9")):
            documents.create(clerk, thing, typed({**GOOD, "name": name, "no": no}))
        past = Past()
        for number, (rule, bad) in enumerate(BREAKING.items()):
            good = {**GOOD, "no": f"P{number}", "fixed": "keep", "hidden": "keep"}
            past.versions[rule] = _changed(clerk, thing, {**good, **bad}, good)
            gone = documents.create(clerk, thing, typed({**good, "no": f"D{number}", **bad}))
            documents.delete(clerk, thing, gone.id, version=gone.version)
            past.deleted[rule] = gone.id
            sown = documents.create(system, seed, typed({**good, "no": f"S{number}", **bad}))
            past.seeds[rule] = sown.id
            if rule in DRAFTED:
                rows = {"rows": [{"what": "x", "qty": Decimal(1)}]}
                kept = {**good, "no": f"W{number}", **bad}
                past.drafts[rule] = documents.create(clerk, paper, typed(kept) | rows).id
        # A number one paper has, and one that is in force.
        values = typed({**GOOD, "no": "TAKEN"}) | {"rows": [{"what": "x", "qty": Decimal(1)}]}
        past.in_force = documents.create_and_submit(clerk, paper, values).id
        _batches(clerk, thing, past)
    return past


def _changed(act: Act, form: Form, bad: dict[str, str], good: dict[str, str]) -> tuple[int, int]:
    made = documents.create(act, form, typed(bad))
    first = documents.versions(act, form, made.id)[0].id
    documents.update(act, form, made.id, typed(good), version=made.version)
    return made.id, first


def _batches(act: Act, form: Form, past: Past) -> None:
    """Records changed by batches, which can be taken back for a day."""
    for number, (rule, bad) in enumerate(BREAKING.items()):
        good = {**GOOD, "no": f"U{number}", "fixed": "keep", "hidden": "keep"}
        made = documents.create(act, form, typed({**good, **bad}))
        change = {code: typed(good)[code] for code in bad}
        ids = matching(act, form, PageRequest(ids=(made.id,)))
        batch = store.begin(act, form, "update", {"values": plain(change)}, ids)
        run.run(batch.id, lambda: nullcontext(act), lambda _act: form, lambda _done: None)
        past.batches[rule] = batch.id
