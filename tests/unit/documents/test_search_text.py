"""What people type into a search box and what is found by it."""

import pytest

from runtime.documents.search_text import fold, search_text

# words of the record            what is kept for the search
WORDS = """
上海银行                       | 上海银行 shyh
重庆火锅底料                   | 重庆火锅底料 cqhgdl
M8×30 六角螺栓                 | m8×30 六角螺栓 m8×30 ljls
ＸＳＣＫ－０１                 | xsck-01
Blue   Pen                     | blue pen
XSCK-20261121|上海仓           | xsck-20261121 上海仓 shc
上海仓|上海仓                  | 上海仓 shc
"""


@pytest.mark.parametrize("row", WORDS.strip().splitlines())
def test_search_text(row: str) -> None:
    *words, expected = (cell.strip() for cell in row.split("|"))
    assert search_text(words) == expected


def test_search_text__of_nothing() -> None:
    assert search_text(["", ""]) == ""


def test_fold__makes_what_is_typed_and_what_is_kept_alike() -> None:
    assert fold("  ＬＪＬＳ ") == "ljls"
