"""Several people at one document, or at one shelf, at the same moment: one effect, no loss."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from runtime import documents, workflow
from runtime.infra.act import Act
from runtime.infra.audit import audit_table
from runtime.infra.errors import AppError


def together(acts: Sequence[Callable[[], Any]]) -> Counter[str]:
    """Do everything at once; returns how each ended: `ok`, or the code of the refusal."""
    start = threading.Barrier(len(acts))
    endings: list[str] = []

    def run(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            act()
            endings.append("ok")
        except AppError as refusal:
            endings.append(refusal.code)
        except BaseException as failure:
            endings.append(repr(failure))
            raise

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(endings)


def actions(shop: Any, record_id: int, form: str = "delivery") -> Counter[str]:
    """What the audit says was done to a document."""
    query = select(audit_table.c.action).where(
        audit_table.c.form == f"shop.{form}", audit_table.c.record_id == record_id
    )
    with shop.database.reading() as connection:
        return Counter(connection.execute(query).scalars())


def sent(shop: Any, pens: int) -> Any:
    values = shop.delivery(("pen", pens))
    return shop.do(
        "clerk", lambda act: documents.create_and_submit(act, shop.form("delivery"), values)
    )


def decisions(shop: Any, record: Any, words: str) -> list[Callable[[], Any]]:
    """`wang+` approves, `li-` rejects; each with the task as they found it."""
    made: list[Callable[[], Any]] = []
    for word in words.split():
        who, decision = word[:-1], "approve" if word[-1] == "+" else "reject"
        tasks = shop.do(who, workflow.to_do)
        task_id = next(task.task_id for task in tasks if task.record_id == record.id)

        def decide(act: Act, decision: str = decision, task_id: int = task_id) -> Any:
            return documents.decide(act, record.form, record.id, decision, "", task_id=task_id)

        made.append(lambda who=who, decide=decide: shop.do(who, decide))
    return made


def test_many_decisions__one_counts(shop: Any) -> None:
    for words in ("wang+ li+", "wang+ li-", "wang- li-", "wang+ " * 8, "wang+ li- " * 4):
        document = sent(shop, 1)
        endings = together(decisions(shop, document, words))
        assert endings == {"ok": 1, "task_is_closed": len(words.split()) - 1}, words
        done = actions(shop, document.id)
        assert done["approve"] + done["reject"] == 1
        assert done["post"] == done["approve"]


def test_decision_and_cancellation__agree(shop: Any) -> None:
    for _ in range(4):
        before = shop.do("clerk", lambda act: shop.kernel.on_hand(act, shop.ids["pen"]))
        document = sent(shop, 1)

        def cancel(document: Any = document) -> Any:
            return shop.do(
                "clerk",
                lambda act: documents.cancel(
                    act, document.form, document.id, version=1, reason="错"
                ),
            )

        endings = together([*decisions(shop, document, "wang+"), cancel])
        done = actions(shop, document.id)
        left = shop.do("clerk", lambda act: shop.kernel.on_hand(act, shop.ids["pen"]))
        if done["cancel"]:
            assert endings == {"ok": 1, "task_is_closed": 1}
            assert (done["post"], before - left) == (0, 0)
        else:
            assert endings == {"ok": 1, "version_conflict": 1}
            assert (done["post"], before - left) == (1, 1)


def test_cancelled_twice__is_voided_once(shop: Any) -> None:
    values = shop.delivery(("pen", 2))
    del values["customer"]
    form = shop.form("quick")
    made = shop.do("clerk", lambda act: documents.create_and_submit(act, form, values))

    def cancel() -> Any:
        return shop.do(
            "clerk", lambda act: documents.cancel(act, form, made.id, version=1, reason="错")
        )

    assert together([cancel] * 4) == {"ok": 1, "already_cancelled": 3}
    assert actions(shop, made.id, "quick")["cancel"] == 1
    assert shop.do("clerk", lambda act: shop.kernel.on_hand(act, shop.ids["pen"])) == 10


def test_saved_by_two__the_second_is_told(shop: Any) -> None:
    form = shop.form("delivery")
    made = shop.do("clerk", lambda act: documents.create(act, form, shop.delivery(("pen", 1))))

    def save(words: str) -> Callable[[], Any]:
        return lambda: shop.do(
            "clerk",
            lambda act: documents.update(act, form, made.id, {"remark": words}, version=1),
        )

    assert together([save(f"第 {number} 人") for number in range(6)]) == {
        "ok": 1,
        "version_conflict": 5,
    }


def test_eight_clerks__numbers_without_gap(shop: Any) -> None:
    values = shop.delivery(("pen", 1))
    form = shop.form("delivery")

    def send() -> Any:
        return shop.do("clerk", lambda act: documents.create_and_submit(act, form, values))

    def fail() -> Any:
        # It takes a number and then finds no stock.
        return shop.do(
            "clerk",
            lambda act: documents.create_and_submit(act, form, shop.delivery(("pen", 99))),
        )

    assert together([send, fail] * 4) == {"ok": 4, "posting_refused": 4}
    with shop.database.reading() as connection:
        query = select(form.by_code["document_no"].column)
        numbers = connection.execute(query).scalars().all()
    assert sorted(numbers) == [f"XSCK-2026112100{number:02}" for number in range(1, 5)]
