"""What acts, sources and things of the audit trail are called, and what changed, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from runtime.compile import App, Form
from runtime.infra.audit import AuditEntry
from runtime.screens.i18n import _, label

NOTHING = "—"


def actions() -> Mapping[str, str]:
    """Return the words for what is done."""
    return {
        "create": _("新建"), "update": _("修改"), "delete": _("删除"), "restore": _("恢复"),
        "submit": _("提交"), "approve": _("同意"), "reject": _("退回"), "cancel": _("作废"),
        "post": _("过账"), "comment": _("评论"), "import": _("导入"), "export": _("导出"),
        "print": _("打印"),
        "publish": _("发布"), "purge": _("清除旧数据"), "sign_in": _("登录"),
        "sign_out": _("退出登录"), "reset_password": _("重设密码"),
        "change_password": _("修改密码"), "invite": _("邀请"), "accept": _("接受邀请"),
        "confirm": _("确认身份"), "look_up": _("查看审计记录"),
    }  # fmt: skip


def sources() -> Mapping[str, str]:
    """Return the words for where acts come from."""
    return {
        "screen": _("页面"), "api": _("接口"), "import": _("导入"), "flow": _("流程"),
        "public": _("公开链接"), "system": _("系统"),
    }  # fmt: skip


def things() -> Mapping[str, str]:
    """Return the words for what is no form of an app."""
    return {
        "user": _("用户"), "token": _("接口令牌"), "session": _("登录"),
        "invitation": _("邀请"), "second_factor": _("两步验证"), "department": _("部门"),
        "app": _("应用"), "draft": _("应用草稿"), "import": _("导入"), "file": _("文件"),
        "audit": _("审计记录"),
    }  # fmt: skip


def forms(apps: tuple[App, ...]) -> dict[str, Form]:
    """Return every form by the name it has in the trail."""
    return {f"{app.code}.{form.code}": form for app in apps for form in app.forms.values()}


def thing_of(entry: AuditEntry, known: Mapping[str, Form]) -> str:
    """Return what an entry is about: the form's label, with the number of the record."""
    name = entry.form or ""
    form = known.get(name)
    text = label(form.label) if form else things().get(name, name)
    number = f" #{entry.record_id}" if entry.record_id is not None else ""
    return f"{text}{number}" or NOTHING


def told(changes: Mapping[str, Any], form: Form | None) -> Iterator[tuple[str, str, str]]:
    """Yield (what, before, after) for everything an entry says; before is empty where it was."""
    rest = dict(changes)
    fields = rest.pop("fields", {})
    labels = {field.code: label(field.label) for field in form.fields} if form else {}
    if isinstance(fields, Mapping):
        yield from _pairs(fields, labels)
    lines = rest.pop("lines", {})
    for code, table in lines.items() if isinstance(lines, Mapping) else ():
        yield from _lines(code, table, form)
    yield from _pairs(rest, {})


def _lines(code: str, table: Any, form: Form | None) -> Iterator[tuple[str, str, str]]:
    known = next((each for each in form.lines if each.code == code), None) if form else None
    labels = {field.code: label(field.label) for field in known.fields} if known else {}
    called = label(known.label) if known else code
    for line in table.get("removed", ()):
        for name, value in line["values"].items():
            yield _place(called, line["line"], labels.get(name, name)), text_of(value), NOTHING
    for line in table.get("changed", ()):
        for name, before, after in _pairs(line["fields"], labels):
            yield _place(called, line["line"], name), before, after
    for line in table.get("added", ()):
        for name, value in line["values"].items():
            yield _place(called, line["line"], labels.get(name, name)), "", text_of(value)


def _place(table: str, number: int, name: str) -> str:
    return _("%(table)s第 %(n)s 行 %(name)s", table=table, n=number, name=name)


def _pairs(values: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name, value in values.items():
        if isinstance(value, list) and len(value) == 2:
            yield labels.get(name, name), text_of(value[0]), text_of(value[1])
        else:
            yield labels.get(name, name), "", text_of(value)


def text_of(value: Any) -> str:
    """Return a value as it was written down."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, (list, tuple)):
        return "，".join(map(text_of, value))
    if isinstance(value, Mapping):
        return "，".join(f"{name}: {text_of(each)}" for name, each in value.items())
    return str(value)
