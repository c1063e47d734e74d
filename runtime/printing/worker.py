"""The program of the child that opens templates: says what they ask for, and fills them."""

from pathlib import Path
from typing import Any

from runtime.exchange.child import run
from runtime.infra import strict_json
from runtime.printing.book import close_book, open_book, texts
from runtime.printing.given import read_paper
from runtime.printing.letters import fill_letter, letter_texts
from runtime.printing.parts import Parts, put_together, take_apart
from runtime.printing.placeholders import found_in
from runtime.printing.sheets import Asked
from runtime.printing.workbooks import fill_book

Json = dict[str, Any]
MOST_FOUND = 2_000


def answer(question: Json) -> Json:
    """Do what is asked with a template."""
    parts = take_apart(Path(question["path"]))
    found = inspected(parts) if question["act"] == "inspect" else _filled(parts, question)
    content = put_together(parts)
    Path(question["out"]).write_bytes(content)
    return {"format": parts.format, "bytes": len(content), **found}


def inspected(parts: Parts) -> Json:
    """Make a template plain and say which placeholders it has where."""
    if parts.format == "docx":
        told = list(letter_texts(parts))
    else:
        book = open_book(parts)
        told = list(texts(book))
        close_book(book)
    found = [
        {"at": at, "row": row, "text": each.key}
        for at, row, text in told
        for each in found_in(text)
    ]
    return {"found": found[:MOST_FOUND]}


def _filled(parts: Parts, question: Json) -> Json:
    kept = strict_json.loads(Path(question["papers"]).read_bytes(), max_bytes=256_000_000)
    asked = Asked(kept["tables"], kept["pages"], int(kept["fill_rows"]))
    papers = [read_paper(each) for each in kept["papers"]]
    fill = fill_book if parts.format == "xlsx" else fill_letter
    fill(parts, asked, papers)
    return {"papers": len(papers)}


if __name__ == "__main__":
    run(answer)
