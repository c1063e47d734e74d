"""How goods are costed: the company's rules, and the versions of each item's policy."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask import Response, request, url_for

from runtime import access, query
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound, ValidationFailed
from runtime.posting import acts, datasets
from runtime.posting.datasets import ItemCosting, PolicyVersion
from runtime.query.brief import Brief
from runtime.screens.acting import carry_out, reading
from runtime.screens.book_room import Room, opened, paper_cell, record_href
from runtime.screens.book_words import (
    method_text,
    method_words,
    negative_words,
    rule_words,
    scope_text,
    tracking_text,
    variance_words,
)
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label, money, number, zone
from runtime.screens.periods import said_at
from runtime.screens.render import go, render
from runtime.screens.routes import permission
from runtime.screens.stock_asked import id_asked, item_box, search_asked
from runtime.screens.tables import (
    DASH,
    BookPage,
    Cell,
    Column,
    Empty,
    Line,
    Sum,
    Tab,
    Table,
    right,
    total,
)

ITEMS: Final = 50
LARGEST: Final = Decimal(10) ** 12
PLACES: Final = 9


@dataclass(frozen=True)
class RuleBox:
    """A rule of the company with its choices."""

    name: str
    label: str
    help: str
    value: str
    choices: tuple[tuple[str, str], ...]


@permission("admin")
def costing(app_code: str) -> Response:
    """Show how every item is costed."""
    with reading() as act:
        room, search = opened(act, app_code), search_asked()
        page = BookPage(
            title=_("计价规则"),
            base=room.url("costing"),
            tabs=_tabs(room, "costing"),
            boxes=(item_box(search),),
            tables=(_items_table(room, search),),
        )
        return render("book_page.html", "list", p=page)


@permission("admin")
def company_rules(app_code: str) -> Response:
    """Show the company's rules, and change them."""
    with reading() as act:
        return _rules_page(opened(act, app_code))


@permission("admin")
def set_rules(app_code: str) -> Any:
    """Change the company's rules for what is posted from now on."""
    given = {name: request.form.get(name, "") for name in rule_words() if name in request.form}
    words = rule_words()
    if not given or any(value not in words[name].choices for name, value in given.items()):
        raise ValidationFailed
    return _done(
        lambda act: acts.set_rules(act, app_code, given),
        lambda act, problems, status: _rules_page(opened(act, app_code), problems, status),
        lambda: go("screens.company_rules", app_code=app_code, done="rules"),
    )


@permission("admin")
def item_costing(app_code: str) -> Response:
    """Show an item's costing policy with its versions, and the form that makes the next."""
    with reading() as act:
        return _item_page(opened(act, app_code), _item())


@permission("admin")
def change_policy(app_code: str) -> Any:
    """Cost an item differently from a day on; its value stays what it is."""
    item, wanted = _item(), _wanted()
    return _done(
        lambda act: acts.change_policy(act, app_code, item, **wanted),
        lambda act, problems, status: _item_page(opened(act, app_code), item, problems, status),
        lambda: go("screens.item_costing", app_code=app_code, item=item, done="policy"),
    )


def _done(
    work: Callable[[Act], object],
    again: Callable[[Act, Sequence[str], int], Response],
    then: Callable[[], Any],
) -> Any:
    try:
        carry_out(work)
    except AppError as refusal:
        with reading() as act:
            return again(act, texts(refusal), refusal.status)
    return then()


def _item() -> int:
    item = id_asked("item") or request.form.get("item", type=int)
    if item is None or item < 1:
        raise NotFound if request.method == "GET" else ValidationFailed
    return item


def _wanted() -> dict[str, Any]:
    """Return what the form asks for. Raises ValidationFailed for what no page of ours sends."""
    form = request.form
    wanted: dict[str, Any] = {}
    for name, words in (
        ("method", method_words()),
        ("variance", variance_words()),
        ("negative", negative_words()),
    ):
        value = form.get(name, "")
        if value and value not in words:
            raise ValidationFailed
        wanted[name] = value or None
    wanted["estimate_cost"] = _unit_cost(form.get("estimate_cost", ""))
    try:
        wanted["on"] = date.fromisoformat(form.get("day", ""))
    except ValueError:
        raise ValidationFailed from None
    return wanted


def _unit_cost(text: str) -> Decimal | None:
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValidationFailed from None
    is_good = value.is_finite() and 0 <= value <= LARGEST
    if not is_good or -int(value.as_tuple().exponent) > PLACES:
        raise ValidationFailed
    return value


def _tabs(room: Room, current: str) -> tuple[Tab, ...]:
    words = {"costing": _("商品"), "company_rules": _("公司规则")}
    return tuple(Tab(text, room.url(code), code == current) for code, text in words.items())


def _rules_page(room: Room, problems: Sequence[str] = (), status: int = 200) -> Response:
    rules = datasets.rules(room.act.connection, room.app.code)
    return render(
        "company_rules.html",
        status=status,
        tabs=_tabs(room, "company_rules"),
        rules=tuple(_rule_boxes(rules)),
        rules_url=room.url("set_rules"),
        problems=problems,
        is_saved=request.args.get("done") == "rules",
    )


def _rule_boxes(rules: Mapping[str, str]) -> Iterator[RuleBox]:
    for name, words in rule_words().items():
        value = rules.get(name, next(iter(words.choices)))
        yield RuleBox(name, words.label, words.help, value, tuple(words.choices.items()))


