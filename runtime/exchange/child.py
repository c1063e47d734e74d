"""What every caged child does: limit itself, answer one question with one line of JSON."""

import gc
import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from runtime.exchange.refusals import FileRefused, FileUnreadable

Json = dict[str, Any]


def run(answer_to: Callable[[Json], Json]) -> None:
    """Read the question, do the work inside the limits, print the answer."""
    question: Json = json.loads(sys.stdin.buffer.read())
    _limit(question["limits"])
    # Cells are many and none of them goes round in a circle: looking for circles takes a third.
    gc.disable()
    try:
        answer = answer_to(question)
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
