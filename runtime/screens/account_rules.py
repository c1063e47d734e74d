"""Which account each change of stock value is booked on, as a table; and what stands on each."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import Response, request

from runtime import access, query
from runtime.compile import Form
from runtime.infra.errors import AppError, ValidationFailed
from runtime.posting import acts, datasets
from runtime.posting.datasets import AccountRule
from runtime.screens.acting import carry_out, reading
from runtime.screens.book_room import Room, opened
from runtime.screens.book_words import role_text
from runtime.screens.errors import texts
from runtime.screens.i18n import _, money
from runtime.screens.periods import said_at
from runtime.screens.render import go, render
from runtime.screens.routes import permission
from runtime.screens.tables import (
    BookPage,
    Cell,
    Column,
    Empty,
    Line,
    Table,
    right,
    total,
)
from runtime.screens.why import account_text

ANY: Final = "*"
LONGEST: Final = 64
ROLES: Final = (
    "stock", "receipt", "issue", "purchase_return", "sales_return", "landed_cost", "invoice",
    "price_variance", "cogs_adjust", "true_up", "return_variance", "residual", "revaluation",
    "stocktake_loss", "stocktake_gain", "cost_adjust", "assembly", "transfer",
)  # fmt: skip


@permission("admin")
def account_rules(app_code: str) -> Response:
    """Show the account rules, and the form that adds one."""
    with reading() as act:
        return _page(opened(act, app_code))


@permission("admin")
def set_account_rule(app_code: str) -> Any:
    """Add a rule, or take one back by leaving its account empty."""
    with reading() as act:
        rule = _asked(opened(act, app_code))
    try:
        carry_out(lambda act: acts.set_account_rule(act, app_code, **rule))
    except AppError as refusal:
        with reading() as act:
            return _page(opened(act, app_code), texts(refusal), refusal.status)
    done = "saved" if rule["account"] else "removed"
    return go("screens.account_rules", app_code=app_code, done=done)


@permission("signed_in")
def account_balances(app_code: str) -> Response:
    """Show what the books have booked on each account."""
    with reading() as act:
        room = opened(act, app_code, needs_cost=True)
        rows = datasets.account_balances(act.connection, app_code)
        columns = (
            Column(_("科目")),
            Column(_("用途")),
            right(_("借方"), "named"),
            right(_("贷方"), "named"),
        )
        lines = tuple(
            Line(
                f"{n}",
                (
                    Cell(account_text(row.account, row.role)),
                    Cell(role_text(row.role)),
                    Cell(money(row.amount) if row.amount > 0 else ""),
                    Cell(money(-row.amount) if row.amount < 0 else ""),
                ),
            )
            for n, row in enumerate(rows, 1)
        )
        debit = total(row.amount for row in rows if row.amount > 0)
        credit = total(-row.amount for row in rows if row.amount < 0)
        foot = (Cell(_("合计")), Cell(), Cell(money(debit)), Cell(money(credit)))
        empty = Empty(_("账里还没有分录。"), "book-2")
        page = BookPage(
            title=_("科目余额"),
            base=room.url("account_balances"),
            crumbs=((_("库存"), room.url("stock")),),
            tables=(Table(_("科目余额"), columns, lines, empty, foot=foot if lines else ()),),
            remark=_("库存业务记到各科目的发生额；存货科目的余额总是等于库存金额。"),
        )
        return render("book_page.html", "list", p=page)


def _asked(room: Room) -> dict[str, str]:
    """Return the rule the form says. Raises ValidationFailed for what no page of ours sends."""
    names = ("purpose", "role", "item_group", "warehouse", "account")
    given = {name: request.form.get(name, "").strip() for name in names}
    groups = {key for key, _text in _groups(room)}
    places = {key for key, _text in _places(room)}
    is_known = (
        given["purpose"] in (ANY, *room.kinds)
        and given["role"] in ROLES
        and given["item_group"] in groups
        and given["warehouse"] in places
    )
    account = given["account"]
    if not is_known or len(account) > LONGEST or not account.isprintable():
        raise ValidationFailed
    if not account and "remove" not in request.form:
        raise ValidationFailed
    return {**given, "account": "" if "remove" in request.form else account}


def _page(room: Room, problems: Sequence[str] = (), status: int = 200) -> Response:
    rules = datasets.account_rules(room.act.connection, room.app.code)
    done = request.args.get("done", "")
    return render(
        "account_rules.html",
        status=status,
        rules=tuple(_lines(room, rules)),
        kinds=((ANY, _("全部业务")), *room.kinds.items()),
        roles=tuple((code, role_text(code)) for code in ROLES),
        groups=tuple(_groups(room)),
        places=tuple(_places(room)),
        warehouse_label=room.warehouse_label,
        set_url=room.url("set_account_rule"),
        balances_url=room.url("account_balances"),
        problems=problems,
        said={"saved": _("科目规则已保存。"), "removed": _("科目规则已取消。")}.get(done, ""),
        given=request.form,
    )


def _lines(
    room: Room, rules: Sequence[AccountRule]
) -> Iterator[tuple[AccountRule, tuple[str, ...]]]:
    groups, places = dict(_groups(room)), dict(_places(room))
    for rule in sorted(
        rules,
        key=lambda rule: (
            ROLES.index(rule.role) if rule.role in ROLES else 99,
            rule.posting_kind,
            rule.item_group,
            rule.warehouse,
        ),
    ):
        kind = _("全部业务") if rule.posting_kind == ANY else room.kind(rule.posting_kind)
        yield (
            rule,
            (
                role_text(rule.role),
                kind,
                groups.get(rule.item_group, rule.item_group),
                places.get(rule.warehouse, rule.warehouse),
                rule.account,
                " · ".join(filter(None, (rule.by, said_at(rule.at)))),
            ),
        )


def _places(room: Room) -> Iterator[tuple[str, str]]:
    yield ANY, _("全部%(what)s", what=room.warehouse_label)
    yield from ((str(key), name) for key, name in room.warehouses)


def _groups(room: Room) -> Iterator[tuple[str, str]]:
    yield ANY, _("全部分类")
    target = _group_form(room)
    if target is not None and access.may(room.act.actor, "view", target):
        rows = query.lookup(room.act, target, "", limit=50)
        yield from ((str(row.id), row.title) for row in rows)


def _group_form(room: Room) -> Form | None:
    """Return the form whose records are the groups of items, where the app has said so."""
    code = room.app.stock.item.group if room.app.stock is not None else None
    field = room.item.by_code.get(code or "")
    return room.item.target(field) if field is not None and field.target else None
