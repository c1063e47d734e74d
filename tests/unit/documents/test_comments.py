"""What people say about a record, who hears of it, and what is in it for nobody else."""

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select, update

from runtime import documents
from runtime.documents import attachments, comments
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import Forbidden, NotFound, ValidationFailed
from runtime.infra.notices import notice_table
from runtime.infra.settings import read as read_settings
from runtime.infra.users import user_table


def notices(shop: Any) -> set[tuple[int, str, int, str]]:
    with shop.database.reading() as connection:
        columns = notice_table.c
        query = select(columns.user_id, columns.kind, columns.record_id, columns.target)
        return {tuple(row) for row in connection.execute(query)}


@pytest.fixture
def note(shop: Any) -> int:
    """A note of Kid's own: interns see their own notes, clerks all, 盲人 none."""
    form = shop.form("note")
    made = shop.do("kid", lambda act: documents.create(act, form, {"words": "甲"}))
    return int(made.id)


def say(shop: Any, who: str, key: int, text: str, *files: int) -> Any:
    form = shop.form("note")
    return shop.do(who, lambda act: comments.add(act, form, key, text, files))


def read(shop: Any, who: str, key: int) -> Any:
    return shop.do(who, lambda act: comments.of_record(act, shop.form("note"), key))


def test_said__is_read_and_told(shop: Any, note: int) -> None:
    first, deaf = say(shop, "clerk", note, "请 @Carol 看，@Mole 也看")
    assert deaf == ("Mole",)
    assert notices(shop) == {
        (7, "mention", note, f"comment-{first}"),
        (5, "comment", note, f"comment-{first}"),
    }
    second, _ = say(shop, "kid", note, "好的")
    assert notices(shop) - {(7, "mention", note, f"comment-{first}")} == {
        (5, "comment", note, f"comment-{first}"),
        (1, "comment", note, f"comment-{second}"),
    }
    one, two = read(shop, "carol", note)
    assert (one.author, one.is_own, two.text) == ("Clerk", False, "好的")
    assert one.parts == (
        ("请 ", False), ("@Carol", True), (" 看，", False), ("@Mole", True), (" 也看", False),
    )  # fmt: skip
    story = shop.do("clerk", lambda act: documents.history(act, shop.form("note"), note))
    assert [one.text for one in story[:2]] == ["Kid 评论", "Clerk 评论"]


def test_names__the_longer_one_and_the_one_that_is_unique(shop: Any, note: int) -> None:
    with shop.database.transaction() as connection:
        for key, name in ((2, "张敏"), (3, "张敏敏"), (4, "李"), (7, "李")):
            named = update(user_table).where(user_table.c.id == key).values(display_name=name)
            connection.execute(named)
    say(shop, "clerk", note, "@张敏敏 和 @李(carol)")
    assert {(who, kind) for who, kind, *_ in notices(shop)} == {
        (3, "mention"), (7, "mention"), (5, "comment"),
    }  # fmt: skip
    found = shop.do("clerk", lambda act: comments.candidates(act, shop.form("note"), note, "张"))
    assert [person.handle for person in found] == ["张敏敏", "张敏"]


def test_who_may_not_view__neither_says_nor_reads(shop: Any, note: int) -> None:
    form = shop.form("note")
    say(shop, "clerk", note, "内部")
    other = shop.do("clerk", lambda act: documents.create(act, form, {"words": "乙"})).id
    for who, key, error in (("mole", note, Forbidden), ("kid", other, NotFound)):
        with pytest.raises(error):
            say(shop, who, key, "x")
        with pytest.raises(Forbidden) if who == "mole" else pytest.raises(AssertionError):
            assert read(shop, who, key) != ()
    with pytest.raises(Forbidden):
        say(shop, "system", note, "x")
    with pytest.raises(ValidationFailed):
        say(shop, "clerk", note, " \n ")
    with pytest.raises(ValidationFailed):
        say(shop, "clerk", note, "x", 999)


def test_withdrawn__by_its_author_or_an_admin(shop: Any, note: int) -> None:
    form = shop.form("note")
    key, _ = say(shop, "clerk", note, "说错了 @Carol")

    def withdraw(who: str) -> None:
        shop.do(who, lambda act: comments.withdraw(act, form, note, key))

    with pytest.raises(Forbidden):
        withdraw("carol")
    withdraw("clerk")
    withdraw("admin")
    (one,) = read(shop, "kid", note)
    assert (one.is_withdrawn, one.text, one.mentions) == (True, "", ())
    with pytest.raises(NotFound):
        shop.do("clerk", lambda act: comments.withdraw(act, form, note, 999))


def test_files__of_a_comment_are_for_whoever_reads_it(shop: Any, note: int, tmp_path: Any) -> None:
    form = shop.form("note")
    settings = read_settings({"DAJIAN_HOME": str(tmp_path)})

    def stored(who: str) -> files.StoredFile:
        kept = shop.do(who, lambda act: files.store(act, settings, BytesIO(b"abc"), "a.txt"))
        assert isinstance(kept, files.StoredFile)
        return kept

    mine = stored("clerk")
    with pytest.raises(ValidationFailed):
        say(shop, "carol", note, "x", mine.id)
    key, _ = say(shop, "clerk", note, "", mine.id)
    assert [file.name for file in read(shop, "kid", note)[0].files] == ["a.txt"]

    def may(who: str, file_id: int) -> bool:
        def ask(act: Act) -> bool:
            file = files.find(act.connection, file_id)
            return attachments.may_read(act, file, lambda _app, code: shop.form(code))

        return bool(shop.do(who, ask))

    other = shop.do("clerk", lambda act: documents.create(act, form, {"words": "乙"})).id
    hers = stored("clerk")
    say(shop, "clerk", other, "", hers.id)
    assert [may(who, mine.id) for who in ("kid", "carol", "mole")] == [True, True, False]
    assert [may(who, hers.id) for who in ("kid", "carol", "mole")] == [False, True, False]
    shop.do("clerk", lambda act: comments.withdraw(act, form, note, key))
    assert not may("carol", mine.id)
