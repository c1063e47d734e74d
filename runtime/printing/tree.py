"""Parts of a template as trees in which names keep the prefixes they were written with.

A tree that resolves prefixes would write other ones, and a workbook says by prefix which of its
extensions may be passed over. Those extensions are left out while reading.
"""

import re
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers import expat

from runtime.exchange.limits import LIMITS
from runtime.exchange.refusals import FileRefused, FileUnreadable

_COMPATIBILITY: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BAD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Node = Element


class _Reader:
    def __init__(self, part: str) -> None:
        self._part = part
        self._builder = TreeBuilder()
        self._depth = 0
        # Prefixes of extensions, and how deep inside one of them the reader is.
        self._passed: set[str] = set()
        self._skipping = 0
        self._compatibility = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > LIMITS.depth:
            raise FileRefused("file_too_deep", {"part": self._part[:80]})
        if self._depth == 1:
            self._learn(attributes)
        if self._skipping or self._is_passed(name) or self._is_choice(name):
            self._skipping += 1
            return
        if self._is_wrapping(name):
            return
        self._builder.start(name, self._kept(attributes))

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._skipping:
            self._skipping -= 1
        elif not self._is_wrapping(name):
            self._builder.end(name)

    def text(self, chars: str) -> None:
        if not self._skipping:
            self._builder.data(chars)

    def close(self) -> Node:
        return self._builder.close()

    def _learn(self, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            if name.startswith("xmlns:") and value == _COMPATIBILITY:
                self._compatibility = name.removeprefix("xmlns:")
        if self._compatibility:
            passed = attributes.get(f"{self._compatibility}:Ignorable", "")
            self._passed = set(passed.split())

    def _is_passed(self, name: str) -> bool:
        prefix, colon, _ = name.partition(":")
        return bool(colon) and prefix in self._passed

    def _is_choice(self, name: str) -> bool:
        # Of two ways to say a thing the one that every program reads.
        return bool(self._compatibility) and name == f"{self._compatibility}:Choice"

    def _is_wrapping(self, name: str) -> bool:
        own = self._compatibility
        return bool(own) and name in {f"{own}:AlternateContent", f"{own}:Fallback"}

    def _kept(self, attributes: dict[str, str]) -> dict[str, str]:
        return {
            name: value
            for name, value in attributes.items()
            if not self._is_passed(name)
            and name != f"{self._compatibility}:Ignorable"
            and not (name.startswith("xmlns:") and name.removeprefix("xmlns:") in self._passed)
        }


def parse(content: bytes, part: str) -> Node:
    """Read a part; one that is not well-formed is damaged."""
    reader = _Reader(part)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)  # noqa: FBT003
        return reader.close()
    except (expat.ExpatError, AssertionError) as error:
        raise FileUnreadable("part_not_well_formed", {"part": part[:80]}) from error
    except (LookupError, ValueError) as error:
        raise FileUnreadable("part_encoding", {"part": part[:80]}) from error


def written(root: Node) -> bytes:
    """Write a part down again."""
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return _HEAD + content


def member(node: Node, tag: str) -> Node | None:
    """The first member of that name; a library's paths know no prefixes as they are written."""
    return next((each for each in node if each.tag == tag), None)


def plain(text: str) -> str:
    """A text without the characters no part may hold."""
    return _BAD.sub("", text)


def _refuse(*_: object) -> None:
    raise FileRefused("file_doctype")
