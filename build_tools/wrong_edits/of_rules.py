"""Wrong edits of what surrounds fields: postings, flows, rights, figures, lists, the books."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from build_tools.wrong_edits.edit import GONE, Edit, Operator, Source, Steps, replaced

_ALL_VERBS: Final = (
    "view", "create", "update", "submit", "cancel", "delete", "import", "export",
)  # fmt: skip
_READING: Final = ("view", "export")


def mapping_swapped(source: Source) -> Iterator[Edit]:
    """Two columns of a document change places on their way to the books."""
    for steps, posting, where in _postings(source):
        names = [name for name, value in posting.items() if isinstance(value, str)]
        paths = [n for n in names if n not in ("command", "purpose", "lines")]
        for first, second in pairwise(paths):
            after = {**posting, first: posting[second], second: posting[first]}
            yield Edit("mapping_swapped", steps, after, f"{where}: {first} <-> {second}")


def mapping_dropped(source: Source) -> Iterator[Edit]:
    """The books are not told something any more."""
    for steps, posting, where in _postings(source):
        for name, value in posting.items():
            if name not in ("command", "outputs"):
                what = f"{where} {name}"
                yield replaced("mapping_dropped", (*steps, name), value, GONE, what)


def command_changed(source: Source) -> Iterator[Edit]:
    """A document does something else in the books."""
    others = {
        "receive": "stocktake", "issue": "stocktake", "stocktake": "receive",
        "purchase_return": "sales_return", "sales_return": "purchase_return",
        "assemble": "disassemble", "disassemble": "assemble", "transfer": "issue",
    }  # fmt: skip
    for steps, posting, where in _postings(source):
        if posting.get("command") in others:
            before = posting["command"]
            path = (*steps, "command")
            yield replaced("command_changed", path, before, others[before], where)


def purpose_changed(source: Source) -> Iterator[Edit]:
    """A document is another kind of business to the accounts."""
    for steps, posting, where in _postings(source):
        if posting.get("purpose"):
            before = posting["purpose"]
            path = (*steps, "purpose")
            yield replaced("purpose_changed", path, before, "something", where)


def posting_dropped(source: Source) -> Iterator[Edit]:
    """A document is not posted at all."""
    for index, form in enumerate(source["forms"]):
        if form.get("posting"):
            steps: Steps = ("forms", index, "posting")
            command = form["posting"]["command"]
            yield replaced("posting_dropped", steps, command, GONE, form["code"])


def check_dropped(source: Source) -> Iterator[Edit]:
    """What was checked is not checked any more."""
    for kind in ("forms", "aggregates"):
        for index, holder in enumerate(source.get(kind, ())):
            for place, check in enumerate(holder.get("checks", ())):
                steps: Steps = (kind, index, "checks", place)
                yield replaced("check_dropped", steps, check["formula"], GONE, holder["code"])


def rule_changed(source: Source) -> Iterator[Edit]:
    """A rule of a screen is gone, or does something else."""
    others = {"show": "hide", "hide": "show", "readonly": "require", "require": "readonly"}
    for index, form in enumerate(source["forms"]):
        for place, rule in enumerate(form.get("rules", ())):
            steps: Steps = ("forms", index, "rules", place)
            what = f"{form['code']} {rule['code']}"
            yield replaced("rule_changed", steps, rule["code"], GONE, what)
            before = rule["effect"]
            yield replaced("rule_changed", (*steps, "effect"), before, others[before], what)


def right_loosened(source: Source) -> Iterator[Edit]:
    """A role may do what it should not, or sees what it should not."""
    codes = [form["code"] for form in source["forms"]]
    tables = {table["code"] for table in source.get("aggregates", ())}
    for index, role in enumerate(source["roles"]):
        base: Steps = ("roles", index, "grants")
        for place, grant in enumerate(role["grants"]):
            where = f"{role['code']} {grant['form']}"
            # Nobody writes an aggregate table, whatever a grant says.
            verbs = _READING if grant["form"] in tables else _ALL_VERBS
            for verb in [v for v in verbs if v not in grant["verbs"]]:
                after = [*grant["verbs"], verb]
                path = (*base, place, "verbs")
                yield Edit("right_loosened", path, after, f"{where}: may {verb}")
            for hidden in grant.get("hidden", ()):
                left = [each for each in grant["hidden"] if each != hidden]
                path = (*base, place, "hidden")
                yield Edit("right_loosened", path, left, f"{where}: sees {hidden}")
        granted = {grant["form"] for grant in role["grants"]}
        for code in [code for code in codes if code not in granted]:
            path = (*base, len(role["grants"]))
            more = {"form": code, "verbs": ["view"]}
            yield Edit("right_loosened", path, more, f"{role['code']}: sees {code}")


def right_tightened(source: Source) -> Iterator[Edit]:
    """A role may no longer do what it should."""
    for index, role in enumerate(source["roles"]):
        for place, grant in enumerate(role["grants"]):
            steps: Steps = ("roles", index, "grants", place)
            where = f"{role['code']} {grant['form']}"
            yield replaced("right_tightened", steps, grant["verbs"], GONE, where)
            for verb in grant["verbs"]:
                left = [each for each in grant["verbs"] if each != verb]
                if left:
                    what = f"{where}: may not {verb}"
                    yield Edit("right_tightened", (*steps, "verbs"), left, what)
            if grant.get("rows", "all") == "all":
                what = f"{where}: own records only"
                yield Edit("right_tightened", (*steps, "rows"), "own", what)


def flow_changed(source: Source) -> Iterator[Edit]:
    """Others decide, otherwise, in another order, or nobody."""
    roles = [role["code"] for role in source["roles"]]
    for index, flow in enumerate(source.get("workflows", ())):
        base: Steps = ("workflows", index, "steps")
        steps = flow["steps"]
        if len(steps) > 1:
            yield Edit("flow_changed", base, steps[::-1], f"{flow['code']}: reversed")
        for place, step in enumerate(steps):
            where = f"{flow['code']} {step['id']}"
            if len(steps) > 1:
                yield replaced("flow_changed", (*base, place), step["id"], GONE, where)
            for mode in ("all", "in_order"):
                if step.get("mode", "any") != mode:
                    path = (*base, place, "mode")
                    yield replaced("flow_changed", path, step.get("mode", "any"), mode, where)
            path = (*base, place, "self")
            yield Edit("flow_changed", path, value=True, what=f"{where}: one's own document")
            role = step.get("who", {}).get("role")
            for other in [each for each in roles if role and each != role]:
                path = (*base, place, "who", "role")
                yield replaced("flow_changed", path, role, other, where)


def aggregate_changed(source: Source) -> Iterator[Edit]:
    """An aggregate table adds up something else."""
    for index, table in enumerate(source.get("aggregates", ())):
        for place, part in enumerate(table["sources"]):
            base: Steps = ("aggregates", index, "sources", place)
            where = f"{table['code']} {part['form']}"
            for name, share in part["measures"].items():
                path = (*base, "measures", name)
                flipped = {**share, "sign": -share.get("sign", 1)}
                yield Edit("aggregate_changed", path, flipped, f"{where} {name}: other sign")
                counted = {**share, "op": "max" if share["op"] == "sum" else "sum"}
                yield Edit("aggregate_changed", path, counted, f"{where} {name}: other measure")
                if share.get("of") == "amount":
                    swapped = {**share, "of": "price"}
                    yield Edit("aggregate_changed", path, swapped, f"{where} {name}: of price")
            for name, path_text in part["dimensions"].items():
                if path_text.startswith("month("):
                    after = path_text.replace("month(", "year(")
                    path = (*base, "dimensions", name)
                    yield replaced("aggregate_changed", path, path_text, after, where)
            yield replaced("aggregate_changed", base, part["form"], GONE, where)


def books_changed(source: Source) -> Iterator[Edit]:
    """The books are opened by other rules, or learn less of items."""
    stock = source.get("stock")
    if not stock:
        return
    for name, value in stock["item"].items():
        if name != "form" and isinstance(value, str):
            steps: Steps = ("stock", "item", name)
            yield replaced("books_changed", steps, value, GONE, f"stock {name}")
    units = stock["item"].get("units")
    if units:
        swapped = {**units, "qty": units["base_qty"], "base_qty": units["qty"]}
        yield Edit("books_changed", ("stock", "item", "units"), swapped, "units turned round")
        yield replaced("books_changed", ("stock", "item", "units"), "units", GONE, "stock units")
    for name, value in stock.get("rules", {}).items():
        after = "allow" if value == "forbid" else "forbid"
        yield replaced("books_changed", ("stock", "rules", name), value, after, f"rule {name}")


def list_changed(source: Source) -> Iterator[Edit]:
    """A list shows less, or finds less."""
    for index, form in enumerate(source["forms"]):
        for part in ("list", "search"):
            columns = form.get(part, ())
            for place, code in enumerate(columns):
                if len(columns) > 1:
                    steps: Steps = ("forms", index, part, place)
                    yield replaced("list_changed", steps, code, GONE, f"{form['code']} {part}")


def _postings(source: Source) -> Iterator[tuple[Steps, Mapping[str, Any], str]]:
    for index, form in enumerate(source["forms"]):
        posting = form.get("posting")
        if posting:
            yield ("forms", index, "posting"), posting, form["code"]
            if "outputs" in posting:
                steps: Steps = ("forms", index, "posting", "outputs")
                yield steps, posting["outputs"], f"{form['code']} outputs"


OPERATORS: Final[tuple[Operator, ...]] = (
    mapping_swapped, mapping_dropped, command_changed, purpose_changed, posting_dropped,
    check_dropped, rule_changed, right_loosened, right_tightened, flow_changed, aggregate_changed,
    books_changed, list_changed,
)  # fmt: skip
