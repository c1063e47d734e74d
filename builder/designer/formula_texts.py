"""What the formula editor's script says, in the reader's language."""

from runtime.screens.i18n import _


def editor_texts() -> dict[str, str]:
    """Return the texts by the keys the script uses; `{name}` is filled there."""
    return {
        "editor": _("公式"),
        "hint": _("写公式，或打拼音首字母找字段，例如 sl → 数量"),
        "fine": _("结果是%(what)s", what="{what}"),
        "empty": _("公式还是空的"),
        "wrong": _("有 %(n)s 处要改", n="{n}"),
        "typed": _("手填"),
        "offline": _("连接不上服务器，你写的还在这里"),
        "refused": _("检查没有成功，你写的还在这里"),
        "use": _("改成 %(what)s", what="{what}"),
        "noRecord": _("不用记录，只用手填的值"),
        "noRecords": _("没有找到记录"),
        "record": _("试算用的记录"),
        "row": _("第 %(n)s 行", n="{n}"),
        "moreLines": _("还有 %(n)s 行没有列出", n="{n}"),
        "result": _("结果"),
        "noTrial": _("公式没有错误时，这里显示它的值"),
        "noFields": _("这个公式不读取任何字段"),
        "typeValue": _("给 %(what)s 手填一个值", what="{what}"),
        "fields": _("字段"),
        "functions": _("函数"),
        "line": _("本行字段"),
        "header": _("表头字段"),
        "through": _("关联记录的字段"),
        "column": _("明细的列"),
        "other": _("其他表单的列"),
        "nothing": _("没有找到“%(what)s”", what="{what}"),
        "examples": _("例子"),
        "aliases": _("也可以写"),
        "insert": _("插入"),
        "copied": _("已复制"),
        "notCopied": _("浏览器不让复制，请手动选择"),
        "leave": _("公式还没有保存"),
        "pickFunction": _("光标放在函数名上按 F1，或在列表里选一个函数"),
        "more": _("还有 %(n)s 个，继续输入可以缩小范围", n="{n}"),
    }
