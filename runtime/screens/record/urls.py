"""The addresses around a record: rule, endpoint, view, methods."""

from typing import Any, Final

from runtime.screens.record import conversing, converting, recycled, versions

FORM: Final = "/a/<app_code>/<form_code>"
RECORD: Final = f"{FORM}/<int:record_id>"
CONVERSION: Final = f"{FORM}/conversions/<conversion_code>"
POST: Final = ("POST",)

URLS: Final[tuple[tuple[Any, ...], ...]] = (
    (f"{RECORD}/comments", "add_comment", conversing.add_comment, POST),
    (
        f"{RECORD}/comments/<int:comment_id>/withdrawal",
        "withdraw_comment",
        conversing.withdraw_comment,
        POST,
    ),
    (f"{RECORD}/people", "people_to_name", conversing.people_to_name),
    (f"{RECORD}/versions", "record_versions", versions.record_versions),
    (
        f"{RECORD}/versions/<int:version_id>/restoration",
        "restore_version",
        versions.restore_version,
        POST,
    ),
    (CONVERSION, "conversion", converting.conversion),
    (CONVERSION, "convert_records", converting.convert_records, POST),
    (f"{FORM}/bin", "recycle_bin", recycled.recycle_bin),
    (f"{FORM}/bin/<int:record_id>", "deleted_record", recycled.deleted_record),
    (f"{FORM}/bin/<int:record_id>/restoration", "undelete_record", recycled.undelete_record, POST),
    (f"{FORM}/bin/purging", "purge_records", recycled.purge_records, POST),
)
