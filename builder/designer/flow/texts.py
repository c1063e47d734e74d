"""What the scripts of the flow designer say."""

from runtime.screens.i18n import _


def flow_texts() -> dict[str, str]:
    """Return the texts by the names the scripts know them by."""
    return {
        "flow_added": _("已加入：{label}"), "flow_copied": _("已复制：{label}"),
        "flow_removed": _("已删除“{label}”"), "flow_moved": _("“{label}”移到第 {place} 位"),
        "flow_kept": _("已记下“{label}”，按 Ctrl V 放到选中的节点后面"),
        "flow_stays": _("这个节点不能删除"),
        "flow_rest": _("后面还有 {n} 个节点，它们放在哪里？"),
        "flow_json_wrong": _("这不是正确的 JSON：{why}"), "flow_json_kept": _("已按 JSON 修改"),
        "flow_yes": _("是"), "flow_no": _("否"), "flow_field": _("字段"),
        "flow_operator": _("怎样比较"), "flow_value": _("比较的值"),
        "flow_drop_row": _("去掉这个条件"), "flow_failed": _("没有算出来，请再试一次"),
        "flow_pick_field": _("选字段"),
    }  # fmt: skip
