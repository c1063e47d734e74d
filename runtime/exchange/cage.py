"""A child process with little memory and time: the only place where a stranger's file is opened."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

from runtime.exchange.limits import CAGE_LIMITS, MEGABYTE, CageLimits
from runtime.exchange.refusals import FileRefused, FileUnreadable

Json = dict[str, Any]
WORKER: Final = "runtime.exchange.worker"
_ROOT: Final = Path(__file__).resolve().parents[2]
_LONGEST_ANSWER: Final = 64 * MEGABYTE


def ask(
    question: Mapping[str, Any], limits: CageLimits = CAGE_LIMITS, *, worker: str = WORKER
) -> Json:
    """Put a question to a new child and return its answer; the child dies with its question.

    The answer comes as one line of JSON through a file: nothing a child writes is ever run.
    """
    with tempfile.TemporaryFile() as answers:
        asked = json.dumps({**question, "limits": _spelled(limits)})
        code = _run(asked, answers, limits, worker)
        answer = _last_answer(answers)
    if answer is not None and "refused" in answer:
        kind = FileRefused if answer.get("by") == "gate" else FileUnreadable
        raise kind(str(answer["refused"]), dict(answer.get("params", {})))
    if code != 0 or answer is None:
        raise FileUnreadable("reader_stopped")
    return answer


def _run(question: str, answers: IO[bytes], limits: CageLimits, worker: str) -> int:
    environment = {"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        [sys.executable, "-m", worker],
        stdin=subprocess.PIPE,
        stdout=answers,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=environment,
        close_fds=True,
        start_new_session=True,
    ) as child:
        try:
            child.communicate(question.encode(), timeout=limits.wall_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise FileUnreadable("reader_stopped") from None
        return child.returncode


def _last_answer(answers: IO[bytes]) -> Json | None:
    size = answers.seek(0, os.SEEK_END)
    if not 0 < size <= _LONGEST_ANSWER:
        return None
    answers.seek(0)
    try:
        found = json.loads(answers.read())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _spelled(limits: CageLimits) -> dict[str, int]:
    return {
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": limits.cpu_seconds,
        "written_bytes": limits.written_bytes,
    }
