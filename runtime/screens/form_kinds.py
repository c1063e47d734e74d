"""What templates of single kinds need besides: addresses, symbologies, sizes of pictures."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import url_for
from markupsafe import Markup

from runtime.compile import Field, Form
from runtime.definitions.label import read_label
from runtime.kinds import regions, rich
from runtime.kinds.cascades import parents
from runtime.kinds.families import FILES
from runtime.kinds.moments import DEFAULT_UNIT, UNITS
from runtime.kinds.options import STARS, option_label
from runtime.screens.i18n import locale

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


def _region(_form: Form, item: Field) -> Words:
    level = item.options.get("level", regions.LEVELS[-1])
    return {"tree_url": url_for("screens.region_tree"), "depth": regions.LEVELS.index(level) + 1}


def _address(_form: Form, _item: Field) -> Words:
    return {"tree_url": url_for("screens.region_tree"), "depth": len(regions.LEVELS)}


def _cascade(_form: Form, item: Field) -> Words:
    return {"tree": [[code, above, option_label(item.definition, code, locale())]
                     for code, above in parents(item.definition).items()]}  # fmt: skip


def _button(_form: Form, item: Field) -> Words:
    return {"is_outside": item.options["action"] == "url"}


def _query(form: Form, item: Field) -> Words:
    url = url_for(
        "screens.live_query", app_code=form.app_code, form_code=form.code, field_code=item.code
    )
    return {"url": url, "asks": sorted(set(item.options["where"].values()))}


def _duration(_form: Form, item: Field) -> Words:
    return {"unit": UNITS[item.options.get("unit", DEFAULT_UNIT)]}


def _rating(_form: Form, item: Field) -> Words:
    return {"stars": item.options.get("stars", STARS)}


def _rich(_form: Form, _item: Field) -> Words:
    return {"clean": lambda text: Markup(rich.clean(text))}  # noqa: S704 - it was cleaned just now


def _note(_form: Form, item: Field) -> Words:
    said = item.options.get("text")
    text = read_label(said).text(locale()) if said else ""
    return {"text": text, "tone": item.options.get("tone", "plain")}


_MORE: Final[Mapping[str, Callable[[Form, Field], Words]]] = {
    **dict.fromkeys(FILES, _files),
    "barcode": _barcode,
    "region": _region,
    "address": _address,
    "cascade": _cascade,
    "button": _button,
    "query": _query,
    "duration": _duration,
    "rating": _rating,
    "note": _note,
    "rich_text": _rich,
}
