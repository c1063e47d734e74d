"""The program of the child: limits itself, opens the file, answers with one line of JSON."""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from runtime.exchange.inspection import Corrections, inspect_workbook
from runtime.exchange.preview import preview
from runtime.exchange.reader import read_workbook
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.spool import write_rows

Json = dict[str, Any]


def main() -> None:
    """Read the question, do the work inside the limits, print the answer."""
    question: Json = json.loads(sys.stdin.buffer.read())
    _limit(question["limits"])
    try:
        answer = _answer(question)
    except FileRefused as error:
        answer = {"refused": error.code, "params": dict(error.params), "by": "gate"}
    except FileUnreadable as error:
        answer = {"refused": error.code, "params": dict(error.params), "by": "reader"}
    except MemoryError:
        answer = {"refused": "reader_stopped", "params": {}, "by": "reader"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))


def _limit(limits: Json) -> None:
    # Set by the child itself, before it opens anything: what runs until here is our own code.
    memory, seconds = int(limits["memory_bytes"]), int(limits["cpu_seconds"])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    written = int(limits["written_bytes"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _answer(question: Json) -> Json:
    workbook = read_workbook(Path(question["path"]))
    corrections = Corrections(question.get("header_rows") or {})
    locale = question.get("locale", "zh")
    answer: Json = {"inspection": inspect_workbook(workbook, question["name"], corrections, locale)}
    if question.get("preview"):
        answer["preview"] = preview(workbook)
    if question.get("rows"):
        asked = question["rows"]
        answer["rows"] = write_rows(workbook, asked["sheet"], corrections, Path(asked["file"]))
    return answer


if __name__ == "__main__":
    main()