def _items_table(room: Room, search: str) -> Table:
    columns = (
        Column(room.item_label),
        Column(_("计价方法")),
        Column(_("计价范围"), "more"),
        Column(_("跟踪"), "more"),
        Column(_("负库存"), "more"),
        right(_("标准成本"), "named"),
        right(_("估计成本"), "more"),
    )
    empty = Empty(_("没有符合条件的商品。"))
    if not access.may(room.act.actor, "view", room.item):
        return Table(_("商品计价"), columns, (), empty)
    found = query.page(room.act, room.item, query.PageRequest(search=search, size=ITEMS))
    items = room.items([row.id for row in found.rows])
    lines = tuple(_item_line(room, items[row.id]) for row in found.rows if row.id in items)
    note = _("先显示 %(n)s 个，搜索可以找到其他的。", n=ITEMS) if len(lines) >= ITEMS else ""
    return Table(_("商品计价"), columns, lines, empty, note=note)


def _item_line(room: Room, brief: Brief) -> Line:
    href = room.url("item_costing", item=brief.id)
    known = datasets.costing(room.act.connection, room.app.code, brief.id)
    if known is None:
        blanks = [Cell()] * 5
        return Line(
            str(brief.id), (room.item_cell(brief, href), Cell(_("还没有进账")), *blanks), href
        )
    policy = known.policy
    cells = (
        room.item_cell(brief, href),
        Cell(method_text(policy.method)),
        Cell(scope_text(known.scope)),
        Cell(tracking_text(known.tracking)),
        Cell(negative_words().get(policy.negative, policy.negative)),
        Cell(_cost(policy.standard)),
        Cell(_cost(policy.estimate)),
    )
    return Line(str(brief.id), cells, href)


def _cost(text: str) -> str:
    """Return a unit cost of a policy; a fraction that is no decimal stays as it is written."""
    try:
        return money(Decimal(text), 4) if text else ""
    except InvalidOperation:
        return text


def _item_page(room: Room, item: int, problems: Sequence[str] = (), status: int = 200) -> Response:
    brief = room.items([item]).get(item)
    if brief is None:
        raise NotFound
    connection, code = room.act.connection, room.app.code
    known = datasets.costing(connection, code, item)
    versions = datasets.policies(connection, code, item)
    return render(
        "item_costing.html",
        status=status,
        brief=brief,
        item=item,
        known=known,
        facts=tuple(_facts(known)) if known else (),
        sums=_worth(room, item),
        table=_versions_table(room, versions),
        methods=tuple(method_words().items()),
        variances=tuple(variance_words().items()),
        negatives=tuple(negative_words().items()),
        today=room.act.now.astimezone(zone()).date().isoformat(),
        costing_url=room.url("costing"),
        change_url=room.url("change_policy"),
        links=tuple(_links(room, item)),
        standard=_standard_form(room),
        problems=problems,
        is_saved=request.args.get("done") == "policy",
    )


def _links(room: Room, item: int) -> Iterator[Tab]:
    yield Tab(_("台账"), room.url("stock_ledger", item=item))
    yield Tab(_("成本层"), room.url("stock_layers", item=item))
    yield Tab(_("打开资料"), record_href(room.item, item))


def _facts(known: ItemCosting) -> Iterator[tuple[str, str]]:
    policy = known.policy
    yield _("计价方法"), method_text(policy.method)
    yield _("计价范围"), scope_text(known.scope)
    yield _("跟踪"), tracking_text(known.tracking)
    yield _("负库存"), negative_words().get(policy.negative, policy.negative)
    if policy.method == "standard":
        yield _("标准成本"), _cost(policy.standard) or DASH
        yield _("标准成本差异"), variance_words().get(policy.variance, policy.variance)
    if policy.estimate:
        yield _("估计成本"), _cost(policy.estimate)


def _worth(room: Room, item: int) -> tuple[Sum, ...]:
    rows = datasets.stock_on_hand(room.act.connection, room.app.code, item=item)
    value = money(total(row.value for row in rows))
    return (
        Sum(_("现存量"), number(total(row.qty for row in rows))),
        Sum(_("库存金额"), value, room.url("stock_chain", item=item)),
    )


def _versions_table(room: Room, versions: Sequence[PolicyVersion]) -> Table:
    columns = (
        Column(_("版本")),
        Column(_("从哪天起")),
        Column(_("计价方法")),
        Column(_("负库存"), "more"),
        right(_("标准成本"), "named"),
        right(_("估计成本"), "more"),
        Column(_("来自")),
        Column(_("谁")),
    )
    papers = room.papers((row.form, row.document) for row in versions)
    lines = []
    for row in sorted(versions, key=lambda row: row.n, reverse=True):
        paper = papers.get((row.form, row.document)) if row.document is not None else None
        source = (
            paper_cell(paper) if paper else Cell(_("首次入账") if row.n == 1 else _("计价规则"))
        )
        who = " · ".join(filter(None, (row.by, said_at(row.posted_at))))
        cells = (
            Cell(_("第 %(n)s 版", n=row.n)),
            Cell(row.date or _("一开始")),
            Cell(method_text(row.method)),
            Cell(negative_words().get(row.negative, row.negative)),
            Cell(_cost(row.standard)),
            Cell(_cost(row.estimate)),
            source,
            Cell(who),
        )
        lines.append(Line(str(row.n), cells))
    empty = Empty(_("这个商品还没有进账，第一张单据过账时按商品资料登记。"), "clipboard-list")
    return Table(_("版本"), columns, tuple(lines), empty, has_title=True)


def _standard_form(room: Room) -> tuple[str, str] | None:
    """Return the form of a new standard cost: a document, for it changes what stock is worth."""
    for form in room.app.forms.values():
        rule = form.posting
        if rule and rule.command == "set_standard" and access.may(room.act.actor, "create", form):
            href = url_for("screens.new_record", app_code=room.app.code, form_code=form.code)
            return label(form.label), href
    return None
