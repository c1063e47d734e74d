"""What a print template is: a file of the user's own, and what its placeholders mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runtime.definitions.label import Label, read_label


@dataclass(frozen=True)
class PrintFileDef:
    """The file: what it is called, its kind, and the digest under which its bytes are kept."""

    name: str
    format: Literal["xlsx", "docx"]
    sha256: str
    size: int


@dataclass(frozen=True)
class PrintoutDef:
    """A template of a form. `places` says of each placeholder which field it means, by its path.

    `fill_rows` are the rows a line table has at least; `roles` who is offered it, empty: everybody
    who may print.
    """

    code: str
    label: Label
    form: str
    file: PrintFileDef
    places: Mapping[str, str]
    is_default: bool = False
    fill_rows: int = 0
    roles: frozenset[str] = frozenset()


def read_printout(source: Mapping[str, Any]) -> PrintoutDef:
    """Turn a print template's JSON (already of the right shape) into a PrintoutDef."""
    file = source["file"]
    return PrintoutDef(
        code=source["code"],
        label=read_label(source["label"], source["code"]),
        form=source["form"],
        file=PrintFileDef(file["name"], file["format"], file["sha256"], file["size"]),
        places=source.get("places", {}),
        is_default=source.get("default", False),
        fill_rows=source.get("fill_rows", 0),
        roles=frozenset(source.get("roles", ())),
    )
