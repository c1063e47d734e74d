"""What the scripts of the form designer say."""

from runtime.screens.i18n import _


def studio_texts() -> dict[str, str]:
    """Return the texts by the names the scripts know them by."""
    return {
        "saved": _("草稿已保存"), "saving": _("正在保存…"), "unsaved": _("没有保存"),
        "undo": _("撤销"), "undone": _("已撤销"), "redone": _("已重做"),
        "nothing_to_undo": _("没有可以撤销的改动"), "nothing_to_redo": _("没有可以重做的改动"),
        "added": _("已加入：{label}"), "removed": _("“{label}”已移入回收站，填过的数据不动"),
        "section_removed": _("已删除分组“{label}”"), "duplicated": _("已复制：{label}"),
        "restored": _("已恢复：{label}"), "moved": _("“{label}”移到第 {place} 位"),
        "moved_section": _("分组“{label}”移到第 {place} 位"), "at_end": _("已经到头了"),
        "resized": _("“{label}”宽 {width} 格（共 12 格）"), "required": _("“{label}”必填"),
        "optional": _("“{label}”可不填"), "no_answer": _("连接不上服务器，这一步没有保存"),
        "refused": _("这一步没有成功"), "new_section": _("新分组"), "new_tab": _("新标签页"),
        "tab_removed": _("已删除标签页“{label}”，里面的分组还在"), "first_tab": _("第一页"),
        "nothing_found": _("没有符合“{text}”的字段类型"), "insert_into": _("加到“{label}”后面"),
        "insert_table": _("加到明细“{label}”里"), "insert_end": _("加到最后一组"),
        "published": _("已发布，现在是版本 {version}"),
        "required_button": _("必填"), "duplicate_button": _("复制"),
        "delete_button": _("删除"), "earlier": _("前移"), "later": _("后移"),
        "wider": _("加宽"), "narrower": _("收窄"),
    }  # fmt: skip
