"""An app of every structured kind: equipment, its visits, the people and departments in charge."""

from typing import Any

Json = dict[str, Any]
PROPERTIES = ("required", "phone", "width", "unique")


def field(code: str, kind: str, label: str, **more: Any) -> Json:
    """A field as an author writes it; what is no property of fields is an option of the kind."""
    own = {
        name: more.pop(name) for name in ("required", "phone", "width", "unique") if name in more
    }
    made: Json = {"code": code, "kind": kind, "label": label, **own}
    return {**made, "options": more} if more else made


SORTS: list[Json] = [
    {"code": "lift", "label": "起重"},
    {"code": "truck", "label": "叉车", "parent": "lift"},
    {"code": "crane", "label": {"zh": "行车", "en": "Crane"}, "parent": "lift"},
    {"code": "press", "label": "冲压"},
]
EQUIPMENT: Json = {
    "code": "equipment",
    "label": "设备",
    "type": "record",
    "title": "name",
    "list": ["equipment_no", "name"],
    "search": ["equipment_no", "name"],
    "fields": [
        field("equipment_no", "text", "设备编号", required=True, unique=True),
        field("name", "text", "设备名称", required=True),
        field("model", "text", "型号", phone="hide"),
        field("bought_on", "date", "购置日期"),
        field("price", "money", "购置金额"),
        field("note", "long_text", "说明"),
        field("photos", "image", "照片", max_files=3, max_side=800),
        field("received", "signature", "签收"),
        field("tag", "barcode", "标签", symbology="qr", field="equipment_no"),
        field("ean", "barcode", "商品条码", symbology="ean13"),
        field("made_in", "region", "产地", level="city"),
        field("stands_at", "address", "安装地址", needs_region=True),
        field("spot", "location", "定位"),
        field("family", "cascade", "设备分类", options=SORTS),
        field("keeper", "user", "保管人", owner=True),
        field("crew", "users", "使用人"),
        field("home", "department", "所属部门", current=True, owner=True),
        field("shared_with", "departments", "共用部门"),
        field(
            "report",
            "button",
            "登记检修",
            action="create",
            form="visit",
            values={"equipment": "id", "remark": "name"},
        ),
        field(
            "manual", "button", "打开手册", action="url", url="https://example.com/m/{equipment_no}"
        ),
        field("visits", "query", "检修记录", form="visit", where={"equipment": "id"}, limit=2),
        field(
            "same_model",
            "query",
            "同型号设备",
            form="equipment",
            where={"model": "model"},
            columns=["equipment_no", "name", "keeper"],
        ),
        field(
            "parts",
            "lines",
            "备件",
            fields=[
                field("part", "text", "名称", required=True),
                field("qty", "quantity", "数量"),
                field("checkers", "users", "检查人"),
                field("place", "text", "位置", phone="hide"),
                field("picture", "image", "图片"),
                field("code", "barcode", "条码", symbology="code128", field="part"),
            ],
        ),
    ],
    "tabs": [{"code": "buying", "label": "购置"}, {"code": "stock", "label": "备件"}],
    "sections": [
        {
            "code": "main",
            "label": "基本信息",
            "fields": ["equipment_no", "name", "model", "tag", "ean"],
        },
        {
            "code": "where",
            "label": "位置与分类",
            "fields": ["made_in", "family", "stands_at", "spot"],
        },
        {
            "code": "links",
            "label": "检修",
            "fields": ["report", "manual", "visits", "same_model"],
        },
        {"code": "people", "label": "人员", "fields": ["keeper", "crew", "home", "shared_with"]},
        {"code": "bought", "label": "购置", "fields": ["bought_on", "price"], "tab": "buying"},
        {
            "code": "more",
            "label": "说明",
            "fields": ["note", "photos", "received"],
            "tab": "buying",
            "phone": "folded",
        },
        {"code": "parts", "label": "备件", "fields": ["parts"], "tab": "stock"},
    ],
}

VISIT: Json = {
    "code": "visit",
    "label": "检修",
    "type": "record",
    "title": "remark",
    "list": ["remark", "visited_on", "cost"],
    "fields": [
        field("remark", "text", "摘要", required=True),
        field(
            "equipment",
            "reference",
            "设备",
            form="equipment",
            required=True,
            fill={"cost": "price", "helper": "keeper"},
            fill_policy="follow",
        ),
        field("other", "reference", "相关设备", form="equipment", fill={"model": "model"}),
        field("model", "text", "型号"),
        field("helper", "user", "协助人"),
        field("visited_on", "date", "日期"),
        field("cost", "money", "费用"),
        field("opened", "button", "打开设备", action="open", field="equipment"),
    ],
}

ROLES: list[Json] = [
    {
        "code": "keeper",
        "label": "保管",
        "grants": [{"form": "*", "verbs": ["view", "create", "update", "delete", "export"]}],
    },
    {
        "code": "looks",
        "label": "查看",
        "grants": [{"form": "equipment", "verbs": ["view", "update"]}],
    },
    *(
        {
            "code": f"sees_{scope}",
            "label": scope,
            "grants": [{"form": "equipment", "verbs": ["view", "update"], "rows": scope}],
        }
        for scope in ("own", "department", "department_tree", "subordinates")
    ),
]

SOURCE: Json = {
    "format": "dajian-app/1",
    "code": "kit",
    "label": "设备管理",
    "forms": [EQUIPMENT, VISIT],
    "roles": ROLES,
    "menus": [{"label": "设备", "items": [{"form": "equipment"}, {"form": "visit"}]}],
}
