"""The addresses of the property panel and of the tabs beside the canvas."""

from typing import Final

from builder.designer import (
    access_condition,
    access_tab,
    formula_dialog,
    lists_tab,
    panel,
    prints_tab,
    retype_view,
    rules_panel,
    uses_view,
    views_tab,
)
from runtime.screens import Url

FORM: Final = "/design/<app_code>/forms/<form_code>"
PRINT: Final = f"{FORM}/prints/templates/<printout_code>"

URLS: Final = (
    Url(f"{FORM}/panel", "form_panel", panel.form_panel),
    Url(f"{FORM}/panel/more", "panel_more", uses_view.panel_more),
    Url(f"{FORM}/uses", "field_uses", uses_view.field_uses),
    Url(f"{FORM}/dry-run", "dry_run", retype_view.dry_run_of),
    Url(f"{FORM}/dry-run/failing", "failing_values", retype_view.failing_values),
    Url(f"{FORM}/rules", "form_rules", rules_panel.form_rules),
    Url(f"{FORM}/rules/edit", "edit_rule", rules_panel.edit_rule),
    Url(f"{FORM}/access", "form_access", access_tab.form_access),
    Url(f"{FORM}/access/condition", "access_condition", access_condition.access_condition),
    Url(f"{FORM}/lists", "form_lists", lists_tab.form_lists),
    Url(f"{FORM}/prints", "form_prints", prints_tab.form_prints),
    Url(f"{FORM}/prints", "upload_printout", prints_tab.upload_printout, ("POST",)),
    Url(f"{FORM}/prints/starter", "starter_template", prints_tab.starter_template),
    Url(PRINT, "change_printout", prints_tab.change_printout, ("POST",)),
    Url(f"{PRINT}/file", "printout_file", prints_tab.printout_file),
    Url(f"{PRINT}/trial", "try_printout", prints_tab.try_printout, ("POST",)),
    Url(f"{FORM}/views/edit", "edit_view", views_tab.edit_view),
    Url(f"{FORM}/formula", "formula_dialog", formula_dialog.formula_dialog),
)
