"""What the condition of a role may name beside fields and functions: the record, and who looks."""

from collections.abc import Iterator, Mapping
from typing import Any

from builder.designer.formula_scope import Name
from builder.designer.formula_words import own_words, type_text
from runtime.compile.row_rules import ABOUT_ME, SYSTEM_FIELDS
from runtime.query.search import search_text
from runtime.screens.i18n import _

Json = Mapping[str, Any]


def row_names() -> Iterator[Name]:
    """Yield what every record has beside its fields, as the editor offers it."""
    for code, kind in SYSTEM_FIELDS.items():
        text = own_words()[code]
        find = search_text((text, code))
        yield Name(f"{{{code}}}", text, code, kind, type_text(kind), "header", "", find)


def row_functions() -> list[dict[str, Any]]:
    """Return the functions about the person who looks, as the editor shows them."""
    return [_shown(name, *told) for name, told in _words().items()]


def _words() -> dict[str, tuple[str, str]]:
    """Help and an example of each."""
    return {
        "USER": (_("看的人自己"), "{created_by}=USER()"),
        "MYDEPARTMENT": (_("这个部门是不是看的人所在的部门"), "MYDEPARTMENT({department})"),
        "MYDEPARTMENTTREE": (
            _("这个部门是不是看的人所在的部门或它的下级"), "MYDEPARTMENTTREE({department})",
        ),
        "MYSUBORDINATE": (_("这个人是不是看的人的下属"), "MYSUBORDINATE({created_by})"),
    }  # fmt: skip


def _shown(name: str, text: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "aliases": [],
        "signature": ABOUT_ME[name].signature,
        "help": text,
        "category": "",
        "examples": [[example, ""]],
        "find": search_text((name, text)),
    }
