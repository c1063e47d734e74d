"""What a recorded test expects, in words, before it is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from builder.designer.tests_words import steps_of
from runtime.compile import Form
from runtime.screens.i18n import _, joined, label, said
from runtime.screens.statuses import status_text


@dataclass(frozen=True)
class Made:
    """What the app made of it: pairs of a name and a text; a refusal has its reasons."""

    is_refused: bool
    pairs: tuple[tuple[str, str], ...]
    prepared: int


def made_words(form: Form, test: Mapping[str, Any]) -> Made:
    """Say what a test that has just been recorded expects of its last step."""
    steps = steps_of(test)
    expect = steps[-1]["expect"]
    pairs = _refusal(form, expect) if "refused" in expect else _result(form, expect)
    return Made("refused" in expect, tuple(pairs), len(steps) - 1)


def _refusal(form: Form, expect: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    problems = expect.get("problems", ())
    if not problems:
        yield _("拒绝的原因"), said(expect["refused"], {})
    for each in problems:
        place = _place(form, each["at"])
        yield place, each.get("message") or said(each["code"], {"label": place})


def _place(form: Form, pointer: str) -> str:
    parts = [part for part in pointer.split("/") if part]
    tables = {table.code: table for table in form.lines}
    names: list[str] = []
    fields: Mapping[str, Any] = form.by_code
    for part in parts:
        if part.isdecimal():
            names.append(_("第 %(n)s 行", n=int(part) + 1))
        elif part in fields:
            names.append(label(fields[part].label))
        fields = tables[part].by_code if part in tables else fields
    return " · ".join(names) or label(form.label)


def _result(form: Form, expect: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if expect.get("status"):
        yield _("状态"), status_text(expect["status"])
    if "asked" in expect:
        yield _("等谁审批"), joined(expect["asked"]) or _("没有")
    tables = {table.code: table for table in form.lines}
    for code, value in expect.get("values", {}).items():
        if code not in tables:
            yield label(form.by_code[code].label), str(value)
            continue
        for place, row in enumerate(value):
            fields = tables[code].by_code
            told = [f"{label(fields[name].label)} {each}" for name, each in row.items()]
            if told:
                yield _place(form, f"/{code}/{place}"), joined(told)
