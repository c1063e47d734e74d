"""Every address declares what it asks for, and asks for it."""

from collections.abc import Callable

import pytest
from flask import Flask

from runtime.app import undeclared_views
from runtime.screens import URLS
from runtime.screens.routes import GENERAL, VERBS, declared, permission
from tests.screens.person import Person

OPEN_TO_ALL = {
    "sign_in", "second_step", "invitation", "accept_invitation",
    "public_page", "send_public_form", "open_public_link",
}  # fmt: skip
VALUES = {
    "app_code": "jxc", "form_code": "item", "record_id": "1", "task_id": "1", "job_id": "1",
    "delegation_id": "1",
    "field_path": "base_uom", "batch_id": "1", "step_code": "n_ding", "file_id": "1", "key": "x",
    "comment_id": "1", "version_id": "1", "conversion_code": "receipt_to_return",
    "printout_code": "delivery_note",
    "department_id": "1", "field_code": "base_uom", "symbology": "qr",
    "view_key": "~board",
    "webhook_id": "1", "delivery_id": "1",
    "entry_id": "1",
    "user_id": "1",
    "link_token": "x" * 32, "link_id": "1",
    "token_id": "1",
    "session_id": "1",
    "pin_id": "1", "run_id": "1",
}  # fmt: skip


def path_of(rule: str) -> str:
    for name, value in VALUES.items():
        rule = rule.replace(f"<int:{name}>", value).replace(f"<{name}>", value)
    assert "<" not in rule, f"no value for {rule}"
    return rule


@pytest.mark.parametrize("url", URLS, ids=lambda url: url.endpoint)
def test_url__declares_a_permission(url: object) -> None:
    found = declared(url.view)  # type: ignore[attr-defined]
    assert found is not None
    assert found.permission in GENERAL | VERBS
    assert (found.permission == "public") == (url.endpoint in OPEN_TO_ALL)  # type: ignore[attr-defined]


def test_permission__unknown_name() -> None:
    with pytest.raises(AssertionError, match="no permission called 'everything'"):
        permission("everything")


def test_start__refused_with_an_undeclared_view(app: Flask) -> None:
    assert undeclared_views(app) == ()
    app.view_functions["loose"] = lambda: "x"
    try:
        findings = undeclared_views(app)
    finally:
        del app.view_functions["loose"]
    assert [finding.params for finding in findings] == [{"endpoint": "loose"}]


def test_visitor__is_sent_to_the_door_from_everywhere(visitor: Person) -> None:
    visitor.get("/sign-in")
    for url in URLS:
        if url.endpoint in OPEN_TO_ALL:
            continue
        method = visitor.get if "GET" in url.methods else visitor.post
        answer = method(path_of(url.rule))
        assert answer.status == 303, url.rule
        assert answer.response.location.startswith("/sign-in"), url.rule


def test_write__without_the_token_is_refused(person: Callable[[str], Person]) -> None:
    somebody = person("admin")
    somebody.token = ""
    for url in URLS:
        if "POST" in url.methods and url.endpoint not in OPEN_TO_ALL:
            assert somebody.post(path_of(url.rule)).status == 403, url.rule


def test_verb__is_checked_on_the_form_of_the_address(person: Callable[[str], Person]) -> None:
    # 张敏 sells: receipts and suppliers are not hers.
    somebody = person("zhangmin")
    for path in ("/a/jxc/supplier", "/a/jxc/supplier/filter", "/a/jxc/supplier/new"):
        answer = somebody.get(path)
        assert answer.status == 403, path
        assert answer.texts("h1") == ["没有权限"]


@pytest.mark.parametrize("path", ["/a/none", "/a/jxc/none", "/stock/none", "/jobs/9999", "/none"])
def test_address__of_nothing(person: Callable[[str], Person], path: str) -> None:
    answer = person("admin").get(path)
    assert answer.status == 404
    assert answer.texts("h1") == ["没有找到"]


def test_script__hears_of_a_refusal_in_words(person: Callable[[str], Person]) -> None:
    answer = person("zhangmin").get("/a/jxc/supplier", script=True).response
    assert answer.status_code == 403
    assert answer.headers["HX-Reswap"] == "none"
    assert "ui:toast" in answer.headers["HX-Trigger"]
    assert answer.headers["HX-Trigger"].isascii()
