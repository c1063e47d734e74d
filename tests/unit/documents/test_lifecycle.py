"""The life of a document as a clerk, an approver and a bookkeeper know it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from runtime import documents, workflow
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Conflict, Refused, ValidationFailed
from runtime.query import Record, record


class Story:
    """One document told in words: `clerk:submit`, `wang:approve`, `clerk:cancel`."""

    def __init__(self, shop: Any, form: str, values: dict[str, Any]) -> None:
        self.shop, self.form, self.values = shop, shop.form(form), values
        self.record: Record | None = None

    def tell(self, word: str) -> None:
        """Let a person do one thing."""
        who, _, what = word.partition(":")
        made = self.shop.do(who, getattr(self, what))
        self.record = made or self.record
        stored = self.shop.do(who, self.look) if made else self.shop.do("admin", self.look)
        assert made in (None, stored), "what a verb returns is what is stored"
        self.record = stored

    @property
    def at(self) -> tuple[int, int]:
        """The document's id and version, as its reader knows them."""
        assert self.record is not None
        return self.record.id, self.record.version

    def is_asked(self) -> bool:
        """Whether anybody has an open task about the document."""
        about = (self.form.app_code, self.form.code, self.at[0])
        tasks = self.shop.do("admin", lambda act: workflow.of_record(act, *about))
        return any(task.state == "open" for task in tasks)

    def look(self, act: Act) -> Record | None:
        return None if self.record is None else record(act, self.form, self.record.id)

    def create(self, act: Act) -> Record:
        return documents.create(act, self.form, self.values)

    def send(self, act: Act) -> Record:
        return documents.create_and_submit(act, self.form, self.values)

    def submit(self, act: Act) -> Record:
        return documents.submit(act, self.form, self.at[0], version=self.at[1])

    def edit(self, act: Act) -> Record:
        code = next(code for code in ("remark", "reason", "words") if code in self.form.by_code)
        changed = {code: f"改 {self.at[1]}"}
        return documents.update(act, self.form, self.at[0], changed, version=self.at[1])

    def approve(self, act: Act) -> Record | None:
        return self.decide(act, "approve")

    def reject(self, act: Act) -> Record | None:
        return self.decide(act, "reject")

    def decide(self, act: Act, decision: str) -> Record | None:
        tasks = workflow.of_record(act, self.form.app_code, self.form.code, self.at[0])
        mine = [task for task in tasks if task.user_id == act.actor.user_id]
        task_id = mine[-1].task_id if mine else tasks[-1].task_id if tasks else 999
        return documents.decide(act, self.form, self.at[0], decision, "", task_id=task_id)

    def cancel(self, act: Act) -> Record:
        return documents.cancel(act, self.form, self.at[0], version=self.at[1], reason="错")

    def delete(self, act: Act) -> None:
        documents.delete(act, self.form, self.at[0], version=self.at[1])


def story_of(shop: Any, form: str, pens: int = 3) -> Story:
    lines = shop.delivery(("pen", pens))
    values = {
        "delivery": lines,
        "quick": {key: value for key, value in lines.items() if key != "customer"},
        "leave": {"reason": "探亲"},
        "note": {"words": "买茶叶"},
    }
    return Story(shop, form, values[form])


