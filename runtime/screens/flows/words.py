"""What runs of automations are called: their states, what set them off, what a step is."""

from collections.abc import Mapping

from runtime.screens.i18n import _


def run_state(state: str) -> tuple[str, str]:
    """Return the word for the state of a run, and the tone of its tag."""
    words = {
        "running": (_("进行中"), "info"),
        "approved": (_("完成"), "ok"),
        "rejected": (_("没有通过"), "warn"),
        "failed": (_("失败"), "err"),
        "terminated": (_("已终止"), "off"),
        "withdrawn": (_("已撤回"), "off"),
    }
    return words.get(state, (state, "off"))


def run_states() -> Mapping[str, str]:
    """The states one can ask for."""
    return {code: run_state(code)[0] for code in ("failed", "running", "approved", "rejected")}


def step_state(state: str) -> tuple[str, str, str]:
    """Return the word for what became of a step, its kind in a story, and its icon."""
    words = {
        "done": (_("完成"), "done", "check"),
        "waiting": (_("等待"), "now", ""),
        "failed": (_("失败"), "bad", "x"),
        "undone": (_("已还原"), "back", "arrow-back-up"),
    }
    return words.get(state, (state, "off", ""))


def set_off_by(code: str) -> str:
    """Say what set a run off."""
    words = {
        "create": _("新建记录"),
        "change": _("记录修改"),
        "delete": _("记录删除"),
        "schedule": _("定时"),
        "date": _("到日期"),
        "webhook": _("外部系统"),
        "button": _("按钮"),
        "call": _("被流程调用"),
    }
    return words.get(code, code)


def kind_of(kind: str) -> str:
    """What a step does."""
    words = {
        "branch": _("条件分支"),
        "parallel": _("并行"),
        "find": _("查找记录"),
        "create": _("新建记录"),
        "update": _("修改记录"),
        "delete": _("删除记录"),
        "convert": _("转单"),
        "post": _("过账"),
        "calculate": _("计算"),
        "notify": _("通知"),
        "copy": _("抄送"),
        "http": _("调用接口"),
        "wait": _("等待"),
        "loop": _("逐行处理"),
        "subflow": _("子流程"),
        "end": _("结束"),
    }
    return words.get(kind, kind)
