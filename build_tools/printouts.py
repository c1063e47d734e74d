"""The print templates of the app templates, written anew: no file of anybody else's is among them.

`python -m build_tools.printouts` rewrites `app_templates/jxc/printouts`.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from builder.packages import read_package
from runtime.definitions import read_app
from runtime.printing.filling import inspect
from runtime.printing.names import understood
from runtime.printing.starter import Layout, starter

JXC: Final = Path(__file__).resolve().parents[1] / "app_templates" / "jxc"
_LINES: Final = ("item", "specification", "base_uom", "qty", "price", "amount", "note")
PRINTOUTS: Final[tuple[tuple[str, str, dict[str, str], str, Layout], ...]] = (
    ("delivery_note", "delivery", {"zh": "送货单", "en": "Delivery note"}, "送货单.xlsx",
     Layout("送货单", "lines", _LINES,
            ("customer", "document_no", "warehouse", "document_date", "handled_by", "note"),
            ("制单：${打印人}", "发货：", "客户签收："))),
    ("receipt_note", "purchase_receipt", {"zh": "入库单", "en": "Goods receipt"}, "入库单.xlsx",
     Layout("采购入库单", "lines", _LINES,
            ("supplier", "document_no", "warehouse", "document_date", "handled_by", "note"),
            ("制单：${打印人}", "验收：", "仓库："))),
    ("return_note", "purchase_return", {"zh": "采购退货单", "en": "Purchase return"},
     "采购退货单.xlsx", Layout("采购退货单", signs=("制单：${打印人}", "仓库：", "供应商签收："))),
)  # fmt: skip


def made() -> dict[str, dict[str, Any]]:
    """Every template of jxc as its file in the package, by code."""
    app = read_app(read_package(JXC))
    found = {}
    for code, form_code, label, name, layout in PRINTOUTS:
        form = app.form(form_code)
        assert form is not None, f"jxc has a form {form_code}"
        seen = inspect(starter(form, layout), name)
        places, problems = understood(app, form, seen.found, seen.format)
        assert not problems, problems
        found[code] = {
            "code": code,
            "label": label,
            "form": form_code,
            "file": {
                "name": name,
                "format": seen.format,
                "sha256": hashlib.sha256(seen.content).hexdigest(),
                "size": len(seen.content),
                "content": base64.b64encode(seen.content).decode(),
            },
            "places": places,
            "default": True,
        }
    return found


def main() -> None:
    """Write them into the package."""
    folder = JXC / "printouts"
    folder.mkdir(exist_ok=True)
    for code, printout in made().items():
        text = json.dumps(printout, ensure_ascii=False, indent=2)
        (folder / f"{code}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