# form      what happens                                                    status     pens gone
LIVES = """
delivery  | clerk:create                                                    | draft     | 0
delivery  | clerk:create clerk:edit                                         | draft     | 0
delivery  | clerk:create clerk:submit                                       | submitted | 0
delivery  | clerk:send                                                      | submitted | 0
delivery  | clerk:send wang:approve                                         | posted    | 3
delivery  | clerk:send li:approve                                           | posted    | 3
delivery  | clerk:send wang:reject                                          | rejected  | 0
delivery  | clerk:send wang:reject clerk:edit                               | draft     | 0
delivery  | clerk:send wang:reject clerk:submit                             | submitted | 0
delivery  | clerk:send wang:reject clerk:edit clerk:submit li:approve       | posted    | 3
delivery  | clerk:send wang:reject admin:edit                               | draft     | 0
delivery  | clerk:send wang:approve clerk:cancel                            | cancelled | 0
delivery  | clerk:send clerk:cancel                                         | cancelled | 0
delivery  | clerk:create clerk:cancel                                       | cancelled | 0
delivery  | clerk:send wang:reject clerk:cancel                             | cancelled | 0
quick     | clerk:create                                                    | draft     | 0
quick     | clerk:create clerk:submit                                       | posted    | 3
quick     | clerk:send                                                      | posted    | 3
quick     | clerk:send clerk:cancel                                         | cancelled | 0
leave     | clerk:send                                                      | submitted | 0
leave     | clerk:send wang:approve                                         | submitted | 0
leave     | clerk:send wang:approve boss:approve                            | approved  | 0
leave     | clerk:send wang:approve boss:reject                             | rejected  | 0
leave     | clerk:send wang:approve boss:approve clerk:cancel               | cancelled | 0
leave     | clerk:send wang:approve clerk:cancel                            | cancelled | 0
note      | clerk:send                                                      | submitted | 0
note      | clerk:send clerk:cancel                                         | cancelled | 0
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]


def test_lives(shop: Any) -> None:
    pens = shop.ids["pen"]
    shop.do("admin", lambda act: shop.kernel.give(act, pens, 1000))
    for form, acts, status, gone in _rows(LIVES):
        before = shop.do("clerk", lambda act: shop.kernel.on_hand(act, pens))
        story = story_of(shop, form)
        for word in acts.split():
            story.tell(word)
        left = shop.do("clerk", lambda act: shop.kernel.on_hand(act, pens))
        in_flow = status == "submitted" and story.form.workflow is not None
        found = (shop.do("admin", story.look).status, before - left, story.is_asked())
        assert found == (status, int(gone), in_flow), (form, acts)


# form      what happened before                            then             why not
REFUSED = """
delivery  |                                               | wang:create    | form_forbidden
delivery  |                                               | wang:send      | form_forbidden
delivery  |                                               | kid:create     | form_forbidden
delivery  | clerk:create                                  | wang:edit      | form_forbidden
delivery  | clerk:create                                  | wang:submit    | form_forbidden
delivery  | clerk:create                                  | wang:cancel    | form_forbidden
delivery  | clerk:create                                  | wang:delete    | form_forbidden
delivery  | clerk:create                                  | wang:approve   | not_found
delivery  | clerk:send                                    | clerk:edit     | not_editable
delivery  | clerk:send                                    | clerk:submit   | not_editable
delivery  | clerk:send                                    | clerk:delete   | not_deletable
delivery  | clerk:send                                    | clerk:approve  | not_your_task
delivery  | clerk:send                                    | boss:approve   | not_your_task
delivery  | clerk:send                                    | admin:approve  | not_your_task
delivery  | clerk:send wang:approve                       | wang:approve   | task_is_closed
delivery  | clerk:send wang:approve                       | li:approve     | task_is_closed
delivery  | clerk:send wang:approve                       | li:reject      | task_is_closed
delivery  | clerk:send wang:approve                       | clerk:edit     | not_editable
delivery  | clerk:send wang:approve                       | clerk:submit   | not_editable
delivery  | clerk:send wang:approve                       | clerk:delete   | not_deletable
delivery  | clerk:send wang:reject                        | li:approve     | task_is_closed
delivery  | clerk:send wang:reject                        | carol:edit     | rejected_is_the_makers
delivery  | clerk:send wang:reject                        | carol:submit   | rejected_is_the_makers
delivery  | clerk:send wang:reject                        | clerk:delete   | not_deletable
delivery  | clerk:send wang:reject clerk:edit             | clerk:delete   | not_deletable
delivery  | clerk:send clerk:cancel                       | wang:approve   | task_is_closed
delivery  | clerk:send clerk:cancel                       | clerk:cancel   | already_cancelled
delivery  | clerk:send clerk:cancel                       | clerk:edit     | not_editable
delivery  | clerk:send clerk:cancel                       | clerk:submit   | not_editable
quick     | clerk:send clerk:cancel                       | clerk:cancel   | already_cancelled
leave     | clerk:send                                    | boss:approve   | not_your_task
leave     | clerk:send wang:approve                       | wang:approve   | task_is_closed
"""


def test_refused_acts__change_nothing(shop: Any) -> None:
    shop.do("admin", lambda act: shop.kernel.give(act, shop.ids["pen"], 1000))
    for form, before, then, code in _rows(REFUSED):
        story = story_of(shop, form)
        for word in before.split():
            story.tell(word)
        books = shop.fingerprint()
        with pytest.raises(AppError) as refusal:
            story.tell(then)
        assert refusal.value.code == code, (form, before, then)
        assert shop.fingerprint() == books, (form, before, then)


def test_submit__more_than_on_hand__names_the_line_and_changes_nothing(shop: Any) -> None:
    delivery = shop.form("delivery")
    values = shop.delivery(("ink", 5), ("pen", 11))
    draft = shop.do("clerk", lambda act: documents.create(act, delivery, values))
    books = shop.fingerprint()
    for what in (
        lambda act: documents.submit(act, delivery, draft.id, version=1),
        lambda act: documents.create_and_submit(act, delivery, values),
        lambda act: documents.create_and_submit(
            act, shop.form("quick"), {k: v for k, v in values.items() if k != "customer"}
        ),
    ):
        with pytest.raises(Refused) as refusal:
            shop.do("clerk", what)
        assert [problem.pointer for problem in refusal.value.problems] == ["/lines/1/qty"]
        assert shop.fingerprint() == books


def test_approval__whose_posting_is_refused__leaves_the_task_open(shop: Any) -> None:
    first, second = story_of(shop, "delivery", 6), story_of(shop, "delivery", 6)
    first.tell("clerk:send")
    second.tell("clerk:send")
    first.tell("wang:approve")
    books = shop.fingerprint()
    with pytest.raises(Refused) as refusal:
        second.tell("wang:approve")
    assert [problem.pointer for problem in refusal.value.problems] == ["/lines/0/qty"]
    assert shop.fingerprint() == books
    first.tell("clerk:cancel")
    second.tell("wang:approve")
    assert second.record is not None
    assert second.record.status == "posted"


def test_number__is_given_on_submit_and_kept(shop: Any) -> None:
    numbers = []
    for acts in ("clerk:create", "clerk:send", "clerk:send wang:reject clerk:edit clerk:submit"):
        story = story_of(shop, "delivery")
        for word in acts.split():
            story.tell(word)
        assert story.record is not None
        numbers.append(story.record.values["document_no"])
    assert numbers == [None, "XSCK-202611210001", "XSCK-202611210002"]


def test_master_data__has_its_number_at_once_and_no_life_cycle(shop: Any) -> None:
    customer = shop.form("customer")
    made = shop.do("admin", lambda act: documents.create(act, customer, {"name": "甲"}))
    assert made.values["customer_no"] == "K202611210002"
    assert (made.status, made.values["keeper"]) == ("active", 6)
    for what in (
        lambda act: documents.submit(act, customer, made.id, version=1),
        lambda act: documents.cancel(act, customer, made.id, version=1, reason="错"),
        lambda act: documents.create_and_submit(act, customer, {"name": "乙"}),
    ):
        with pytest.raises(Conflict, match="not_a_document"):
            shop.do("admin", what)


def test_stale_version__says_who_and_when(shop: Any) -> None:
    story = story_of(shop, "delivery")
    story.tell("clerk:create")
    form, key = story.form, story.at[0]
    shop.do("carol", lambda act: documents.update(act, form, key, {"remark": "快"}, version=1))
    books = shop.fingerprint()
    acts: tuple[Callable[[Act], Any], ...] = (
        lambda act: documents.update(act, form, key, {"remark": "慢"}, version=1),
        lambda act: documents.submit(act, form, key, version=1),
        lambda act: documents.cancel(act, form, key, version=1, reason="错"),
        lambda act: documents.delete(act, form, key, version=1),
        lambda act: documents.update(act, form, key, {"remark": "慢"}, version=3),
    )
    for what in acts:
        with pytest.raises(Conflict) as refusal:
            shop.do("clerk", what)
        assert refusal.value.code == "version_conflict"
        params = {"who": "Carol", "when": "2026-11-21 09:30", "version": 2}
        assert refusal.value.params == params
    assert shop.fingerprint() == books


def test_decision__of_another_version__is_a_conflict(shop: Any) -> None:
    story = story_of(shop, "delivery")
    story.tell("clerk:send")

    def decide(act: Act, version: int) -> Any:
        (task,) = workflow.to_do(act)
        return documents.decide(
            act, story.form, story.at[0], "approve", "", task_id=task.task_id, version=version
        )

    with pytest.raises(Conflict, match="version_conflict"):
        shop.do("wang", lambda act: decide(act, 9))
    assert shop.do("wang", lambda act: decide(act, 1)).status == "posted"


@pytest.mark.parametrize("decision", ["APPROVE", "approve ", "", "withdraw", "同意"])
def test_decision__that_is_none(shop: Any, decision: str) -> None:
    story = story_of(shop, "delivery")
    story.tell("clerk:send")
    with pytest.raises(AppError, match="decision_unknown"):
        shop.do("wang", lambda act: story.decide(act, decision))


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("长" * 2001, "comment_too_long"),
        ("a\x00b", "comment_control_character"),
        (" \n", "reason_missing"),
    ],
)
def test_comment__that_cannot_be_kept(shop: Any, comment: str, code: str) -> None:
    story = story_of(shop, "delivery")
    story.tell("clerk:send")
    books = shop.fingerprint()
    with pytest.raises(AppError) as refusal:
        shop.do(
            "clerk",
            lambda act: documents.cancel(act, story.form, story.at[0], version=1, reason=comment),
        )
    assert refusal.value.code == code
    assert shop.fingerprint() == books


def test_approver_who_lost_the_role__may_not_decide(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = story_of(shop, "delivery")
    story.tell("clerk:send")
    wang = type(shop.people["wang"])(2, "Wang", frozenset({"clerk"}))
    # The shop is shared by the tests of a module.
    monkeypatch.setitem(shop.people, "wang", wang)
    with pytest.raises(AppError, match="right_withdrawn"):
        story.tell("wang:approve")


def test_approver_without_a_grant__decides_by_the_task(shop: Any) -> None:
    story = story_of(shop, "leave")
    for word in ("clerk:send", "wang:approve"):
        story.tell(word)
    assert shop.do("boss", story.approve) is None, "the boss has no grant to view"
    assert shop.do("clerk", story.look).status == "approved"


def test_own_rows__others_are_not_there(shop: Any) -> None:
    note = shop.form("note")
    theirs = shop.do("clerk", lambda act: documents.create(act, note, {"words": "甲"}))
    mine = shop.do("kid", lambda act: documents.create(act, note, {"words": "乙"}))
    with pytest.raises(AppError, match="not_found"):
        shop.do(
            "kid", lambda act: documents.update(act, note, theirs.id, {"words": "丙"}, version=1)
        )
    changed = shop.do(
        "kid", lambda act: documents.update(act, note, mine.id, {"words": "丙"}, version=1)
    )
    assert changed.values["words"] == "丙"
    leave = shop.form("leave")
    seen = shop.do("clerk", lambda act: documents.create(act, leave, {"reason": "丁"}))
    with pytest.raises(AppError, match="form_forbidden"):
        shop.do(
            "kid", lambda act: documents.update(act, leave, seen.id, {"reason": "戊"}, version=1)
        )


def test_delete__only_what_nothing_points_to(shop: Any) -> None:
    item, delivery = shop.form("item"), shop.form("delivery")
    made = shop.do("clerk", lambda act: documents.create(act, delivery, shop.delivery(("pen", 1))))
    books = shop.fingerprint()
    with pytest.raises(Conflict) as refusal:
        shop.do("clerk", lambda act: documents.delete(act, item, shop.ids["pen"], version=1))
    assert refusal.value.code == "in_use"
    assert refusal.value.params == {"where": f"销售出库 #{made.id}"}
    assert shop.fingerprint() == books
    shop.do("clerk", lambda act: documents.delete(act, delivery, made.id, version=1))
    shop.do("clerk", lambda act: documents.delete(act, item, shop.ids["pen"], version=1))
    with pytest.raises(AppError, match="not_found"):
        shop.do("clerk", lambda act: documents.delete(act, item, shop.ids["pen"], version=1))


def test_submit__asks_for_what_a_draft_may_lack(shop: Any) -> None:
    delivery = shop.form("delivery")
    draft = shop.do(
        "clerk", lambda act: documents.create(act, delivery, {"lines": [{"item": shop.ids["pen"]}]})
    )
    books = shop.fingerprint()
    with pytest.raises(ValidationFailed) as refusal:
        shop.do("clerk", lambda act: documents.submit(act, delivery, draft.id, version=1))
    assert [(problem.pointer, problem.code) for problem in refusal.value.problems] == [
        ("/customer", "value_missing"),
        ("/warehouse", "value_missing"),
        ("/lines/0/qty", "value_missing"),
    ]
    assert shop.fingerprint() == books


def test_submit__computes_again(shop: Any) -> None:
    story = story_of(shop, "quick")
    story.tell("clerk:create")
    shop.do(
        "clerk",
        lambda act: documents.update(
            act, shop.form("item"), shop.ids["pen"], {"specification": "0.7mm"}, version=1
        ),
    )
    story.tell("clerk:submit")
    assert story.record is not None
    line = story.record.lines["lines"][0].values
    assert (line["specification"], line["price"]) == ("0.7mm", Decimal("12.5"))
