"""What the options of kinds are called in the property panel, in both languages."""

from typing import Any

from builder.designer.formula_words import kind_text
from runtime.kinds.fields.formula import RESULTS
from runtime.screens.i18n import _


def option_word(title: str, name: str) -> str:
    """Return what an option is called: by its title in the schema, else by its name."""
    known = _names()
    return _titles().get(title) or title or known.get(name, name)


def note_word(description: str) -> str:
    """Return what an option's description says."""
    return description


def choice_word(name: str, value: Any) -> str:
    """Return what one value of an option is called."""
    if name == "result" and value in RESULTS:
        return kind_text(str(value))
    found = _values().get((name, str(value)))
    return found or str(value) or _("无")


def _names() -> dict[str, str]:
    return {
        "places": _("小数位"), "min": _("最小值"), "max": _("最大值"),
        "min_exclusive": _("不能等于最小值"), "currency": _("币种"),
        "max_length": _("最多字数"), "min_length": _("最少字数"), "rows": _("显示行数"),
        "zone": _("时区"), "max_files": _("最多文件数"), "current": _("默认为当前用户"),
        "prefix": _("前缀"), "date": _("日期部分"), "width": _("序号位数"),
        "reset": _("重新计数"), "live": _("随来源更新"), "result": _("结果类型"),
        "form": _("关联表单"), "reference": _("关联字段"), "field": _("字段"),
        "columns": _("选择时显示的列"), "fill": _("选中后填入"), "measure": _("汇总方式"),
        "where": _("只汇总符合条件的"), "stops": _("回车停靠"), "stock": _("显示可用库存"),
        "set": _("选项集"), "options": _("选项"), "pattern": _("格式"),
    }  # fmt: skip


def _titles() -> dict[str, str]:
    """The titles schemas give, with their English in the texts of the screens."""
    return {text: text for text in _names().values()}


def _values() -> dict[tuple[str, str], str]:
    return {
        ("currency", "CNY"): _("人民币 ¥"), ("currency", "USD"): _("美元 $"),
        ("currency", "EUR"): _("欧元 €"), ("currency", "HKD"): _("港币 HK$"),
        ("currency", "JPY"): _("日元 ¥"),
        ("date", ""): _("不带日期"), ("date", "YYYY"): _("年，如 2026"),
        ("date", "YYYYMM"): _("年月，如 202611"), ("date", "YYMM"): _("年月，如 2611"),
        ("date", "YYYYMMDD"): _("年月日，如 20261122"), ("date", "YYMMDD"): _("年月日，如 261122"),
        ("reset", "never"): _("不重新计数"), ("reset", "year"): _("每年"),
        ("reset", "month"): _("每月"), ("reset", "day"): _("每天"),
        ("measure", "sum"): _("求和"), ("measure", "count"): _("条数"),
        ("measure", "min"): _("最小值"), ("measure", "max"): _("最大值"),
        ("measure", "average"): _("平均值"), ("measure", "distinct"): _("不重复个数"),
    }  # fmt: skip
