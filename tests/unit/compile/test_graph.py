"""The graph of an app: its edges, the order it gives, and cycles with their path."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.compile import App, compile_app
from runtime.compile.graph import Cycle, Edge, Node, graph
from runtime.definitions import load_app
from runtime.infra.errors import ValidationFailed


def f(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def formula(code: str, text: str, result: str = "number") -> dict[str, Any]:
    return f(code, "formula", formula=text, result=result)


def lookup(code: str, reference: str, field: str, **more: Any) -> dict[str, Any]:
    return f(code, "lookup", reference=reference, field=field, **more)


ITEM = [f("name", "text"), f("price", "number"), f("kind", "text")]
LINES = [f("item", "reference", form="item"), f("qty", "number")]


def app(
    *order: dict[str, Any],
    item: tuple[dict[str, Any], ...] = (),
    lines: tuple[dict[str, Any], ...] = (),
    checks: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> App:
    header = [
        f("main", "reference", form="item"),
        f("word", "text"),
        *order,
        f("lines", "lines", fields=[*LINES, *lines]),
    ]
    forms: list[dict[str, Any]] = [
        {"code": "item", "label": "商品", "type": "record", "fields": [*ITEM, *item]},
        {"code": "order", "label": "订单", "type": "document", "fields": header},
    ]
    if checks:
        forms[1]["checks"] = list(checks)
    whole = {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": forms, **more}
    return compile_app(load_app(whole), 1)


def node(path: str) -> Node:
    """`order.total`, or `order.lines.qty`."""
    form, *lines, field = path.split(".")
    return Node(form, lines[0] if lines else None, field)


def told(edges: Any) -> set[str]:
    return {
        f"{'.'.join(filter(None, e.reads))} {e.how} {'.'.join(filter(None, e.node))}" for e in edges
    }


# what the order has beside its fields | what its lines have | the edges there are then
EDGES: list[tuple[list[dict[str, Any]], list[dict[str, Any]], set[str]]] = [
    (
        [formula("total", "=SUM(lines.amount)")],
        [formula("amount", "=qty*2")],
        {"order.lines.qty record order.lines.amount", "order.lines.amount record order.total"},
    ),
    (
        [formula("half", "=1/2")],
        [formula("part", "=half*qty")],
        {"order.half record order.lines.part", "order.lines.qty record order.lines.part"},
    ),
    (
        [formula("dear", "=main.price>5", "boolean")],
        [],
        {"order.main record order.dear", "item.price via order.dear"},
    ),
    (
        [],
        [formula("amount", "=qty*item.price")],
        {
            "order.lines.qty record order.lines.amount",
            "order.lines.item record order.lines.amount",
            "item.price via order.lines.amount",
        },
    ),
    (
        [formula("prices", "=SUM(lines.item.price)")],
        [],
        {"order.lines.item record order.prices", "item.price via order.prices"},
    ),
    (
        [formula("all", "=SUM(item.price)")],
        [],
        {"item.price table order.all"},
    ),
    (
        [formula("sold", "=SUM(order.lines.qty)")],
        [],
        {"order.lines.qty table order.sold"},
    ),
    (
        [formula("like", "=SUMIFS(item.price,item.kind,word)")],
        [],
        {
            "item.price table order.like",
            "item.kind table order.like",
            "order.word record order.like",
        },
    ),
    (
        [lookup("copy", "main", "price"), lookup("follows", "main", "name", live=True)],
        [],
        {
            "order.main record order.copy",
            "item.price lookup order.copy",
            "order.main record order.follows",
            "item.name live order.follows",
        },
    ),
    (
        [f("again", "reference", form="item", fill={"word": "name"})],
        [],
        {"item.name fill order.word"},
    ),
    (
        [{**f("start", "text"), "default": '="x"&word'}],
        [],
        {"order.word default order.start"},
    ),
]


@pytest.mark.parametrize(("header", "lines", "edges"), EDGES)
def test_edges(header: list[dict[str, Any]], lines: list[dict[str, Any]], edges: set[str]) -> None:
    found = app(*header, lines=tuple(lines)).forms.graph
    assert told(found.edges) == edges


def test_edges__a_roll_up_reads_its_reference_its_field_and_its_condition() -> None:
    options = {
        "form": "order",
        "reference": "lines.item",
        "measure": "sum",
        "field": "lines.qty",
        "where": "=qty>1",
        "result": "number",
    }
    found = app(item=(f("sold", "rollup", **options),)).forms.graph
    assert told(found.edges) == {
        "order.lines.item rollup item.sold",
        "order.lines.qty rollup item.sold",
    }


def test_edges__of_an_aggregate_table() -> None:
    source = {
        "form": "order",
        "lines": "lines",
        "where": '=word<>"x"',
        "dimensions": {"item": "lines.item"},
        "measures": {"qty": {"op": "sum", "of": "qty"}},
    }
    table = {
        "code": "sales",
        "label": "销量",
        "dimensions": [{"code": "item", "label": "商品"}],
        "measures": [
            {"code": "qty", "label": "数量", "result": "number"},
            {"code": "twice", "label": "两倍", "result": "number", "formula": "=qty*2"},
        ],
        "sources": [source],
    }
    reads = formula("sold", "=SUMIFS(sales.qty,sales.item,main)")
    found = app(reads, aggregates=[table]).forms.graph
    assert told(found.edges) >= {
        "order.lines.qty aggregate sales.qty",
        "order.lines.item aggregate sales.qty",
        "order.word aggregate sales.qty",
        "sales.qty record sales.twice",
        "sales.qty table order.sold",
        "sales.item table order.sold",
    }


# a formula with a condition            | which column has to be equal to which field of one's own
NARROWED = [
    ("=SUMIFS(item.price,item.kind,word)", {("kind", None, "word")}),
    ("=COUNTIFS(item.kind,word,item.name,word)", {("kind", None, "word"), ("name", None, "word")}),
    ('=SUMIFS(item.price,item.kind,">"&word)', set()),
    ("=SUM(item.price)", set()),
    ("=SUMIFS(item.price,item.kind,word)+SUM(item.price)", None),
]


@pytest.mark.parametrize(("text", "wanted"), NARROWED)
def test_narrow(text: str, wanted: set[tuple[str, Any, str]] | None) -> None:
    edges = [e for e in app(formula("x", text)).forms.graph.edges if e.how == "table"]
    found = [{(n.column, *n.own) for n in edge.narrow} for edge in edges]
    if wanted is None:
        # The same column, once by its key and once as a whole.
        assert sorted(
            map(len, (f for f, e in zip(found, edges, strict=True) if e.reads.field == "price"))
        ) == [0, 1]
    else:
        assert all(each == wanted for each in found)


def test_order__across_forms() -> None:
    made = app(
        formula("amount", "=main.worth*2"),
        formula("more", "=amount+1"),
        item=(formula("worth", "=double+1"), formula("double", "=price*2")),
    )
    rank = made.forms.graph.rank
    chain = [node(each) for each in ("item.double", "item.worth", "order.amount", "order.more")]
    assert [rank[each] for each in chain] == sorted(rank[each] for each in chain)
    assert made.forms.graph.after([chain[0]]) == set(chain)


# what the order has | what the item has | the path that is refused
SUM = {"form": "order", "reference": "main", "measure": "sum", "result": "number"}
CYCLES = [
    (
        [formula("a", "=main.b")],
        [f("b", "rollup", **SUM, field="a")],
        "订单.a → 商品.b → 订单.a",
    ),
    (
        [formula("a", "=SUM(item.b)")],
        [formula("b", "=SUM(order.a)")],
        "订单.a → 商品.b → 订单.a",
    ),
    (
        [lookup("a", "main", "c", live=True)],
        [f("b", "rollup", **SUM, field="a"), formula("c", "=b+1")],
        "订单.a → 商品.c → 商品.b → 订单.a",
    ),
]


@pytest.mark.parametrize(("order", "item", "path"), CYCLES)
def test_cycle(order: list[Any], item: list[Any], path: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        app(*order, item=tuple(item))
    (problem,) = refused.value.problems
    assert problem.code == "formula_cycle"
    # The path may begin anywhere on the circle.
    steps, wanted = problem.params["path"].split(" → "), path.split(" → ")
    assert steps[0] == steps[-1]
    turned = [wanted[:-1][i:] + wanted[:-1][:i] for i in range(len(wanted) - 1)]
    assert steps[:-1] in turned


def test_cycle__a_copy_is_none() -> None:
    made = app(lookup("a", "main", "b"), item=(f("b", "rollup", **SUM, field="a"),))
    assert told(made.forms.graph.edges) >= {"item.b lookup order.a", "order.a rollup item.b"}


def test_edges__of_a_check_are_known_and_followed_by_nothing() -> None:
    made = app(checks=[{"formula": "=main.price>0", "message": "要有价格"}])
    assert told(made.forms.graph.edges) == {
        "order.main check order.checks/0",
        "item.price check order.checks/0",
    }
    assert made.forms.graph.order == ()


def test_of_rollups__only_in_the_same_record() -> None:
    made = app(
        formula("x", "=main.left"),
        item=(
            f(
                "sold",
                "rollup",
                form="order",
                reference="lines.item",
                measure="count",
                result="number",
            ),
            formula("left", "=10-sold"),
            formula("twice", "=left*2"),
        ),
    )
    assert made.forms.graph.of_rollups == {node("item.left"), node("item.twice")}


names = st.sampled_from([Node(form, None, field) for form in "AB" for field in "abcd"])
hows = st.sampled_from(["record", "via", "lookup", "table", "fill"])


@given(st.lists(st.builds(Edge, names, names, hows), max_size=12))
def test_order__any_graph_is_in_order_or_has_a_circle(edges: list[Edge]) -> None:
    nodes = {each for edge in edges for each in (edge.reads, edge.node)}
    following = [edge for edge in edges if edge.follows]
    circle: tuple[Node, ...] = ()
    try:
        made = graph(edges, sorted(nodes, key=str))
    except Cycle as cycle:
        circle = cycle.path
    if circle:
        steps = {(edge.node, edge.reads) for edge in following}
        assert circle[0] == circle[-1]
        assert all(step in steps for step in pairwise(circle))
        return
    assert set(made.order) == nodes
    for edge in following:
        assert made.rank[edge.reads] < made.rank[edge.node]
