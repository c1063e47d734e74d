"""Every text of the screens has its English, with the same placeholders."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.screens.person import Person

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "runtime" / "locale" / "en" / "LC_MESSAGES" / "messages.po"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def source_texts() -> Iterator[str | tuple[str, ...]]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, directory_filter=_is_ours)
    for _path, _line, text, _comments, _context in found:
        yield text


def _is_ours(path: str) -> bool:
    return Path(path).relative_to(ROOT).parts[:1] in {("runtime",), ("builder",)}


def test_english__is_complete_and_fills_the_same_places() -> None:
    with ENGLISH.open("rb") as file:
        english = {m.id: m.string for m in read_po(file, locale="en") if m.id}
    wanted = set(source_texts())
    assert len(wanted) > 300
    assert wanted - set(english) == set(), "no English for these"
    assert set(english) - wanted == set(), "English for texts that are gone"
    for source, text in english.items():
        sources = (source,) if isinstance(source, str) else source
        texts = (text,) if isinstance(text, str) else text
        for each in texts:
            assert each.strip(), source
            assert not CHINESE.search(each), source
            assert set(PLACEHOLDER.findall(each)) == set(PLACEHOLDER.findall(sources[0])), source


PAGES = ("/", "/inbox", "/inbox?box=started", "/preferences", "/a/jxc/purchase_receipt")
BOOK_PAGES = (
    *("/stock/jxc?by=item", "/stock/jxc?by=lot", "/stock/jxc/ledger?item=1"),
    *("/stock/jxc/layers?item=1", "/stock/jxc/chain?item=1", "/stock/jxc/available?item=1"),
    *("/stock/jxc/summary", "/stock/jxc/trace", "/stock/jxc/reservations"),
    *("/books/jxc/periods", "/books/jxc/costing", "/books/jxc/costing/rules"),
    *("/books/jxc/costing/item?item=1", "/books/jxc/accounts", "/books/jxc/balances"),
    "/a/jxc/delivery/1/why",
)
DESIGN_PAGES = (
    *("/design/jxc/formulas", "/design/jxc/formulas/new?form=item"),
    "/design/jxc/formulas/purchase_receipt/lines.amount/formula",
)
MORE_PAGES = ("/a/jxc/purchase_receipt/filter?ff=document_date", "/stock/jxc", "/palette?q=", "/no")


@pytest.mark.parametrize("path", PAGES + BOOK_PAGES + DESIGN_PAGES + MORE_PAGES)
def test_page__in_english_shows_no_chinese_text_of_ours(
    person: Callable[[str], Person], path: str
) -> None:
    somebody = person("admin")
    somebody.client.set_cookie("language", "en")
    page = somebody.get(path)
    assert page.status in {200, 404}
    ours = _patterns()
    left = [text.strip() for text in page.soup.find_all(string=CHINESE)]
    # What the company has entered stays as it was; none of it reads like a text of the product.
    assert [text for text in left if any(each.fullmatch(text) for each in ours)] == []


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(text) for text in source_texts() if isinstance(text, str))


def _pattern(source: str) -> re.Pattern[str]:
    parts = PLACEHOLDER.split(source)[::2]
    return re.compile(".+?".join(map(re.escape, parts)))
