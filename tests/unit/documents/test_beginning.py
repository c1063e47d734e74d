"""What an approval says of its beginning: what its initiator may not write, and must."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from runtime import documents, workflow
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra.act import Act
from runtime.infra.errors import AppError, ValidationFailed
from runtime.query import Record
from tests.unit.documents.conftest import APP, Shop

START = {
    "access": {"days": "view", "reason": "require"},
    "updates": {"reason": '={reason}&"（已提交）"'},
}


@pytest.fixture
def leave_shop(shop: Shop) -> Shop:
    source = deepcopy(APP)
    flow = next(each for each in source["workflows"] if each["code"] == "leave_approval")
    flow["start"] = START
    return replace(shop, app=compile_app(load_app(source), 1))


def refused(shop: Shop, who: str, doing: Callable[[Act], Any]) -> list[tuple[str, str]]:
    before = shop.fingerprint()
    with pytest.raises(AppError) as error:
        shop.do(who, doing)
    assert isinstance(error.value, ValidationFailed)
    assert shop.fingerprint() == before
    return [(each.pointer, each.code) for each in error.value.problems]


def test_fields_of_the_beginning(leave_shop: Shop) -> None:
    shop, form = leave_shop, leave_shop.form("leave")

    def made(values: dict[str, Any]) -> Callable[[Act], Record]:
        return lambda act: documents.create(act, form, values)

    foreign = [("/days", "field_not_of_step")]
    assert refused(shop, "clerk", made({"reason": "病", "days": "3"})) == foreign
    draft: Record = shop.do("clerk", made({"reason": "病", "days": None}))
    change = {"days": "2"}
    assert (
        refused(shop, "clerk", lambda act: documents.update(act, form, draft.id, change, version=1))
        == foreign
    )
    # The system fills in what people may not.
    after = shop.do("system", lambda act: documents.update(act, form, draft.id, change, version=1))
    same = {"reason": "大病", "days": "2"}
    shop.do(
        "clerk",
        lambda act: documents.update(act, form, draft.id, same, version=after.version),
    )
    sent = shop.do("clerk", lambda act: documents.submit(act, form, draft.id, version=3))
    assert (sent.status, sent.values["reason"]) == ("submitted", "大病（已提交）")


def test_sent_back_to_the_beginning__is_the_beginning_again(leave_shop: Shop) -> None:
    shop, form = leave_shop, leave_shop.form("leave")
    sent: Record = shop.do(
        "clerk", lambda act: documents.create_and_submit(act, form, {"reason": "事"})
    )

    def task(act: Act) -> int:
        return workflow.to_do(act)[-1].task_id

    shop.do(
        "wang",
        lambda act: acts.send_back(
            act, form, sent.id, Said(), task_id=task(act), to="start", version=sent.version
        ),
    )

    def again(values: dict[str, Any]) -> Callable[[Act], Record]:
        return lambda act: acts.decide(
            act, form, sent.id, "fill", Said(), task_id=task(act), version=sent.version,
            values=values,
        )  # fmt: skip

    assert refused(shop, "clerk", again({"days": "9"})) == [("/days", "field_not_of_step")]
    assert refused(shop, "clerk", again({"reason": ""})) != []
    after = shop.do("clerk", again({"reason": "急事"}))
    assert after.values["reason"] == "急事（已提交）"
