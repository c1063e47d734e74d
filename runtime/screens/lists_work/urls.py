"""The addresses of work on lists: rule, endpoint, view, methods."""

from typing import Any, Final

from runtime.screens.lists_work import batches, cells, exports, looks, printing, sheet

FORM: Final = "/a/<app_code>/<form_code>"
RECORD: Final = f"{FORM}/<int:record_id>"

URLS: Final[tuple[tuple[Any, ...], ...]] = (
    (f"{FORM}/export", "export_dialog", exports.export_dialog),
    (f"{FORM}/export", "export_records", exports.export_records, ("POST",)),
    (f"{FORM}/printouts", "print_dialog", printing.print_dialog),
    (f"{FORM}/printouts", "print_records", printing.print_records, ("POST",)),
    (
        f"{RECORD}/printouts/<printout_code>",
        "print_record",
        printing.print_record,
        ("POST",),
    ),
    (f"{FORM}/batches/new", "batch_dialog", batches.batch_dialog),
    (f"{FORM}/batches/trial", "batch_trial", batches.batch_trial, ("POST",)),
    (f"{FORM}/batches", "create_batch", batches.create_batch, ("POST",)),
    (f"{FORM}/batches/<int:batch_id>", "show_batch", batches.show_batch),
    (f"{FORM}/batches/<int:batch_id>/undoing", "undo_batch", batches.undo_batch, ("POST",)),
    (f"{RECORD}/cells/<field_code>", "cell_box", cells.cell_box),
    (f"{RECORD}/cells/<field_code>", "save_cell", cells.save_cell, ("POST",)),
    (f"{FORM}/sheet", "show_sheet", sheet.show_sheet),
    (f"{FORM}/sheet", "save_sheet", sheet.save_sheet, ("POST",)),
    (f"{FORM}/looks/<view_key>", "show_look", looks.show_look),
    ("/exports/<int:job_id>", "download_export", exports.download_export),
)
