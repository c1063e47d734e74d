"""HTML for people: the URL table."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from flask import Blueprint, Flask

from runtime.screens import (
    account_rules,
    barcodes,
    costing_rules,
    departments,
    documents,
    explain,
    files,
    i18n,
    import_urls,
    jobs,
    lists,
    live_query,
    lookups,
    people,
    periods,
    public,
    regions,
    rules,
    sessions,
    statuses,
    stock,
    stock_ledger,
    stock_summary,
    stock_trace,
    why,
)
from runtime.screens.account import urls as account
from runtime.screens.audit import urls as audit
from runtime.screens.desk import urls as desk
from runtime.screens.errors import answer
from runtime.screens.flows import urls as flows
from runtime.screens.i18n import LANGUAGE_TAGS, locale, preferences, today
from runtime.screens.inbox import urls as inbox
from runtime.screens.lists_work import urls as lists_work
from runtime.screens.lists_work.offer import list_work
from runtime.screens.record import urls as record
from runtime.screens.render import asset, unchanging
from runtime.screens.scan import urls as scan
from runtime.screens.shell import shell_of_page
from runtime.screens.waiting import tasks_said
from runtime.screens.webhooks import urls as webhooks

__all__ = ["URLS", "Url", "answer", "init_app"]


class Url(NamedTuple):
    """One address: what answers it, under which name, to which methods."""

    rule: str
    endpoint: str
    view: Callable[..., Any]
    methods: tuple[str, ...] = ("GET",)


FORM: Final = "/a/<app_code>/<form_code>"
RECORD: Final = f"{FORM}/<int:record_id>"
STOCK: Final = "/stock/<app_code>"
BOOKS: Final = "/books/<app_code>"

URLS: Final = (
    *(Url(*each) for each in desk.URLS),
    *(Url(*each) for each in account.URLS),
    *(Url(*each) for each in scan.URLS),
    *(Url(*each) for each in audit.URLS),
    *(Url(*each) for each in people.URLS),
    *(Url(*each) for each in public.URLS),
    *(Url(*each) for each in webhooks.URLS),
    *(Url(*each) for each in record.URLS),
    Url("/sign-in", "sign_in", sessions.sign_in, ("GET", "POST")),
    Url("/sign-out", "sign_out", sessions.sign_out, ("POST",)),
    *(Url(*each) for each in inbox.URLS),
    *(Url(*each) for each in flows.URLS),
    Url(STOCK, "stock", stock.stock),
    Url(f"{STOCK}/ledger", "stock_ledger", stock_ledger.stock_ledger),
    Url(f"{STOCK}/layers", "stock_layers", stock_ledger.stock_layers),
    Url(f"{STOCK}/chain", "stock_chain", stock_ledger.stock_chain),
    Url(f"{STOCK}/available", "stock_available", stock_ledger.stock_available),
    Url(f"{STOCK}/reservations", "reservations", stock_summary.reservations),
    Url(f"{STOCK}/summary", "in_out_summary", stock_summary.in_out_summary),
    Url(f"{STOCK}/trace", "trace", stock_trace.trace),
    Url(f"{BOOKS}/periods", "periods", periods.periods),
    Url(f"{BOOKS}/periods/closing", "close_period", periods.close_period, ("POST",)),
    Url(f"{BOOKS}/periods/reopening", "reopen_period", periods.reopen_period, ("POST",)),
    Url(f"{BOOKS}/costing", "costing", costing_rules.costing),
    Url(f"{BOOKS}/costing/rules", "company_rules", costing_rules.company_rules),
    Url(f"{BOOKS}/costing/rules", "set_rules", costing_rules.set_rules, ("POST",)),
    Url(f"{BOOKS}/costing/item", "item_costing", costing_rules.item_costing),
    Url(f"{BOOKS}/costing/item", "change_policy", costing_rules.change_policy, ("POST",)),
    Url(f"{BOOKS}/accounts", "account_rules", account_rules.account_rules),
    Url(f"{BOOKS}/accounts", "set_account_rule", account_rules.set_account_rule, ("POST",)),
    Url(f"{BOOKS}/balances", "account_balances", account_rules.account_balances),
    Url("/jobs/<int:job_id>", "job", jobs.job),
    *(Url(*each) for each in lists.URLS),
    *(Url(*each) for each in lists_work.URLS),
    Url(FORM, "create_record", documents.create_record, ("POST",)),
    Url(f"{FORM}/new", "new_record", documents.new_record),
    Url(f"{FORM}/lookup/<field_path>", "lookup", lookups.lookup),
    Url(f"{FORM}/query/<field_code>", "live_query", live_query.live_query),
    Url(f"{FORM}/resolve", "resolve", lookups.resolve, ("POST",)),
    Url(f"{FORM}/stock", "line_stock", lookups.line_stock),
    Url(RECORD, "show_record", documents.show_record),
    Url(RECORD, "update_record", documents.update_record, ("POST",)),
    Url(f"{FORM}/rules", "rule_states", rules.rule_states, ("POST",)),
    Url(f"{RECORD}/rules", "rule_states_of", rules.rule_states, ("POST",)),
    Url(f"{FORM}/problems", "typed_problems", rules.typed_problems, ("POST",)),
    Url(f"{RECORD}/problems", "typed_problems_of", rules.typed_problems, ("POST",)),
    Url(f"{FORM}/path", "path_of_typed", rules.typed_path, ("POST",)),
    Url(f"{RECORD}/path", "path_of_record", rules.typed_path, ("POST",)),
    Url(f"{RECORD}/submission", "submit_record", documents.submit_record, ("POST",)),
    Url(f"{RECORD}/decision", "decide_record", documents.decide_record, ("POST",)),
    Url(f"{RECORD}/cancellation", "cancel_record", documents.cancel_record, ("POST",)),
    Url(f"{RECORD}/deletion", "delete_record", documents.delete_record, ("POST",)),
    Url(f"{RECORD}/why", "why", why.why),
    Url(f"{RECORD}/explain/<field_path>", "explain", explain.explain),
    Url(f"{RECORD}/history", "record_history", documents.record_history),
    Url("/departments", "departments", departments.departments_page),
    Url("/departments", "create_department", departments.create_department, ("POST",)),
    Url("/departments/<int:department_id>", "department", departments.departments_page),
    Url(
        "/departments/<int:department_id>",
        "change_department",
        departments.change_department,
        ("POST",),
    ),
    Url("/files", "upload_file", files.upload_file, ("POST",)),
    Url("/files/<int:file_id>", "download_file", files.download_file),
    Url("/files/<int:file_id>/picture", "show_picture", files.show_picture),
    Url("/regions", "region_tree", regions.region_tree),
    Url("/barcodes/<symbology>", "barcode", barcodes.barcode),
    *(Url(*each) for each in import_urls.URLS),
)


def init_app(app: Flask) -> None:
    """Add every address and what the templates lean on."""
    i18n.init_app(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        status_text=statuses.status_text, status_tone=statuses.status_tone, tasks=tasks_said
    )
    app.jinja_env.globals.update(
        list_work=list_work,
        shell_of_page=shell_of_page,
        asset=asset,
        unchanging=unchanging,
        today=today,
    )
    app.context_processor(_reader)
    room = Blueprint("screens", __name__)
    for url in URLS:
        room.add_url_rule(url.rule, url.endpoint, url.view, methods=url.methods)
    app.register_blueprint(room)


def _reader() -> dict[str, Any]:
    """What every template knows of the person who reads it."""
    return {"preferences": preferences(), "language_tag": LANGUAGE_TAGS[locale()]}
