"""Words people read, in their language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """A text in Chinese and, where somebody wrote one, in English."""

    zh: str
    en: str = ""

    def text(self, locale: str = "zh") -> str:
        """Return the text for a locale; Chinese stands in for a missing translation."""
        return self.en if locale.startswith("en") and self.en else self.zh

    def __str__(self) -> str:
        return self.zh


def read_label(source: str | Mapping[str, str] | None, fallback: str = "") -> Label:
    """Read `"客户"` or `{"zh": "客户", "en": "Customer"}`; `fallback` stands in for nothing."""
    if source is None:
        return Label(fallback)
    if isinstance(source, str):
        return Label(source)
    return Label(source.get("zh") or source.get("en") or fallback, source.get("en", ""))


def write_label(label: Label) -> str | dict[str, str]:
    """Write a label the way `read_label` reads it."""
    return {"zh": label.zh, "en": label.en} if label.en else label.zh
