"""Text documents as templates: what Word splits into runs is one placeholder all the same."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from runtime.exchange.refusals import FileRefused
from runtime.printing import pictures
from runtime.printing.given import Value
from tests.unit.printing.papers import R, W, asked, filled, letter, paper, plain, unzipped

SPLIT = (
    "<w:p><w:r><w:t>客户：$</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{客</w:t></w:r>"
    "<w:r><w:t>户}，${编号}。</w:t></w:r></w:p>"
)
TABLE = (
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>商品</w:t></w:r></w:p></w:tc></w:tr>"
    "<w:tr><w:tc><w:p><w:r><w:t>${明细.序号}. ${明细.商品}</w:t></w:r></w:p></w:tc></w:tr>"
    "<w:tr><w:tc><w:p><w:r><w:t>合计 ${金额|大写}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
)


def paragraphs(content: bytes, part: str = "word/document.xml") -> list[str]:
    root = ElementTree.fromstring(unzipped(content)[part])
    return [
        "".join(text.text or "" for text in each.iter(f"{{{W}}}t"))
        for each in root.iter(f"{{{W}}}p")
    ]


def test_fill__runs_rows_and_page_numbers(tmp_path: Path) -> None:
    page = "<w:p><w:r><w:t>第 ${页码} 页</w:t></w:r></w:p>"
    content = filled(letter(SPLIT + TABLE + page), tmp_path, [paper("XS-1", 3)])
    assert paragraphs(content)[:6] == [
        "客户：=1+1，XS-1。", "商品", "1. 商品1", "2. 商品2", "3. 商品3", "合计 壹佰元整",
    ]  # fmt: skip
    text = unzipped(content)["word/document.xml"].decode()
    assert 'w:instr=" PAGE "' in text
    assert paragraphs(content)[6] == "第 1 页"


@pytest.mark.parametrize("lines", [0, 60])
def test_fill__as_many_rows_as_lines(tmp_path: Path, lines: int) -> None:
    shown = paragraphs(filled(letter(TABLE), tmp_path, [paper("x", lines)]))
    assert len(shown) == 2 + max(lines, 1)
    assert (shown[1] == ". ") == (not lines)


def test_fill__each_record_has_pages_and_a_header_of_its_own(tmp_path: Path) -> None:
    content = filled(letter(SPLIT, header="单号 ${编号}"), tmp_path, [paper("a", 0), paper("b", 0)])
    parts = unzipped(content)
    heads = {name: paragraphs(content, name) for name in parts if name.startswith("word/print")}
    assert sorted(heads.values()) == [["单号 a"], ["单号 b"]]
    text = parts["word/document.xml"].decode()
    assert text.count("<w:sectPr>") == 2
    links = re.findall(r'headerReference w:type="default" r:id="(rId\d+)"', text)
    assert len(set(links)) == 2
    assert re.findall(r'pgNumType w:start="1"', text) == ['pgNumType w:start="1"'] * 2


def test_fill__several_lines_of_a_text_and_a_picture(tmp_path: Path) -> None:
    drawn = pictures.symbol("6901234567892", "ean13")
    assert drawn is not None
    body = "<w:p><w:r><w:t>前${客户}后</w:t></w:r><w:r><w:t>${编号|条码}</w:t></w:r></w:p>"
    told = paper("x", 0, **{"客户": Value("一\n二"), "编号|条码": Value("", picture=drawn)})
    parts = unzipped(filled(letter(body), tmp_path, [told]))
    text = parts["word/document.xml"].decode()
    said = re.sub("<[^>]*>", "", re.sub("<w:br ?/>", "¶", text)).strip()
    assert said == "前一¶二后"
    assert text.count("<w:drawing>") == 1
    assert [parts[name] for name in parts if name.endswith(".png")] == [drawn.content]


def test_plain__a_row_of_a_table_is_told(tmp_path: Path) -> None:
    _, found = plain(letter(SPLIT + TABLE), tmp_path)
    rows = {each["text"]: each["row"] for each in found["found"]}
    assert rows == {"客户": "", "编号": "", "明细.序号": "row 2", "明细.商品": "row 2",
                    "金额|大写": "row 3"}  # fmt: skip
    assert asked().tables["明细.商品"] == "lines"


FIELD = '<w:p><w:fldSimple w:instr=" {} "><w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>'
CODED = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDE</w:instrText></w:r>'
    '<w:r><w:instrText>AUTO c:\\\\x</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/>'
    "</w:r></w:p>"
)
LINK = f'<Relationship Id="rId9" Type="{R}/{{}}" Target="{{}}" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("body", "links", "code"),
    [
        (FIELD.format("INCLUDETEXT c:/secret"), "", "template_field"),
        (CODED, "", "template_field"),
        ("<w:p/>", LINK.format("image", "http://x.test/a.png"), "template_reaches_out"),
        ("<w:p/>", LINK.format("oleObject", "file:///c:/a"), "template_embeds"),
        ("<w:p/>", LINK.format("aFChunk", "http://x.test"), "template_embeds"),
        ("<w:object/>", "", "template_embeds"),
    ],
)
def test_plain__refuses_what_reaches_out(tmp_path: Path, body: str, links: str, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        plain(letter(body, links=links), tmp_path)
    assert refused.value.code == code


def test_plain__leaves_links_and_their_programs_behind(tmp_path: Path) -> None:
    more = LINK.format("hyperlink", "http://x.test") + LINK.format(
        "attachedTemplate", "file:///c:/normal.dotm"
    ).replace("rId9", "rId8")
    body = '<w:p><w:hyperlink r:id="rId9"><w:r><w:t>网站</w:t></w:r></w:hyperlink></w:p>'
    content, _ = plain(letter(body, links=more), tmp_path)
    assert b"x.test" not in b"".join(unzipped(content).values())
    assert paragraphs(content) == ["网站"]
