"""A text document as a template: what it asks for, and the same document filled."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from runtime.exchange.refusals import FileRefused
from runtime.printing.drawings import EMU, store
from runtime.printing.given import NOTHING, Paper, Picture, Row, Value
from runtime.printing.parts import REL, Parts
from runtime.printing.placeholders import PLACEHOLDER, found_in, read
from runtime.printing.sheets import Asked
from runtime.printing.tree import Node, member, plain, written

_WP: Final = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PIC: Final = "http://schemas.openxmlformats.org/drawingml/2006/picture"
# Fields a document may compute by itself.
_FIELDS: Final = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "SECTION"})
_PAGES: Final = {"$page": "PAGE", "$pages": "NUMPAGES"}
_MARKS: Final = frozenset({"w:bookmarkStart", "w:bookmarkEnd", "w:proofErr"})
_CODE: Final = re.compile(r"\s*([A-Za-z=]+)")
# A picture in a line of text: at most so wide, in pixels.
_WIDEST: Final = 560
_HIGHEST: Final = 160
_DEEP: Final = ("w:object", "w:control", "w:altChunk", "w:subDoc")


def open_letter(parts: Parts) -> list[str]:
    """Make a text document plain; returns the parts that may hold placeholders, the body first."""
    names = [parts.main, *sorted(set(_borders(parts)))]
    for name in names:
        root = parts.tree(name)
        if not root.tag.startswith("w:"):
            raise FileRefused("template_dialect")
        for tag in _DEEP:
            if any(True for _each in root.iter(tag)):
                raise FileRefused("template_embeds", {"part": name[:80], "kind": tag})
        _require_fields(root, name)
        _unlink(root)
        parts.content[name] = written(root)
    for name in parts.of_kind(parts.main, "settings"):
        root = parts.tree(name)
        for tag in ("w:attachedTemplate", "w:mailMerge", "w:documentProtection"):
            for each in [each for each in root if each.tag == tag]:
                root.remove(each)
        parts.content[name] = written(root)
    return names


def letter_texts(parts: Parts) -> Iterator[tuple[str, str, str]]:
    """Yield every text with placeholders: where it is, the row of a table it stands in, itself."""
    for name in open_letter(parts):
        root = parts.tree(name)
        rows = _rows_of(root)
        for number, paragraph in enumerate(root.iter("w:p"), start=1):
            text = "".join(each.text or "" for each in _texts(paragraph))
            if "${" in text:
                yield f"{name.rpartition('/')[2]}:{number}", rows.get(id(paragraph), ""), text


def fill_letter(parts: Parts, asked: Asked, papers: Sequence[Paper]) -> None:
    """Fill a text document for every record, each beginning on a page of its own."""
    names = open_letter(parts)
    root = parts.tree(parts.main)
    body = member(root, "w:body")
    if body is None:
        raise FileRefused("template_dialect")
    trees = {name: parts.tree(name) for name in names[1:]}
    template = list(body)
    last = template[-1] if template and template[-1].tag == "w:sectPr" else None
    made: list[Node] = []
    counter = [7_000]
    for number, paper in enumerate(papers):
        holder = Node("w:body")
        holder.extend(copy.deepcopy(each) for each in template if each is not last)
        _fill(_Filling(parts, parts.main, asked, paper, counter), holder)
        made.extend(holder)
        section = _section(parts, asked, paper, last, trees, counter)
        if number < len(papers) - 1:
            made.append(_break(section))
        else:
            made.append(section)
    body[:] = made
    for prefix, uri in (("r", REL), ("wp", _WP), ("a", _A), ("pic", _PIC)):
        root.set(f"xmlns:{prefix}", uri)
    parts.content[parts.main] = written(root)


@dataclass(frozen=True)
class _Filling:
    """One part for one record; `counter` numbers what is drawn."""

    parts: Parts
    part: str
    asked: Asked
    paper: Paper
    counter: list[int]


def _section(
    parts: Parts,
    asked: Asked,
    paper: Paper,
    last: Node | None,
    trees: Mapping[str, Node],
    counter: list[int],
) -> Node:
    """The pages of one record: their size, and headers and footers that speak of this record."""
    found = copy.deepcopy(last) if last is not None else Node("w:sectPr")
    for each in found:
        if each.tag not in {"w:headerReference", "w:footerReference"}:
            continue
        name = parts.target(parts.main, each.get("r:id", ""))
        if name is None or name not in trees:
            continue
        root = copy.deepcopy(trees[name])
        kind = parts.links[parts.main][each.get("r:id", "")][0]
        own = f"word/print{len(parts.content)}.xml"
        parts.add(own, b"", parts.types[name])
        parts.links[own] = dict(parts.links.get(name, {}))
        _fill(_Filling(parts, own, asked, paper, counter), root)
        for prefix, uri in (("r", REL), ("wp", _WP), ("a", _A), ("pic", _PIC)):
            root.set(f"xmlns:{prefix}", uri)
        parts.content[own] = written(root)
        each.set("r:id", parts.link(parts.main, kind, own))
    numbers = member(found, "w:pgNumType")
    if numbers is None:
        numbers = Node("w:pgNumType")
        _place(found, numbers)
    numbers.set("w:start", "1")
    return found


def _place(section: Node, numbers: Node) -> None:
    """Members of a section have an order: page numbers stand behind size, margins and lines."""
    before = {"w:headerReference", "w:footerReference", "w:footnotePr", "w:endnotePr", "w:type",
              "w:pgSz", "w:pgMar", "w:paperSrc", "w:pgBorders", "w:lnNumType"}  # fmt: skip
    at = sum(each.tag in before for each in section)
    section.insert(at, numbers)


def _break(section: Node) -> Node:
    """An empty paragraph that ends the pages of a record."""
    paragraph, inner = Node("w:p"), Node("w:pPr")
    inner.append(section)
    paragraph.append(inner)
    return paragraph


def _fill(work: _Filling, root: Node) -> None:
    """Fill everything below an element: rows of lines first, then what is left."""
    for parent in list(root.iter()):
        if any(child.tag == "w:tr" for child in parent):
            _repeat(work, parent)
    _paragraphs(work, root, work.paper.header)


def _repeat(work: _Filling, table: Node) -> None:
    """Repeat the rows of a table that belong to lines, those next to each other together."""
    made: list[Node] = []
    waiting: list[Node] = []
    code = ""
    for child in list(table):
        own = _table(work.asked, child) if child.tag == "w:tr" else ""
        if waiting and own != code:
            made.extend(_lines(work, code, waiting))
            waiting = []
        if own:
            waiting.append(child)
            code = own
        else:
            made.append(child)
    if waiting:
        made.extend(_lines(work, code, waiting))
    table[:] = made


def _lines(work: _Filling, code: str, rows: Sequence[Node]) -> Iterator[Node]:
    lines = work.paper.lines.get(code, ())
    for number in range(max(len(lines), work.asked.fill_rows, 1)):
        values: Row = {**work.paper.header, **lines[number]} if number < len(lines) else {}
        for row in rows:
            made = copy.deepcopy(row)
            _paragraphs(work, made, values)
            yield made


def _table(asked: Asked, row: Node) -> str:
    """The line table a row speaks of; a row that holds a table with such rows is not one itself."""
    if any(_table(asked, inner) for inner in row.iter("w:tr") if inner is not row):
        return ""
    for paragraph in row.iter("w:p"):
        for each in found_in("".join(text.text or "" for text in _texts(paragraph))):
            if each.key in asked.tables:
                return asked.tables[each.key]
    return ""


def _paragraphs(work: _Filling, root: Node, values: Row) -> None:
    for paragraph in list(root.iter("w:p")):
        _paragraph(work, paragraph, values)
    for parent in root.iter():
        for each in [child for child in parent if child.tag in _MARKS]:
            parent.remove(each)


def _paragraph(work: _Filling, paragraph: Node, values: Row) -> None:
    """Put values in place of placeholders, from the last to the first: places stay as they were."""
    nodes = list(_texts(paragraph))
    text = "".join(each.text or "" for each in nodes)
    for match in reversed(list(PLACEHOLDER.finditer(text))):
        key = read(match[1]).key
        node, start = _cut(nodes, match.start(), match.end())
        if key in work.asked.pages:
            _insert(paragraph, node, start, _page_field(_PAGES[work.asked.pages[key]]))
            continue
        value = values.get(key, NOTHING)
        if value.picture is not None:
            _insert(paragraph, node, start, _drawn(work, value.picture))
        elif value.text:
            _write(paragraph, node, start, value)


def _texts(paragraph: Node) -> Iterator[Node]:
    """The texts of a paragraph, not those of paragraphs inside it."""
    for child in paragraph:
        if child.tag == "w:t":
            yield child
        elif child.tag != "w:p":
            yield from _texts(child)


def _cut(nodes: Sequence[Node], start: int, end: int) -> tuple[Node, int]:
    """Take the letters from `start` to `end` out; return where the first of them stood."""
    at, found = 0, (nodes[0], 0)
    for node in nodes:
        text = node.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        if at <= start < at + len(text):
            found = node, first
        if first < last:
            node.text = text[:first] + text[last:]
            node.set("xml:space", "preserve")
        at += len(text)
    return found


def _write(paragraph: Node, node: Node, start: int, value: Value) -> None:
    """Write a text where a placeholder was; its lines are lines there, too."""
    first, *more = plain(value.text).split("\n")
    text = node.text or ""
    node.text = text[:start] + first + (text[start:] if not more else "")
    node.set("xml:space", "preserve")
    if not more:
        return
    parent = _parent(paragraph, node)
    at = list(parent).index(node)
    for number, line in enumerate(more):
        inner = Node("w:t", {"xml:space": "preserve"})
        inner.text = line + (text[start:] if number == len(more) - 1 else "")
        parent.insert(at + 1, Node("w:br"))
        parent.insert(at + 2, inner)
        at += 2


def _insert(paragraph: Node, node: Node, start: int, made: Node) -> None:
    """Put something else than text behind what stands before it."""
    run = _parent(paragraph, node)
    holder = _parent(paragraph, run)
    text = node.text or ""
    rest = copy.deepcopy(run)
    twin = rest[list(run).index(node)]
    node.text, twin.text = text[:start], text[start:]
    twin.set("xml:space", "preserve")
    keep = list(run).index(node)
    for each in list(run)[keep + 1 :]:
        run.remove(each)
    for each in [each for each in list(rest)[:keep] if each.tag != "w:rPr"]:
        rest.remove(each)
    at = list(holder).index(run)
    shown = member(run, "w:rPr")
    inner = Node("w:r")
    if shown is not None:
        inner.append(copy.deepcopy(shown))
    if made.tag == "w:fldSimple":
        held = Node("w:t")
        held.text = "1"
        inner.append(held)
        made.append(inner)
        holder.insert(at + 1, made)
    else:
        inner.append(made)
        holder.insert(at + 1, inner)
    holder.insert(at + 2, rest)


def _parent(root: Node, child: Node) -> Node:
    return next(each for each in root.iter() if any(one is child for one in each))


def _page_field(code: str) -> Node:
    return Node("w:fldSimple", {"w:instr": f" {code} "})


def _drawn(work: _Filling, picture: Picture) -> Node:
    """A picture in a line of text."""
    work.counter[0] += 1
    number = str(work.counter[0])
    key = work.parts.link(work.part, "image", store(work.parts, picture))
    width, height = picture.width, picture.height
    if width > _WIDEST:
        width, height = _WIDEST, max(height * _WIDEST // width, 1)
    if height > _HIGHEST:
        width, height = max(width * _HIGHEST // height, 1), _HIGHEST
    size = {"cx": str(width * EMU), "cy": str(height * EMU)}
    drawing = Node("w:drawing")
    inline = _under(drawing, "wp:inline", distT="0", distB="0", distL="0", distR="0")
    _under(inline, "wp:extent", **size)
    _under(inline, "wp:docPr", id=number, name=f"print {number}")
    graphic = _under(inline, "a:graphic")
    data = _under(graphic, "a:graphicData", uri=_PIC)
    shown = _under(data, "pic:pic")
    named = _under(shown, "pic:nvPicPr")
    _under(named, "pic:cNvPr", id=number, name=f"print {number}")
    _under(named, "pic:cNvPicPr")
    fill = _under(shown, "pic:blipFill")
    _under(fill, "a:blip", **{"r:embed": key})
    _under(_under(fill, "a:stretch"), "a:fillRect")
    shape = _under(shown, "pic:spPr")
    room = _under(shape, "a:xfrm")
    _under(room, "a:off", x="0", y="0")
    _under(room, "a:ext", **size)
    _under(_under(shape, "a:prstGeom", prst="rect"), "a:avLst")
    return drawing


def _under(parent: Node, tag: str, **attributes: str) -> Node:
    found = Node(tag, attributes)
    parent.append(found)
    return found


def _borders(parts: Parts) -> Iterator[str]:
    for kind in ("header", "footer"):
        yield from parts.of_kind(parts.main, kind)


def _rows_of(root: Node) -> dict[int, str]:
    """The innermost row of a table each paragraph stands in, by the paragraph's identity."""
    found: dict[int, str] = {}
    for number, row in enumerate(root.iter("w:tr"), start=1):
        # Inner rows come later and take theirs over.
        found.update({id(each): f"row {number}" for each in row.iter("w:p")})
    return found


def _require_fields(root: Node, part: str) -> None:
    codes = [each.get("w:instr", "") for each in root.iter("w:fldSimple")]
    gathered = ""
    for each in root.iter():
        if each.tag == "w:instrText":
            gathered += each.text or ""
        elif each.tag == "w:fldChar" and each.get("w:fldCharType") != "begin" and gathered:
            codes.append(gathered)
            gathered = ""
    for code in (*codes, gathered):
        found = _CODE.match(code)
        if found is not None and found[1].upper() not in _FIELDS:
            params = {"part": part.rpartition("/")[2], "name": found[1][:40]}
            raise FileRefused("template_field", params)


def _unlink(root: Node) -> None:
    """A link that was left behind stays as the text it was."""
    for each in root.iter():
        if each.tag == "w:hyperlink":
            each.attrib.pop("r:id", None)
            each.set("w:anchor", each.get("w:anchor", "") or "_top")
