"""How long flows take, told of runs whose times are known."""

from dataclasses import replace
from datetime import timedelta

from runtime import documents, workflow
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra.act import Act
from runtime.workflow import statistics
from tests.unit.documents.conftest import Shop


def test_figures__of_what_was_answered_and_what_waits(shop: Shop) -> None:
    form, since = shop.form("leave"), shop.now - timedelta(days=1)
    flow = ("shop", "leave_approval")

    def at(who: str, hours: int) -> None:
        later = replace(shop, now=shop.now + timedelta(hours=hours))

        def answer(act: Act) -> None:
            task = workflow.to_do(act)[0]
            acts.decide(act, form, task.record_id, "approve", Said(), task_id=task.task_id)

        later.do(who, answer)

    for reason in ("甲", "乙", "丙"):
        values = {"reason": reason}
        shop.do("clerk", lambda act, v=values: documents.create_and_submit(act, form, v))
    at("wang", 1)
    at("li", 3)
    at("boss", 8)
    seen = replace(shop, now=shop.now + timedelta(hours=10))
    found = seen.do("admin", lambda act: statistics.times(act, *flow, since=since))
    steps, people, whole = found.steps, found.people, found.whole
    assert [(each.step, each.label.zh, each.answered, each.open) for each in steps] == [
        ("n_lead", "主管", 2, 2), ("n_boss", "老板", 1, 1),
    ]  # fmt: skip
    lead, boss = steps
    assert (lead.seconds_median, lead.seconds_mean, lead.seconds_longest) == (3600, 7200, 10800)
    assert (lead.open_seconds_longest, boss.seconds_median) == (36000, 25200)
    assert [(each.user_id, each.answered, each.open) for each in people] == [
        (4, 1, 1), (3, 1, 1), (2, 1, 1),
    ]  # fmt: skip
    assert (whole.started, whole.running, whole.approved, whole.bottleneck) == (3, 2, 1, "n_boss")
    assert whole.seconds_median == 8 * 3600
    assert seen.do("admin", lambda act: statistics.overdue(act, "shop")) == ()
