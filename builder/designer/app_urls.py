"""Where the pages of apps, versions, publishing and packages are."""

from typing import Final

from builder.designer import (
    apps,
    overview,
    publication,
    remains,
    tests_list,
    tests_record,
    transfer,
    versions,
)
from builder.designer.parts import aggregates, conversions, option_sets
from runtime.screens import Url

APPS: Final = "/design"
APP: Final = f"{APPS}/<app_code>"
CONVERSION: Final = f"{APP}/conversions/<conversion_code>"

URLS: Final = (
    Url(APPS, "apps", apps.apps),
    Url(APPS, "create_app", apps.create_app, ("POST",)),
    Url("/packages", "package_form", transfer.package_form),
    Url("/packages", "upload_package", transfer.upload_package, ("POST",)),
    Url(f"{APP}/upgrades/<digest>", "upgrade_form", transfer.upgrade_form),
    Url(f"{APP}/upgrades/<digest>", "take_upgrade", transfer.take_upgrade, ("POST",)),
    Url(APP, "overview", overview.overview),
    Url(f"{APP}/forms", "create_form", overview.create_form, ("POST",)),
    Url(f"{APP}/form-changes", "change_form", overview.change_form, ("POST",)),
    Url(f"{APP}/undo", "undo_change", overview.undo_change, ("POST",)),
    Url(f"{APP}/redo", "redo_change", overview.redo_change, ("POST",)),
    Url(f"{APP}/discard", "discard_draft", overview.discard_draft, ("POST",)),
    Url(f"{APP}/publication", "publication", publication.publication),
    Url(f"{APP}/publication", "publish_draft", publication.publish_draft, ("POST",)),
    Url(f"{APP}/versions", "versions", versions.versions),
    Url(f"{APP}/versions/difference", "compare_versions", versions.compare_versions),
    Url(f"{APP}/versions/restoration", "restore_version", versions.restore_version, ("POST",)),
    Url(f"{APP}/tests", "app_tests", tests_list.app_tests),
    Url(f"{APP}/tests", "change_app_test", tests_list.change_app_test, ("POST",)),
    Url(f"{APP}/tests/runs", "run_app_tests", tests_list.run_app_tests, ("POST",)),
    Url(f"{APP}/tests/new", "new_app_test", tests_record.new_app_test),
    Url(f"{APP}/tests/new", "record_app_test", tests_record.record_app_test, ("POST",)),
    Url(f"{APP}/aggregates", "aggregates", aggregates.aggregates),
    Url(f"{APP}/aggregates/new", "new_aggregate", aggregates.new_aggregate),
    Url(f"{APP}/aggregates/new", "create_aggregate", aggregates.create_aggregate, ("POST",)),
    Url(f"{APP}/aggregates/<code>", "aggregate", aggregates.aggregate),
    Url(f"{APP}/aggregates/<code>", "change_aggregate", aggregates.change_aggregate, ("POST",)),
    Url(f"{APP}/conversions", "conversions", conversions.conversions),
    Url(f"{APP}/conversions/new", "new_conversion", conversions.new_conversion),
    Url(f"{APP}/conversions/new", "create_conversion", conversions.create_conversion, ("POST",)),
    Url(CONVERSION, "conversion", conversions.conversion),
    Url(CONVERSION, "change_conversion", conversions.change_conversion, ("POST",)),
    Url(f"{APP}/options", "option_sets", option_sets.option_sets),
    Url(f"{APP}/options", "change_option_set", option_sets.change_option_set, ("POST",)),
    Url(f"{APP}/remains", "remains", remains.remains),
    Url(f"{APP}/remains", "purge_remains", remains.purge_remains, ("POST",)),
    Url(f"{APP}/package", "download_package", transfer.download_package),
)
