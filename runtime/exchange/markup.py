"""XML read as a stream by expat: no document type, no entities, bounded depth."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from xml.parsers import expat

from runtime.exchange.limits import Limits
from runtime.exchange.refusals import FileRefused, FileUnreadable

Attributes = dict[str, str]
_PROLOG_BYTES: Final = 65_536
_SPACE: Final = " "


class PrologRead(Exception):  # noqa: N818 - a signal, not an error
    """The root element was met: nothing after it can declare a document type."""


Start = Callable[[Attributes], None]
End = Callable[[], None]


class Elements:
    """What a reader of one part listens to: by element name, without its namespace."""

    starts: Mapping[str, Start] = {}
    ends: Mapping[str, End] = {}

    def text(self, chars: str) -> None:
        """Character data of the open element."""


def _refuse_doctype(*_: object) -> None:
    raise FileRefused("file_doctype")


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=_SPACE)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    return parser


def local_name(name: str) -> str:
    """Return the name without its namespace; vocabularies of extensions keep theirs apart."""
    space, _, local = name.rpartition(_SPACE)
    # Extensions repeat the names of the main vocabulary with another meaning.
    return f"ext:{local}" if "/office/" in space and "spreadsheetml/20" in space else local


def read(chunks: Iterable[bytes], elements: Elements, limits: Limits, part: str) -> None:
    """Feed a part to `elements`; a part that is not well-formed is damaged."""
    parser = _parser()
    starts, ends = elements.starts, elements.ends
    begins: dict[str, Start | None] = {}
    finishes: dict[str, End | None] = {}
    depth = 0
    deepest = limits.depth

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > deepest:
            raise FileRefused("file_too_deep", {"part": part[:80]})
        try:
            begin = begins[name]
        except KeyError:
            local = local_name(name)
            begin = begins[name] = starts.get(local)
            finishes[name] = ends.get(local)
        if begin is not None:
            begin(attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        finish = finishes[name]
        if finish is not None:
            finish()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = elements.text
    _feed(parser, chunks, part)


def _feed(parser: expat.XMLParserType, chunks: Iterable[bytes], part: str) -> None:
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise FileUnreadable("part_not_well_formed", {"part": part[:80]}) from error
    except (LookupError, ValueError) as error:
        raise FileUnreadable("part_encoding", {"part": part[:80]}) from error


def refuse_document_type(chunks: Iterable[bytes]) -> None:
    """Look only at what stands before the root element, in whatever encoding it is written."""
    parser = _parser()

    def stop(*_: object) -> None:
        raise PrologRead

    parser.StartElementHandler = stop
    seen = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk[:_PROLOG_BYTES], False)  # noqa: FBT003
            seen += len(chunk)
            if seen > _PROLOG_BYTES:
                raise FileRefused("file_doctype")
    except PrologRead:
        return
    except (expat.ExpatError, LookupError, ValueError):
        # A part nobody reads may be anything; one that is read is judged by its reader.
        return
