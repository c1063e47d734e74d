"""A barcode or a QR code: of a text of its own, or of another field."""

from typing import Any

from marshmallow import fields
from sqlalchemy import Column, Text

from runtime.definitions.form import FieldDef
from runtime.kinds.barcodes import LONGEST, SYMBOLOGIES, wrong
from runtime.kinds.field_type import FieldType, Value, column_name, options_schema, titled
from runtime.kinds.strict import StrictText, fail

_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_WORDS = {
    "code128": {"zh": "条形码 Code 128", "en": "Barcode Code 128"},
    "ean13": {"zh": "商品条码 EAN-13", "en": "Article number EAN-13"},
    "qr": {"zh": "二维码 QR", "en": "QR code"},
}


class _StrictBarcode(StrictText):
    """A text that its symbology can say."""

    def __init__(self, symbology: str) -> None:
        super().__init__(max(LONGEST.values()))
        self.symbology = symbology

    def read(self, value: Any) -> str | None:
        """Return the text."""
        text = super().read(value)
        code = wrong(text, self.symbology) if text else ""
        if code:
            fail(code, limit=LONGEST.get(self.symbology, 13), length=len(text or ""))
        return text


class Barcode(FieldType):
    """Drawn from the field that `field` names, else from what is typed or scanned into it."""

    kind = "barcode"
    options = options_schema(
        "条码",
        "Barcode",
        {
            "symbology": titled("样式", "Symbology", {"enum": list(SYMBOLOGIES), "words": _WORDS}),
            "field": titled(
                "内容取自字段",
                "Drawn from the field",
                {**_CODE, "widget": "field"},
                about=("不选时扫码或手工输入", "Without one it is scanned or typed"),
            ),
        },
        required=("symbology",),
    )
    operators = ("contains", "equals", "starts", "empty", "not_empty")
    formula_type = "text"

    def columns(self, field: FieldDef) -> tuple[Column[Any], ...]:
        """One text column, none where another field has the text."""
        if field.options.get("field"):
            return ()
        return (Column(column_name(field), Text),)

    def schema(self, field: FieldDef) -> fields.Field[Any]:
        """Text that the symbology can say."""
        return _StrictBarcode(field.options.get("symbology", SYMBOLOGIES[0]))

    def parse(self, text: str, field: FieldDef) -> Value:
        """Text is itself."""
        return text.strip() or None

    def format(self, value: Value, field: FieldDef, locale: str = "zh") -> str:
        """Text is itself."""
        return "" if value is None else str(value)
