"""What somebody's roles come to, and why: the verbs of a form, its fields, one record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flask import request

from runtime import access
from runtime.compile import App, Form
from runtime.definitions import GrantDef, RoleDef
from runtime.infra.act import Act, Actor
from runtime.infra.users import User
from runtime.query import reach
from runtime.screens.acting import platform
from runtime.screens.i18n import _, joined, label
from runtime.screens.people import words


@dataclass(frozen=True)
class VerbRow:
    """Something one can do with a form: whether they may, by which roles, to whose records."""

    text: str
    is_allowed: bool
    why: str


@dataclass(frozen=True)
class FieldRow:
    """A field somebody does not see or cannot fill in, and why."""

    label: str
    access: str
    why: str


@dataclass(frozen=True)
class RecordAnswer:
    """Whether one record can be seen and changed, with the reasons."""

    is_seen: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class RightsView:
    """What the page shows; `form` is None until one is chosen."""

    apps: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    chosen: str
    form: str = ""
    verbs: tuple[VerbRow, ...] = ()
    fields: tuple[FieldRow, ...] = ()
    record_id: int | None = None
    record: RecordAnswer | None = None
    is_unknown: bool = False


def rights_of(act: Act, person: User, record_id: int | None) -> RightsView:
    """Explain what a person may do with the form that was asked about, if one was."""
    chosen = request.args.get("form", "")
    apps = tuple(_apps(act))
    view = RightsView(apps, chosen, record_id=record_id)
    form = _form(act, chosen)
    if form is None:
        return view
    actor = person.actor("screen")
    asked = _Asked(act, person, actor, form)
    return replace(
        view,
        form=label(form.label),
        verbs=tuple(asked.verbs()),
        fields=tuple(asked.fields()),
        record=None if record_id is None else asked.record(record_id),
        is_unknown=record_id is not None and not reach.exists(act, form, record_id),
    )


def _apps(act: Act) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    for app in platform().catalogue.apps(act.connection):
        forms = ((f"{app.code}.{form.code}", label(form.label)) for form in app.forms.values())
        yield app.code, label(app.label), tuple(forms)


def _form(act: Act, chosen: str) -> Form | None:
    code, _dot, form = chosen.partition(".")
    apps: Mapping[str, App] = {
        each.code: each for each in platform().catalogue.apps(act.connection)
    }
    return apps[code].forms.get(form) if code in apps else None


@dataclass(frozen=True)
class _Asked:
    """One question: this person, this form."""

    act: Act
    person: User
    actor: Actor
    form: Form

    def verbs(self) -> Iterator[VerbRow]:
        """Each verb, with the roles that give it and the records they give it for."""
        for verb, text in words.verbs().items():
            if verb in {"submit", "cancel"} and not self.form.is_document:
                continue
            is_allowed = access.may(self.actor, verb, self.form)
            yield VerbRow(
                text, is_allowed, self._why(verb) if is_allowed else _("没有角色给这个权限")
            )

    def _why(self, verb: str) -> str:
        if self.actor.is_admin:
            return _("管理员什么都可以")
        given = access.granted(self.actor.rights, verb, self.form)
        return joined(dict.fromkeys(self._given(role, grant) for role, grant in given))

    def _given(self, role: RoleDef | None, grant: GrantDef) -> str:
        who = self._role(role) if role else ""
        return _("%(role)s：%(scope)s", role=who, scope=words.scope(grant))

    def _role(self, role: RoleDef) -> str:
        """A role, and how the person comes by it."""
        name = label(role.label)
        if role.code in self.person.roles:
            return name
        if role.code in self.person.lent:
            return _("%(role)s（由部门得到）", role=name)
        lending = [
            label(each.label)
            for each in access.held(self.actor.roles, self.form.roles)
            if role.code in each.includes
        ]
        return _("%(role)s（包含在%(by)s里）", role=name, by=joined(lending))

    def fields(self) -> Iterator[FieldRow]:
        """The fields that are hidden or locked."""
        if self.actor.is_admin or not access.may(self.actor, "view", self.form):
            return
        named = access.named_hidden(self.actor, self.form)
        hidden = access.hidden_fields(self.actor, self.form)
        fixed = access.fixed_fields(self.actor, self.form, "update")
        for path, text in self._paths():
            if path in named or path.partition(".")[0] in named:
                yield FieldRow(text, _("看不到"), _("他的每个角色都隐藏了它"))
            elif path in hidden:
                yield FieldRow(text, _("看不到"), _("由看不到的字段算出来"))
            elif path in fixed:
                yield FieldRow(text, _("只能看"), _("他能编辑的角色都锁定了它"))

    def _paths(self) -> Iterator[tuple[str, str]]:
        for field in self.form.fields:
            yield field.code, label(field.label)
        for table in self.form.lines:
            for field in table.fields:
                text = f"{label(table.label)}.{label(field.label)}"
                yield f"{table.code}.{field.code}", text

    def record(self, record_id: int) -> RecordAnswer:
        """Why one record can be seen, or why it cannot."""
        if self.actor.is_admin:
            return RecordAnswer(is_seen=True, reasons=(_("管理员什么都可以"),))
        found = list(reach.reached(self.act, self.actor, self.form, "view", record_id))
        reaching = tuple(self._reason(each) for each in found if each.is_reached)
        if reaching:
            return RecordAnswer(is_seen=True, reasons=reaching)
        missing = tuple(_("%(why)s，不包括这一条", why=self._reason(each)) for each in found) or (
            _("没有角色让他查看这张表单"),
        )
        return RecordAnswer(is_seen=False, reasons=missing)

    def _reason(self, each: reach.Reached) -> str:
        if each.grant is None:
            return _("请他审批过这张单据")
        return self._given(each.role, each.grant)
