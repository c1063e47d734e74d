"""Which styles the page of a record fetches beside those that every record has."""

from collections.abc import Iterable, Iterator
from typing import Final

from runtime.screens.form_flow import Flow
from runtime.screens.form_layout import Section

# Kinds that are drawn with what every record has; the others have styles of their own.
PLAIN: Final = frozenset(
    [
        "attachment",
        "boolean",
        "button",
        "choice",
        "date",
        "datetime",
        "department",
        "document_number",
        "duration",
        "email",
        "formula",
        "id_card",
        "lines",
        "long_text",
        "lookup",
        "money",
        "multi_choice",
        "number",
        "percent",
        "phone",
        "quantity",
        "reference",
        "rmb",
        "rollup",
        "text",
        "time",
        "url",
        "user",
    ]
)


def styles_of(sections: Iterable[Section], flow: Flow, *, is_new: bool) -> Iterator[str]:
    """Yield the names of styles: of rare kinds, of what a record lives through, of its flow."""
    views = (view for section in sections for view in section.views)
    if not is_new or any(view.kind not in PLAIN for view in views):
        yield "kinds"
    if not is_new:
        yield "life"
    if flow.is_told:
        yield "flow"
    if flow.panel:
        yield "decide"
