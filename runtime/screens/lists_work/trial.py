"""What an act would do to the first records: done for real, then taken back before anybody sees."""

from dataclasses import dataclass
from typing import Any, Final

from runtime import documents, query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound
from runtime.screens.form_fields import record_url
from runtime.screens.i18n import label
from runtime.screens.lists_work.boxes import shown, words_of
from runtime.screens.lists_work.picked import Picked, first_ids

SHOWN: Final = 3


@dataclass(frozen=True)
class Change:
    """One value before and after."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Trial:
    """What would become of one record."""

    title: str
    href: str
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()


def tried(act: Act, form: Form, those: Picked, values: dict[str, Any] | None) -> tuple[Trial, ...]:
    """Try the first records; without values they are only named."""
    ids = first_ids(act, form, those, SHOWN)
    return tuple(_tried(act, form, record_id, values) for record_id in ids)


def _tried(act: Act, form: Form, record_id: int, values: dict[str, Any] | None) -> Trial:
    record = query.record(act, form, record_id)
    if record is None:
        raise NotFound
    href = record_url(form, record_id)
    if values is None:
        return Trial(record.title, href)
    codes = [field.code for field in form.fields if field.column is not None]
    before = shown(act, form, record_id, codes)
    trial = act.connection.begin_nested()
    try:
        documents.update(act, form, record_id, values, version=record.version)
        after = shown(act, form, record_id, codes)
    except AppError as error:
        return Trial(record.title, href, problems=tuple(words_of(form, error)))
    finally:
        trial.rollback()
    changes = (
        Change(label(form.by_code[code].label), cell["text"], after[code]["text"])
        for code, cell in before.items()
        if after[code]["text"] != cell["text"]
    )
    return Trial(record.title, href, tuple(changes))
