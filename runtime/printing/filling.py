"""Templates from outside the cage: what one asks for, and one filled for some records."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runtime.compile import Form
from runtime.definitions import PrintoutDef
from runtime.exchange import cage
from runtime.exchange.refusals import FileRefused
from runtime.infra import audit, strict_json
from runtime.infra.act import Act
from runtime.infra.errors import TooLarge
from runtime.infra.settings import Settings
from runtime.printing import store
from runtime.printing.given import Paper, paper_json
from runtime.printing.names import Found
from runtime.printing.parts import LARGEST
from runtime.printing.values import Reader, pages_of, papers_of, tables_of

WORKER: Final = "runtime.printing.worker"
FORMATS: Final = (".xlsx", ".xltx", ".docx", ".dotx")
# Records on one paper, and lines of all of them.
MOST_RECORDS: Final = 200
MOST_LINES: Final = 20_000


@dataclass(frozen=True)
class Inspected:
    """A template that was let in: its bytes made plain, and what it asks for."""

    format: str
    content: bytes
    found: tuple[Found, ...]


def inspect(content: bytes, name: str) -> Inspected:
    """Look at a template in the cage. Raises FileRefused with what to do about it."""
    if not name.lower().endswith(FORMATS):
        raise FileRefused("template_kind")
    if len(content) > LARGEST:
        raise FileRefused("template_too_large", {"most": LARGEST // 1_000_000})
    with tempfile.TemporaryDirectory(prefix="dajian-print-") as folder:
        answer, made = _asked(Path(folder), content, {"act": "inspect"})
    found = tuple(Found(each["at"], each["row"], each["text"]) for each in answer["found"])
    if len(made) > LARGEST:
        raise FileRefused("template_too_large", {"most": LARGEST // 1_000_000})
    return Inspected(answer["format"], made, found)


def filled(
    act: Act,
    settings: Settings,
    form: Form,
    printout: PrintoutDef,
    asked: tuple[Sequence[int], Reader],
) -> bytes:
    """Return a template filled for records: the paper of one, or of all behind each other.

    Raises Forbidden and NotFound as `papers_of` does, TooLarge for more than one paper holds.
    """
    ids = asked[0]
    if not 0 < len(ids) <= MOST_RECORDS:
        raise TooLarge("print_too_many", {"most": MOST_RECORDS})
    content = store.content_of(act.connection, printout.file.sha256)
    papers = papers_of(act, settings, form, printout, asked)
    return fill(content, form, printout, papers)


def fill(content: bytes, form: Form, printout: PrintoutDef, papers: Sequence[Paper]) -> bytes:
    """Fill a template's bytes in the cage."""
    lines = sum(len(rows) for paper in papers for rows in paper.lines.values())
    if lines > MOST_LINES:
        raise TooLarge("print_too_many_lines", {"most": MOST_LINES})
    told: dict[str, Any] = {
        "tables": tables_of(form, printout),
        "pages": pages_of(printout),
        "fill_rows": printout.fill_rows,
        "papers": [paper_json(paper) for paper in papers],
    }
    with tempfile.TemporaryDirectory(prefix="dajian-print-") as name:
        folder = Path(name)
        written = folder / "papers.json"
        written.write_text(strict_json.dumps(told), encoding="utf-8")
        _, made = _asked(folder, content, {"act": "fill", "papers": str(written)})
    return made


def note(act: Act, form: Form, printout: PrintoutDef, ids: Sequence[int]) -> None:
    """Keep in the audit who printed what, with the history of each record."""
    told = {"template": printout.code, "comment": printout.label.zh}
    audit.write_many(act, "print", f"{form.app_code}.{form.code}", [(key, told) for key in ids])


def _asked(folder: Path, content: bytes, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    path, out = folder / "template", folder / "out"
    path.write_bytes(content)
    answer = cage.ask({**question, "path": str(path), "out": str(out)}, worker=WORKER)
    return answer, out.read_bytes()
