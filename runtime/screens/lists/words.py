"""Conditions in words: comparisons, spans of days, values the way people read them."""

from collections.abc import Mapping
from typing import Final

from runtime import query
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.kinds.families import DEPARTMENTS, PEOPLE
from runtime.kinds.options import option_label
from runtime.query import Filter, Where
from runtime.query.called import called
from runtime.query.filters import ME
from runtime.query.labels import titles
from runtime.query.spans import COUNTED
from runtime.query.where import STATUS, Part, Place, place_of
from runtime.screens.i18n import _, joined, label, locale
from runtime.screens.statuses import status_text

NO_VALUE: Final = frozenset({"empty", "not_empty", "is_true", "is_false"})
OPTIONED: Final = frozenset({"choice", "multi_choice"})


def operator_text(code: str) -> str:
    """Return the word for a comparison."""
    words = {
        "contains": _("包含"), "equals": _("等于"), "starts": _("开头是"),
        "within": _("属于"), "eq": "=", "ne": "≠",
        "lt": "<", "le": "≤", "gt": ">", "ge": "≥", "between": _("介于"), "on": _("是"),
        "before": _("早于"), "after": _("晚于"), "relative": _("在"), "any_of": _("是"),
        "none_of": _("不是"), "has_any": _("含有"), "is_true": _("为是"), "is_false": _("为否"),
        "empty": _("为空"), "not_empty": _("不为空"),
    }  # fmt: skip
    return words.get(code, code)


def span_words() -> Mapping[str, str]:
    """Return the spans of days a filter may name."""
    return {
        "today": _("今天"), "yesterday": _("昨天"), "tomorrow": _("明天"),
        "this_week": _("本周"), "last_week": _("上周"), "next_week": _("下周"),
        "this_month": _("本月"), "last_month": _("上月"), "next_month": _("下月"),
        "this_quarter": _("本季度"), "last_quarter": _("上季度"),
        "this_year": _("今年"), "last_year": _("去年"),
        "last_7_days": _("近 7 天"), "last_30_days": _("近 30 天"),
        "next_7_days": _("未来 7 天"), "next_30_days": _("未来 30 天"),
        "last_days": _("近几天…"), "next_days": _("未来几天…"),
    }  # fmt: skip


def field_text(form: Form, place: Place) -> str:
    """Return what a condition's field is called, with what it stands in."""
    own = label(place.field.label)
    if place.lines is not None:
        return f"{label(form.lines_of(place.lines).label)} · {own}"
    return f"{label(place.reference.label)} · {own}" if place.reference else own


def leaf_words(act: Act, form: Form, item: Filter) -> tuple[str, str, str] | None:
    """Return field, comparison and value of one condition; None for what is not theirs to see."""
    if item.field == STATUS:
        value = joined(status_text(each) for each in item.values)
        return _("状态"), operator_text(item.operator), value
    place = place_of(act, form, item.field)
    if place is None:
        return None
    value = _value_text(act, form, place, item)
    return field_text(form, place), operator_text(item.operator), value


def where_words(act: Act, form: Form, part: Part) -> str:
    """Return conditions as one sentence."""
    if isinstance(part, Filter):
        return " ".join(filter(None, leaf_words(act, form, part) or ("…",)))
    inner = [_bracketed(act, form, each) for each in part.parts]
    if part.join == "not":
        return _("并非（%(what)s）", what=where_words(act, form, part.parts[0]))
    return (_(" 或 ") if part.join == "any" else _(" 且 ")).join(inner)


def _bracketed(act: Act, form: Form, part: Part) -> str:
    words = where_words(act, form, part)
    is_several = isinstance(part, Where) and part.join != "not" and len(part.parts) > 1
    return f"（{words}）" if is_several else words


def _value_text(act: Act, form: Form, place: Place, item: Filter) -> str:
    field, values = place.field, item.values
    if not values:
        return ""
    if item.operator == "relative":
        return _span_text(values)
    if item.operator == "between":
        return _("%(low)s 到 %(high)s", low=values[0], high=values[-1])
    if field.stored.kind in OPTIONED:
        return joined(option_label(field.stored_as, v, locale()) for v in values)
    return _named(act, form, field, values)


def _named(act: Act, form: Form, field: Field, values: tuple[str, ...]) -> str:
    ids = [int(value) for value in values if value.isdecimal()]
    if field.stored.kind in PEOPLE | DEPARTMENTS:
        me = [_("我")] if ME in values else []
        return joined([*me, *called(act.connection, field.stored.kind, ids).values()])
    if field.target:
        known = titles(act, form.siblings[field.target], ids)
        return joined(known.get(key, f"#{key}") for key in ids)
    return joined(values)


def _span_text(values: tuple[str, ...]) -> str:
    word, days = values[0], values[1] if len(values) > 1 else "1"
    if word in COUNTED:
        words = {"last_days": _("近 %(n)s 天", n=days), "next_days": _("未来 %(n)s 天", n=days)}
        return words[word]
    return span_words().get(word, word)


def described(act: Act, form: Form, state_filters: tuple[Filter, ...], where: Where | None) -> str:
    """Return all conditions of a list as one sentence, empty without any."""
    parts: tuple[Part, ...] = (*state_filters, *(() if where is None else (where,)))
    return where_words(act, form, query.Where("all", parts)) if parts else ""
