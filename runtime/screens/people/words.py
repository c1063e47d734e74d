"""What the pages about people call things."""

from collections.abc import Iterator

from runtime.definitions import GrantDef
from runtime.infra.act import Act
from runtime.infra.departments import Department
from runtime.screens.acting import platform
from runtime.screens.i18n import _, label


def verbs() -> dict[str, str]:
    """The verbs of a grant."""
    return {
        "view": _("查看"), "create": _("新建"), "update": _("编辑"), "submit": _("提交"),
        "cancel": _("作废"), "delete": _("删除"), "import": _("导入"), "export": _("导出"),
        "print": _("打印"), "bulk": _("批量处理"), "manage": _("管理视图"),
    }  # fmt: skip


def scope(grant: GrantDef) -> str:
    """Whose records a grant reaches."""
    words = {
        "all": _("全部数据"),
        "own": _("本人的"),
        "department": _("本部门的"),
        "department_tree": _("本部门和下级部门的"),
        "subordinates": _("本人和下属的"),
    }
    return words.get(grant.rows) or _("符合条件的：%(condition)s", condition=grant.condition)


def roles_of_apps(act: Act) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Yield the apps with their roles; roles that go by one name in two apps are one role."""
    for app in platform().catalogue.apps(act.connection):
        roles = tuple((role.code, label(role.label)) for role in app.roles.values())
        if roles:
            yield label(app.label), roles


def role_names(act: Act) -> dict[str, str]:
    """What roles are called, by code."""
    return {code: text for _app, roles in roles_of_apps(act) for code, text in roles}


def full_name(each: Department, known: dict[int, Department]) -> str:
    """A department with those above it: 总部 / 仓储."""
    above = known.get(each.parent_id or 0)
    return each.name if above is None else f"{full_name(above, known)} / {each.name}"
