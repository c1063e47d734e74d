"""What templates of single kinds need besides: addresses, symbologies, sizes of pictures."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import url_for

from runtime.compile import Field, Form
from runtime.kinds.families import FILES

DEFAULT_SIDE: Final = 2000
DEFAULT_FILES: Final = {"attachment": 10, "image": 10, "signature": 1}
Words = Mapping[str, Any]


def more_of(form: Form, item: Field) -> Words:
    """Return what the template of this kind asks for besides what every field has."""
    maker = _MORE.get(item.kind.kind)
    return maker(form, item) if maker else {}


def _files(_form: Form, item: Field) -> Words:
    kind = item.kind.kind
    return {
        "upload_url": url_for("screens.upload_file"),
        "max_files": item.options.get("max_files", DEFAULT_FILES[kind]),
        "max_side": item.options.get("max_side", DEFAULT_SIDE),
        "camera": bool(item.options.get("camera")),
    }


def _barcode(_form: Form, item: Field) -> Words:
    symbology = str(item.options["symbology"])
    return {
        "image_url": url_for("screens.barcode", symbology=symbology),
        "symbology": symbology,
        "drawn_from": item.drawn_from or "",
    }


_MORE: Final[Mapping[str, Callable[[Form, Field], Words]]] = {
    **dict.fromkeys(FILES, _files),
    "barcode": _barcode,
}
