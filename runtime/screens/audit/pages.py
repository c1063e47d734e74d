"""Looking things up in the audit trail; that one looked is an entry itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import Response, url_for

from runtime.compile import Form
from runtime.infra import audit as trail
from runtime.infra import audit_chain, audit_search, users
from runtime.infra.act import Act
from runtime.infra.audit import AuditEntry
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.audit import asked, words
from runtime.screens.i18n import _, instant, label, zone
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.tables import BookPage, Box, Cell, Column, Empty, Line, Tab, Table

SHOWN: Final = 50
TOLD: Final = 3
TONES: Final = {"delete": "err", "purge": "err", "cancel": "warn", "reject": "warn"}


@permission("admin")
def audit() -> Response:
    """Show who did what, the latest first."""
    with reading() as act:
        known = words.forms(platform().catalogue.apps(act.connection))
        entries = audit_search.found(
            act.connection, asked.search(), before=asked.before(), limit=SHOWN + 1
        )
        page = BookPage(
            title=_("审计记录"),
            base=url_for("screens.audit"),
            note=_sealed(act),
            boxes=tuple(_boxes(act, known)),
            tables=(_table(entries, known),),
            links=(Tab(_("导出 CSV"), asked.address("screens.export_audit")),),
        )
        answer = render("book_page.html", "list", p=page)
    looked({name: value for name, value in asked.values().items() if value})
    return answer


@permission("admin")
def audit_entry(entry_id: int) -> Response:
    """Show one entry whole: every value before and after."""
    with reading() as act:
        entry = audit_search.get(act.connection, entry_id)
        known = words.forms(platform().catalogue.apps(act.connection))
        answer = render("audit/entry.html", entry=entry, **_closer(entry, known))
    looked({"entry": entry_id})
    return answer


def looked(what: Mapping[str, Any]) -> None:
    """Write down that somebody looked; without that, nobody sees anything."""
    carry_out(lambda act: trail.write(act, "look_up", "audit", None, what))


def moment(entry: AuditEntry) -> str:
    """Return when it was, to the second, where the company is."""
    return entry.at.astimezone(zone()).strftime("%Y-%m-%d %H:%M:%S")


def _sealed(act: Act) -> str:
    last = audit_chain.head(act.connection)
    if last is None:
        return _("还没有封存")
    return _("已封存到 %(when)s", when=instant(last.at))


def _boxes(act: Act, known: Mapping[str, Form]) -> Iterator[Box]:
    value = asked.values()
    hint = _("字段、内容，或 #记录编号")
    yield Box("q", _("搜索审计记录"), "search", value["q"], hint=hint)
    everyone = [(str(each.id), each.display_name) for each in users.everybody(act.connection)]
    people = (("", _("所有人")), (asked.SYSTEM, _("系统")), *everyone)
    yield Box("who", _("谁"), "choice", value["who"], people)
    done = (("", _("所有操作")), *words.actions().items())
    yield Box("action", _("做了什么"), "choice", value["action"], done)
    called = [(name, label(form.label)) for name, form in known.items()]
    of = (("", _("所有表单")), *called, *words.things().items())
    yield Box("form", _("表单"), "choice", value["form"], of)
    form = known.get(value["form"])
    if form is not None:
        fields = (("", _("所有字段")), *((field.code, label(field.label)) for field in form.fields))
        yield Box("field", _("字段"), "choice", value["field"], fields)
    came = (("", _("所有来源")), *words.sources().items())
    yield Box("source", _("来源"), "choice", value["source"], came)
    yield Box("first", _("从"), "date", value["first"])
    yield Box("last", _("到"), "date", value["last"])


def _table(entries: tuple[AuditEntry, ...], known: Mapping[str, Form]) -> Table:
    columns = (
        Column(_("时间")),
        Column(_("谁"), "named"),
        Column(_("做了什么")),
        Column(_("对象"), "named"),
        Column(_("改动"), "more"),
        Column(_("来源")),
    )
    shown = entries[:SHOWN]
    more = len(entries) > SHOWN
    return Table(
        label=_("审计记录"),
        columns=columns,
        lines=tuple(_line(entry, known) for entry in shown),
        empty=Empty(_("没有符合条件的记录。放宽时间或筛选再看。")),
        note=_("%(n)s 条", n=len(shown)) if not more else _("最近 %(n)s 条", n=len(shown)),
        first=asked.address("screens.audit") if asked.before() else "",
        next=asked.address("screens.audit", before=shown[-1].id) if more else "",
    )


def _line(entry: AuditEntry, known: Mapping[str, Form]) -> Line:
    href = url_for("screens.audit_entry", entry_id=entry.id)
    said = list(words.told(entry.changes, known.get(entry.form or "")))
    told = "；".join(_sentence(*each) for each in said[:TOLD])
    left = _("，共 %(n)s 处", n=len(said)) if len(said) > TOLD else ""
    return Line(
        str(entry.id),
        (
            Cell(moment(entry), href),
            Cell(entry.user_name if entry.user_id else _("系统")),
            Cell(words.actions().get(entry.action, entry.action), tone=TONES.get(entry.action, "")),
            Cell(words.thing_of(entry, known)),
            Cell(told + left),
            Cell(words.sources().get(entry.source, entry.source)),
        ),
        href,
    )


def _sentence(name: str, before: str, after: str) -> str:
    cut = [text if len(text) <= 40 else f"{text[:40]}…" for text in (before, after)]
    return (
        f"{name}：{cut[0]} → {cut[1]}" if before not in ("", words.NOTHING) else f"{name}：{cut[1]}"
    )


def _closer(entry: AuditEntry, known: Mapping[str, Form]) -> dict[str, Any]:
    form = known.get(entry.form or "")
    record = None
    if form is not None and entry.record_id is not None:
        record = url_for(
            "screens.show_record",
            app_code=form.app_code,
            form_code=form.code,
            record_id=entry.record_id,
        )
    return {
        "at": moment(entry),
        "action": words.actions().get(entry.action, entry.action),
        "thing": words.thing_of(entry, known),
        "who": entry.user_name if entry.user_id else _("系统"),
        "source": words.sources().get(entry.source, entry.source),
        "changes": list(words.told(entry.changes, form)),
        "record": record,
    }
