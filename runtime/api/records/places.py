"""Where records have their addresses, and how problems point into what was sent there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from flask import Response

from runtime.api.acting import form_of, version_given, write
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Problem
from runtime.infra.requests import Answer
from runtime.query import Record
from runtime.query.shapes import record_json

FORM: Final = "/apps/<app>/forms/<form>"
RECORDS: Final = f"{FORM}/records"
RECORD: Final = f"{RECORDS}/<int:record_id>"


@contextmanager
def pointing(inside: str = "", sent_as: str = "/values") -> Iterator[None]:
    """Let problems `inside` a place of the record point into the body, where it stands `sent_as`.

    What is wrong elsewhere in the record keeps its place there.
    """
    try:
        yield
    except AppError as error:
        error.problems = tuple(_moved(problem, inside, sent_as) for problem in error.problems)
        raise


def _moved(problem: Problem, inside: str, sent_as: str) -> Problem:
    if not problem.pointer.startswith(f"{inside}/"):
        return problem
    return replace(problem, pointer=sent_as + problem.pointer.removeprefix(inside))


def write_record(
    app: str, form: str, verb: Callable[[Act, Form, int], Record], *, key_required: bool = True
) -> Response:
    """Do something to the version of a record that the caller names, and answer the record."""
    version = version_given()

    def work(act: Act) -> Answer:
        with pointing():
            return Answer(200, record_json(verb(act, form_of(act, app, form), version)))

    return write(work, key_required=key_required)
