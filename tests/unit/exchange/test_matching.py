"""Which column of a workbook becomes which field of a form."""

import pytest

from runtime.compile import compile_app
from runtime.compile.model import Form
from runtime.definitions import load_app
from runtime.exchange.matching import match


@pytest.fixture(scope="module")
def item() -> Form:
    fields = [
        ("item_no", "商品编码"),
        ("name", "商品名称"),
        ("specification", "规格型号"),
        ("price_sale", "参考售价"),
        ("price_purchase", "参考进价"),
        ("note", "备注"),
    ]
    form = {
        "code": "item",
        "label": "商品",
        "type": "record",
        "fields": [{"code": code, "kind": "text", "label": label} for code, label in fields],
    }
    app = {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [form]}
    return compile_app(load_app(app), 1).forms["item"]


MATCHED = [
    # headers of the workbook, the fields they become
    ("商品编码 商品名称", "item_no name"),
    ("商品编码（必填） *商品名称", "item_no name"),
    ("货号 品名 型号 备注", "item_no name specification note"),
    ("刀具编号 刀具名称 刀具规格 单价", "item_no name specification price_sale"),
    ("进货价 零售价", "price_purchase price_sale"),
    ("上品编码", "item_no"),
    # The name of somebody or something else is not the item's.
    ("供应商名称 客户名称", "- -"),
    ("供应商编码", "-"),
    # Two that could be it: a guess is worse than a question.
    ("甲方编号 乙方编号", "- -"),
    ("颜色 产地", "- -"),
]


@pytest.mark.parametrize(("headers", "fields"), MATCHED)
def test_match(item: Form, headers: str, fields: str) -> None:
    names = headers.split()
    columns = [{"col": chr(65 + i), "name": name} for i, name in enumerate(names)]
    found = match(columns, item)
    assert [found.get(column["col"], "-") for column in columns] == fields.split()
