"""What events, states and attempts are called."""

from runtime.infra.outbox import EVENTS, PING, Attempt
from runtime.screens.i18n import _, said


def events() -> tuple[tuple[str, str], ...]:
    """Every event with what people call it."""
    return tuple((event, event_text(event)) for event in EVENTS)


def event_text(event: str) -> str:
    """Return what people call an event."""
    return {
        "create": _("记录新建"),
        "update": _("记录修改"),
        "submit": _("单据提交"),
        "approve": _("审批同意"),
        "reject": _("审批驳回"),
        "post": _("单据记账"),
        "cancel": _("单据作废"),
        "delete": _("记录删除"),
        "undelete": _("回收站恢复"),
        "purge": _("回收站清除"),
        PING: _("推送测试"),
    }.get(event, event)


def state_of(state: str) -> tuple[str, str]:
    """Return what people call a state, and the tone of its tag."""
    return {
        "waiting": (_("等待发送"), "tag-info"),
        "sending": (_("正在发送"), "tag-info"),
        "delivered": (_("已送达"), "tag-ok"),
        "withheld": (_("没有发送"), ""),
        "dead": (_("已放弃"), "tag-err"),
    }.get(state, (state, ""))


def attempt_text(attempt: Attempt | None) -> str:
    """Return how the last attempt went."""
    if attempt is None:
        return ""
    if attempt.status is not None:
        return _("对方答复 %(status)s，%(ms)s 毫秒", status=attempt.status, ms=attempt.ms)
    return said(attempt.error)
