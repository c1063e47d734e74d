"""What tasks are called in their states, and why they reach people, in words."""

from runtime.screens.i18n import _


def state_of(state: str) -> tuple[str, str]:
    """Return the word for what became of a task, and the tone of its tag."""
    words = {
        "approved": (_("已同意"), "ok"),
        "rejected": (_("已驳回"), "err"),
        "filled": (_("已办理"), "ok"),
        "sent_back": (_("已退回"), "warn"),
        "reassigned": (_("已转交"), "info"),
        "delegated": (_("已委托"), "info"),
        "withdrawn": (_("已撤回"), "off"),
        "removed": (_("已减签"), "off"),
        "passed": (_("自动通过"), "off"),
    }
    return words.get(state, ("", "off"))


def deed_of(kind: str) -> str:
    """What somebody did who answered no task by it; nothing for what is no news."""
    words = {
        "urged": _("催办"),
        "reminded": _("超时提醒"),
        "copied": _("抄送给"),
        "added": _("加签"),
        "removed": _("减签"),
        "taken_back": _("撤回了自己的处理"),
        "withdrawn": _("撤回单据"),
        "terminated": _("终止流程"),
        "reactivated": _("重新激活流程"),
    }
    return words.get(kind, "")


def why(reason: str, step: str, stands_for: str = "") -> str:
    """Say why a task reached its reader."""
    reasons = {
        "role": _("按角色轮到你：%(step)s", step=step),
        "user": _("流程指定你处理：%(step)s", step=step),
        "department": _("按部门轮到你：%(step)s", step=step),
        "initiator": _("流程请发起人处理：%(step)s", step=step),
        "manager": _("你是发起人的上级：%(step)s", step=step),
        "climb": _("逐级审批，到了你这一级：%(step)s", step=step),
        "field": _("单据里填的是你：%(step)s", step=step),
        "chosen": _("前面的人选了你：%(step)s", step=step),
        "formula": _("流程的公式算出是你：%(step)s", step=step),
        "step": _("你处理过前面的步骤：%(step)s", step=step),
        "escalated": _("没有别的审批人，转给管理员：%(step)s", step=step),
        "deputy": _("找不到本来的审批人，由你代为处理：%(step)s", step=step),
        "delegated": _("委托给你处理：%(step)s", step=step),
        "reassigned": _("转交给你处理：%(step)s", step=step),
        "added": _("加签请你处理：%(step)s", step=step),
        "returned": _("退回给你重新处理：%(step)s", step=step),
        "start": _("退回给你修改：%(step)s", step=step),
        "overdue": _("别人超时没有处理，升级给你：%(step)s", step=step),
    }
    told = reasons.get(reason, "")
    if told and stands_for:
        return _("%(why)s（代%(name)s）", why=told, name=stands_for)
    return told
