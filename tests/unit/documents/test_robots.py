"""What robots of other services are told: the words of the step, and where to sign in."""

import json
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from runtime import documents
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.documents.flows import clock
from runtime.infra.db import Database
from runtime.infra.jobs import run_one
from runtime.infra.settings import read
from runtime.tasks import TASKS
from tests.unit.documents.conftest import APP, Kernel, open_shop

ROBOT = "https://oapi.example.com/robot/send?access_token=x"
SAID = "销售出库要审批\nhttps://erp.example.com/a/shop/delivery/{id}"


BODIES = {
    "dingtalk": {"msgtype": "text", "text": {"content": SAID}},
    "wecom": {"msgtype": "text", "text": {"content": SAID}},
    "webhook": {"text": SAID},
}


@pytest.mark.parametrize("robot", BODIES)
def test_robot__is_told_once_with_a_way_in(
    robot: str,
    database: Database,
    now: datetime,
    kernel: Kernel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = deepcopy(APP)
    telling = {
        "id": "n_robot",
        "type": "notify",
        "text": '="销售出库要审批"',
        "by": [robot],
        "url": ROBOT,
    }
    source["workflows"][0]["steps"].insert(0, telling)
    shop = open_shop(database, compile_app(load_app(source), 1), now, kernel)
    sent: list[tuple[str, Any]] = []

    def post(url: str, content: bytes, _headers: Any, _way: Any) -> int:
        sent.append((url, json.loads(content)))
        return 200

    monkeypatch.setattr(clock.egress, "post", post)
    form, values = shop.form("delivery"), shop.delivery(("pen", 1))
    made = shop.do("clerk", lambda act: documents.create_and_submit(act, form, values))
    home = {"DAJIAN_HOME": str(tmp_path), "DAJIAN_PUBLIC_URL": "https://erp.example.com/"}
    while run_one(database, read(home), TASKS):
        pass
    expected = json.loads(json.dumps(BODIES[robot]).replace("{id}", str(made.id)))
    assert sent == [(ROBOT, expected)]
