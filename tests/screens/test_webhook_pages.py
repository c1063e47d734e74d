"""The page of webhooks, as an administrator meets it."""

import re
from collections.abc import Callable

from tests.screens.person import Person

SENT = {
    "label": "网店", "url": "https://example.com/hook?key=k1", "place": "jxc/item", "owner": "1",
    "event": "create",
}  # fmt: skip


def test_page__made_changed_tried_and_ended(person: Callable[[str], Person]) -> None:
    assert person("chenli").get("/webhooks").status == 403
    admin = person("admin")
    assert "还没有推送" in admin.get("/webhooks").text
    inside = admin.post("/webhooks", **{**SENT, "url": "https://10.1.2.3/"})
    assert inside.status == 422
    assert "这个地址在内网里" in inside.text
    assert inside.one("#f-url")["value"] == "https://10.1.2.3/", "what was typed is still there"
    made = admin.post("/webhooks", **SENT)
    assert made.status == 200, made.text[:2000]
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{40,}", made.text)
    assert secret is not None
    path = str(made.one(".wh-list a")["href"])
    assert secret[0] not in admin.get(path).text, "it is shown once"
    renewed = admin.post(f"{path}/secret")
    assert renewed.status == 200
    assert secret[0] not in renewed.text
    assert admin.post(f"{path}/test").status == 303
    log = admin.get(path).text
    assert "推送测试" in log
    assert "等待发送" in log
    # Switched off nothing is tried; and what is no owner is no rubbish to stumble over.
    assert admin.post(path, **{**SENT, "label": "网店二", "is_off": "on"}).status == 303
    assert "推送已停用" in admin.post(f"{path}/test").text
    assert admin.post(path, **{**SENT, "owner": "x"}).status == 400
    assert "网店二" in admin.get("/webhooks").text
    assert admin.post(f"{path}/deliveries/999/replay").status == 404
    assert admin.post(f"{path}/ending").status == 303
    assert admin.get(path).status == 404
