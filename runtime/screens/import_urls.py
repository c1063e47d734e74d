"""The addresses of the import wizard: rule, endpoint, view, methods."""

from typing import Any, Final

from runtime.screens import import_column, import_rows, import_tables, import_whole, imports

IMPORT: Final = "/imports/<app_code>/<int:batch_id>"
POST: Final = ("POST",)

URLS: Final[tuple[tuple[Any, ...], ...]] = (
    ("/imports/<app_code>", "new_import", imports.new_import),
    ("/imports/<app_code>", "create_import", imports.create_import, POST),
    ("/imports/<app_code>/<form_code>.xlsx", "import_template", import_rows.import_template),
    (IMPORT, "import_table", import_tables.import_table),
    (IMPORT, "correct_import_table", import_tables.correct_import_table, POST),
    (f"{IMPORT}/undone", "undo_import_correction", import_tables.undo_import_correction, POST),
    (f"{IMPORT}/redone", "redo_import_correction", import_tables.redo_import_correction, POST),
    (f"{IMPORT}/columns", "import_columns", imports.import_columns),
    (f"{IMPORT}/columns", "choose_import_columns", imports.choose_import_columns, POST),
    (f"{IMPORT}/check", "import_check", imports.import_check),
    (f"{IMPORT}/run", "import_run", imports.import_run),
    (f"{IMPORT}/run", "start_import", imports.start_import, POST),
    (f"{IMPORT}/rows", "import_rows", import_rows.import_rows),
    (f"{IMPORT}/rows", "correct_import_rows", import_rows.correct_import_rows, POST),
    (f"{IMPORT}/rows.xlsx", "failed_import_rows", import_rows.failed_import_rows),
    (f"{IMPORT}/whole", "import_whole", import_whole.import_whole),
    (f"{IMPORT}/whole", "decide_import_whole", import_whole.decide_import_whole, POST),
    (f"{IMPORT}/whole/again", "repeat_import_whole", import_whole.repeat_import_whole, POST),
    (f"{IMPORT}/whole/column", "import_column", import_column.import_column),
    (f"{IMPORT}/whole/column", "correct_import_column", import_column.correct_import_column, POST),
    (f"{IMPORT}/whole/check", "import_whole_check", import_whole.import_whole_check),
    (f"{IMPORT}/whole/run", "import_whole_run", import_whole.import_whole_run),
    (f"{IMPORT}/whole/run", "start_import_whole", import_whole.start_import_whole, POST),
    (f"{IMPORT}/whole/undoing", "undo_import_whole", import_whole.undo_import_whole, POST),
    (f"{IMPORT}/undoing", "undo_import", import_rows.undo_import, POST),
)
