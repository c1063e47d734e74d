"""The addresses of the property panel and of the tabs beside the canvas."""

from typing import Final

from builder.designer import (
    access_tab,
    formula_dialog,
    lists_tab,
    panel,
    retype_view,
    rules_panel,
    uses_view,
)
from runtime.screens import Url

FORM: Final = "/design/<app_code>/forms/<form_code>"

URLS: Final = (
    Url(f"{FORM}/panel", "form_panel", panel.form_panel),
    Url(f"{FORM}/panel/more", "panel_more", uses_view.panel_more),
    Url(f"{FORM}/uses", "field_uses", uses_view.field_uses),
    Url(f"{FORM}/dry-run", "dry_run", retype_view.dry_run_of),
    Url(f"{FORM}/dry-run/failing", "failing_values", retype_view.failing_values),
    Url(f"{FORM}/rules", "form_rules", rules_panel.form_rules),
    Url(f"{FORM}/rules/edit", "edit_rule", rules_panel.edit_rule),
    Url(f"{FORM}/access", "form_access", access_tab.form_access),
    Url(f"{FORM}/lists", "form_lists", lists_tab.form_lists),
    Url(f"{FORM}/formula", "formula_dialog", formula_dialog.formula_dialog),
)
