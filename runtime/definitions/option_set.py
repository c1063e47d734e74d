"""Option sets: lists of options that choices of several forms share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.definitions.label import Label, read_label

Json = Mapping[str, Any]


@dataclass(frozen=True)
class OptionSetDef:
    """A list of options under a name; a choice takes it by `set`."""

    code: str
    label: Label
    options: tuple[Json, ...]


def read_option_set(source: Json) -> OptionSetDef:
    """Turn a set's JSON (already of the right shape) into an OptionSetDef."""
    return OptionSetDef(
        code=source["code"],
        label=read_label(source["label"], source["code"]),
        options=tuple(source["options"]),
    )


def with_sets(field: Json, sets: Sequence[OptionSetDef]) -> Json:
    """A field's JSON in which `options` are those of the set it names, in its columns as well.

    What was written stays as it is: the set is looked up whenever the app is read, so one change
    of a set is a change of every field that takes it.
    """
    given = field.get("options")
    if not sets or not isinstance(given, Mapping):
        return field
    options = dict(given)
    for each in sets:
        if given.get("set") == each.code:
            options["options"] = list(each.options)
    columns = given.get("fields")
    if isinstance(columns, list):
        options["fields"] = [
            with_sets(column, sets) if isinstance(column, Mapping) else column for column in columns
        ]
    return {**field, "options": options}
