"""A company whose orders go through a flow of three branches, and the people in it."""

from datetime import datetime
from typing import Any, Final

from builder.publish import publish
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import set_up
from tests.prepared import opened

APP: Final = "deal"
ROWS: Final = [
    {"code": "what", "kind": "text", "label": {"zh": "商品", "en": "Goods"}, "required": True},
    {"code": "qty", "kind": "number", "label": "数量", "required": True},
    {"code": "price", "kind": "money", "label": "单价", "required": True},
    {"code": "cut", "kind": "percent", "label": "让价"},
    {"code": "amount", "kind": "formula", "label": "金额",
     "options": {"formula": "=qty*price", "result": "money"}},
]  # fmt: skip
ORDER: Final[dict[str, Any]] = {
    "code": "order",
    "label": {"zh": "销售订单", "en": "Sales order"},
    "type": "document",
    "title": "order_no",
    "search": ["order_no", "customer"],
    "workflow": "order_approval",
    "sections": [
        {"code": "head", "label": {"zh": "订单", "en": "Order"},
         "fields": ["order_no", "customer", "due", "cost", "terms"]},
        {"code": "goods", "label": {"zh": "商品明细", "en": "Lines"}, "fields": ["rows"]},
    ],
    "fields": [
        {"code": "order_no", "kind": "document_number", "label": "单号",
         "options": {"prefix": "DD-", "date": "YYYYMMDD", "width": 4, "reset": "day"}},
        {"code": "customer", "kind": "text", "label": "客户", "required": True},
        {"code": "due", "kind": "date", "label": "交货日期"},
        {"code": "cost", "kind": "money", "label": "成本"},
        {"code": "margin", "kind": "formula", "label": "毛利",
         "options": {"formula": "=total-cost", "result": "money"}},
        {"code": "terms", "kind": "text", "label": "付款条件"},
        {"code": "rows", "kind": "lines", "label": {"zh": "商品明细", "en": "Lines"},
         "options": {"min": 1, "fields": ROWS}},
        {"code": "total", "kind": "formula", "label": {"zh": "价税合计", "en": "Total"},
         "options": {"formula": "=SUM(rows.amount)", "result": "money"}},
    ],
}  # fmt: skip
FLOW: Final[dict[str, Any]] = {
    "code": "order_approval",
    "label": "订单审批",
    "form": "order",
    "steps": [
        {"id": "n_lead", "type": "approve", "label": {"zh": "销售主管", "en": "Sales lead"},
         "who": {"by": "role", "role": "lead"}, "phrases": ["同意，按此执行", "请补充说明"],
         "access": {"due": "require", "terms": "edit", "cost": "hide", "rows.price": "edit"},
         "buttons": {"delegate": False, "send_back": {"label": "退回修改"}}},
        {"id": "b_1", "type": "branch", "branches": [
            {"id": "c_big", "label": "大额订单", "when": "{total}>=100000", "steps": [
                {"id": "n_boss", "type": "approve", "label": {"zh": "总经理", "en": "Director"},
                 "who": {"by": "role", "role": "boss"},
                 "buttons": {"approve": {"label": "批准"}},
                 "demand": {"approve": ["signature", "password"]}}]},
            {"id": "c_low", "label": "让价多", "when": "MAX({rows.cut})>0.15", "steps": [
                {"id": "n_fin", "type": "approve", "label": "财务总监", "batch": False,
                 "who": {"by": "role", "role": "finance"}}]},
            {"id": "c_else", "label": "其他情况", "else": True, "steps": []}]},
        {"id": "n_ship", "type": "fill", "label": {"zh": "仓库确认", "en": "Warehouse"},
         "who": {"by": "role", "role": "store"},
         "access": {"terms": "edit", "rows.qty": "edit"}, "lines": {"rows": {"add": True}}},
        {"id": "n_cc", "type": "copy", "label": "抄送财务",
         "who": {"by": "role", "role": "finance"}},
    ],
}  # fmt: skip
# Runs by itself after each order: it does its work, or fails and is told of.
COUNTED: Final[dict[str, Any]] = {
    "code": "order_counted",
    "label": "记下付款条件",
    "form": "order",
    "trigger": {"on": "create", "retry": 0},
    "steps": [{"id": "m_terms", "type": "calculate", "label": "写付款条件",
               "set": {"terms": '=IF({cost}=13,1/0,"月结")'}}],
}  # fmt: skip
# sign-in name: name people read, roles
PEOPLE: Final = {
    "sun": ("孙悦", ("sales",)),
    "qian": ("钱进", ("lead",)),
    "zhao": ("赵敏之", ("boss",)),
    "wu": ("吴用", ("finance",)),
    "zhou": ("周仓", ("store",)),
}


def definition() -> dict[str, Any]:
    """The app: one form, one flow, a role for each kind of person."""
    makes = ["view", "create", "update", "submit", "delete"]
    asked = ("lead", "boss", "finance", "store")
    grants = {"sales": makes} | {code: ["view"] for code in asked}
    return {
        "format": "dajian-app/1",
        "code": APP,
        "label": {"zh": "销售", "en": "Sales"},
        "forms": [ORDER],
        "workflows": [FLOW, COUNTED],
        "roles": [
            {"code": role, "label": role, "grants": [{"form": "order", "verbs": verbs}]}
            for role, verbs in grants.items()
        ],
    }


def install(act: Act, password: str) -> None:
    """Publish the app and let its people in."""
    publish(act, definition(), "begin")
    for name, (shown, roles) in PEOPLE.items():
        users.create(act, users.NewUser(name, password, frozenset(roles), shown))


def company(url: str, now: datetime, password: str) -> None:
    """Fill an empty database."""
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, now)
        install(act, password)
        users.create(act, users.NewUser("root", password, frozenset(), "管理员", is_admin=True))
